import ArgumentParser
import KittyShared

/// `kittycash-server group`.
struct GroupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "group", abstract: "See groups.", subcommands: [ListGroups.self, ShowGroup.self])
}

/// `kittycash-server group list`.
struct ListGroups: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List all groups, deleted ones too.")
  @OptionGroup var options: AdministrationOptions

  func run() async throws {
    try await options.run { dependencies in
      let store = GroupStore(database: dependencies.database)
      var groups: [GroupOverview] = []
      while true {
        let page = try await store.overview(after: groups.last?.id ?? .first, limit: 500)
        groups += page
        if page.count < 500 { break }
      }
      try options.output(
        groups,
        AdministrationOptions.table(
          ["ID", "STATE", "SINCE", "OWNER", "MEMBERS", "ENTRIES", "NAME"],
          groups.map {
            [
              "\($0.id)", $0.state, "\($0.createdAt.day)", $0.ownerNames, "\($0.memberCount)",
              "\($0.entryCount)", $0.name,
            ]
          }))
    }
  }
}

/// `kittycash-server group show`.
struct ShowGroup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a group, its members, and where each stands.")
  @OptionGroup var options: AdministrationOptions
  @Argument(help: "The group's id; group list shows it.") var id: String

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

/// What is printed of a group.
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
    let people = AdministrationOptions.table(
      ["MEMBER", "ROLE", "STATE", "NAME"],
      members.map { ["\($0.id)", $0.role.rawValue, $0.removedAt == nil ? "present" : "left", $0.name] })
    let books = AdministrationOptions.table(
      ["NET", "PAID", "SHARE", "SENT", "RECEIVED", "NAME"],
      balances.map { balance in
        [balance.net, balance.paid, balance.share, balance.sent, balance.received]
          .map { "\(Amount($0, balance.currency))" } + [balance.name]
      })
    return [head, people, books].joined(separator: "\n\n")
  }
}

extension GroupOverview {
  fileprivate var state: String { deletedAt != nil ? "deleted" : archivedAt != nil ? "archived" : "in use" }
  fileprivate var ownerNames: String { owners.isEmpty ? "-" : owners.joined(separator: " ") }
}
