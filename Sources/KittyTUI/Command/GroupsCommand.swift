import ArgumentParser
import KittyShared

/// `kittycash groups`.
struct GroupsCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "groups", abstract: "List your groups.",
    discussion:
      "--plain: id, name, currency, members, your balance in that currency (negative: you owe).")

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Flag(help: "List the archived groups instead.")
  var archived = false

  func report(_ connection: Connection) async throws(CommandFailure) -> Report {
    let groups = try await connection.ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.groups, query: [("archived", "\(archived)")])
    }
    var report = Report(json: groups.bytes)
    report.tables = [
      Table(
        columns: [.init("Group"), .init("Members", isNumber: true), .init("You", isNumber: true)],
        rows: groups.value.map { group in
          let nets = group.balances.map { Amount($0.amount, $0.currency) }
          return [
            .init("\(group.name)"), .init("\(group.memberCount)"),
            .init(nets.isEmpty ? "settled" : "\(nets.map(\.signed).joined(separator: ", "))", nets.tone),
          ]
        })
    ]
    report.fields = groups.value.map { group in
      let net = group.balances.first { $0.currency == group.currency }?.amount ?? 0
      return [
        "\(group.id)", "\(group.name)", "\(group.currency)", "\(group.memberCount)",
        "\(Amount(net, group.currency).decimal)",
      ]
    }
    if groups.value.isEmpty {
      report.note = archived ? "You have no archived groups." : "You have no groups."
    }
    return report
  }
}

extension Amount {
  /// With its sign and currency, such as `+42.50 EUR`.
  var signed: String { (minorUnits > 0 ? "+" : "") + description }
}

extension [Amount] {
  /// The colour of a balance.
  var tone: Table.Tone {
    if allSatisfy({ $0.minorUnits == 0 }) { return .normal }
    if allSatisfy({ $0.minorUnits >= 0 }) { return .plus }
    return allSatisfy { $0.minorUnits <= 0 } ? .minus : .normal
  }
}
