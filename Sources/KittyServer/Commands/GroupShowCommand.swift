import ArgumentParser
import KittyShared

/// `kittycash-server group show`.
struct GroupShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a group, its members and their balances.")
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The group's id, as printed by group list.") var id: String

  func run() async throws {
    try await options.run { dependencies in
      guard let id = ID(id),
        let group = try await GroupStore(database: dependencies.database).overview(of: id)
      else {
        throw NotFoundError(
          description: "There is no group \"\(id)\". kittycash-server group list shows all.")
      }
      let members = try await MemberStore(database: dependencies.database).list(
        in: id, removed: true, limit: .max, after: nil
      ).items
      let balances = try await BalanceStore(database: dependencies.database).balances(
        in: id, currency: group.currency)
      let details = GroupDetails(group: group, members: members, balances: balances)
      try options.output(details, details.text)
    }
  }
}

/// The output of `group show`.
struct GroupDetails: Codable, Sendable {
  let group: GroupOverview
  let members: [Member]
  let balances: [Balance]

  fileprivate var text: String {
    let head = """
      \(group.name)
      id \(group.id), \(group.state), since \(group.createdAt.day), \(group.currency.code), \
      entries: \(group.entryCount), owner: \(group.ownerNames)
      """
    let people = TextTable.text(
      ["MEMBER", "ROLE", "STATE", "NAME"],
      members.map { ["\($0.id)", $0.role.rawValue, $0.removedAt == nil ? "present" : "left", $0.name] })
    let books = TextTable.text(
      ["NET", "PAID", "SHARE", "SENT", "RECEIVED", "NAME"],
      balances.map { balance in
        [balance.net, balance.paid, balance.share, balance.sent, balance.received]
          .map { "\(Amount($0, balance.currency))" } + [balance.name]
      })
    return [head, people, books].joined(separator: "\n\n")
  }
}
