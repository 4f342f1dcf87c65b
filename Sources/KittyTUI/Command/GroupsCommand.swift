import ArgumentParser
import KittyShared

/// `kittycash groups`.
struct GroupsCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "groups", abstract: "List your groups.",
    discussion:
      "--plain: id, name, currency, members, your balance in that currency (negative: you owe).")

  @OptionGroup var place: ServerOption
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

/// `kittycash balances`.
struct BalancesCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "balances", abstract: "Show the balances of a group, or yours in all groups.",
    discussion: """
      --plain for a group: account (a member's id, or kitty), name, net, currency, paid, share, sent, \
      received. A positive net is owed to the member; the kitty holds the amount of its negative net. \
      Without a group: id and name of each group, your net, currency.
      """)

  @OptionGroup var place: ServerOption
  @OptionGroup var output: OutputOptions
  @Argument(help: groupHelp) var group: String?

  func report(_ connection: Connection) async throws(CommandFailure) -> Report {
    guard let group else { return try await mine(connection) }
    let id = try await connection.group(group)
    let answer = try await connection.ask { (api) throws(ClientFailure) in
      try await api.answer(Endpoints.balances, [id])
    }
    let balances = answer.value.balances
    return Report(
      json: answer.bytes,
      tables: [
        Table(
          columns: [.init("Name"), .init(""), .init("Balance", isNumber: true)],
          rows: balances.map { balance in
            let net = Amount(balance.net, balance.currency)
            guard balance.account != .kitty else {
              let held = Amount(Int64(clamping: balance.net.magnitude), balance.currency)
              return ["Kitty", balance.net > 0 ? "lacks" : "holds", .init("\(held)")]
            }
            return [
              .init("\(balance.name)"),
              .init(net.minorUnits > 0 ? "is owed" : net.minorUnits < 0 ? "owes" : ""),
              .init("\(net.signed)", [net].tone),
            ]
          })
      ],
      fields: balances.map { balance in
        let amounts = [balance.net, balance.paid, balance.share, balance.sent, balance.received]
          .map { SafeText(Amount($0, balance.currency).decimal) }
        return ["\(balance.account)", "\(balance.name)", amounts[0], "\(balance.currency)"] + amounts[1...]
      })
  }

  private func mine(_ connection: Connection) async throws(CommandFailure) -> Report {
    let answer = try await connection.ask { (api) throws(ClientFailure) in
      try await api.answer(Endpoints.myBalances)
    }
    var rows = answer.value.groups.map { group -> [Table.Cell] in
      let net = Amount(group.net, group.currency)
      return [.init("\(group.name)"), .init("\(net.signed)", [net].tone)]
    }
    if rows.count > 1 {
      rows += answer.value.totals.map {
        let total = Amount($0.amount, $0.currency)
        return ["In all", .init("\(total.signed)", [total].tone)]
      }
    }
    var report = Report(json: answer.bytes)
    report.tables = [Table(columns: [.init("Group"), .init("You", isNumber: true)], rows: rows)]
    report.fields = answer.value.groups.map {
      [
        "\($0.group)", "\($0.name)", "\(Amount($0.net, $0.currency).decimal)", "\($0.currency)",
      ]
    }
    if rows.isEmpty { report.note = "You owe nothing, and nothing is owed to you." }
    return report
  }
}

extension Amount {
  /// With its sign and currency, such as `+42.50 EUR`.
  var signed: String { (minorUnits > 0 ? "+" : "") + description }
}

extension [Amount] {
  /// The colour of a balance.
  fileprivate var tone: Table.Tone {
    if allSatisfy({ $0.minorUnits == 0 }) { return .normal }
    if allSatisfy({ $0.minorUnits >= 0 }) { return .plus }
    return allSatisfy { $0.minorUnits <= 0 } ? .minus : .normal
  }
}
