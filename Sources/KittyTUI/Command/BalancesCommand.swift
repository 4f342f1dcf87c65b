import ArgumentParser
import KittyShared

/// `kittycash balances`.
struct BalancesCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "balances", abstract: "Show the balances of a group, or yours in all groups.",
    discussion: """
      --plain for a group: account (a member's id, or kitty), name, net, currency, paid, share, sent, \
      received. A positive net is owed to the member; the kitty holds the amount of its negative net. \
      Without a group: id and name of each group, your net, currency.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String?

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
    let answer = try await connection.ask { (api) throws(ClientFailure) in try await api.myBalances() }
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
