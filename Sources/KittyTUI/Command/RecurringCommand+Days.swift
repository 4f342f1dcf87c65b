import ArgumentParser
import KittyShared

/// The commands for the days of a rule.
extension RecurringCommand {
  /// `kittycash recurring preview`.
  struct Preview: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "preview", abstract: "Show the next entries of a rule.",
      discussion: "--plain: number, day, amount, currency, closed or nothing.")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Option(name: .shortAndLong, help: "The number of entries.") var number = 12
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: RecurringCommand.ruleHelp) var rule: String

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      let found = try await connection.rule(rule, in: id)
      let page: Page<PlannedOccurrence> = try await connection.ask { (api) throws(ClientFailure) in
        try await api.call(Endpoints.recurringPreview, [id, found.id], query: [("n", "\(number)")])
      }
      var report = try RecurringCommand.empty(page)
      report.tables = [
        Table(
          columns: [.init("Day"), .init("Amount"), .init("")],
          rows: page.items.map { planned in
            [
              .init("\(planned.date)"),
              .init("\(Amount(planned.entry.amount, planned.entry.currency))"),
              .init(planned.isClosed ? "closed books: will be skipped" : ""),
            ]
          })
      ]
      report.fields = page.items.map {
        [
          "\($0.k)", "\($0.date)", "\(Amount($0.entry.amount, $0.entry.currency).decimal)",
          "\($0.entry.currency)", $0.isClosed ? "closed" : "",
        ]
      }
      return report
    }
  }

  /// `kittycash recurring days`.
  struct Days: ReportingCommand {
    static let configuration = CommandConfiguration(
      commandName: "days", abstract: "List the days of a rule that have come, latest first.",
      discussion:
        "--plain: number, day, booked, proposed or skipped, reason or nothing, id of the entry or nothing.")

    @OptionGroup var serverOption: ServerOption
    @OptionGroup var output: OutputOptions
    @Flag(help: "Only proposals.") var proposed = false
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: RecurringCommand.ruleHelp) var rule: String

    func report(_ connection: Connection) async throws(CommandFailure) -> Report {
      let id = try await connection.group(group)
      let found = try await connection.rule(rule, in: id)
      let answer = try await connection.ask { (api) throws(ClientFailure) in
        try await api.list(
          Endpoints.occurrences, [id, found.id], query: proposed ? [("state", "proposed")] : [])
      }
      var report = Report(json: answer.bytes)
      report.tables = [
        Table(
          columns: [.init("Number"), .init("Day"), .init("State")],
          rows: answer.value.map { day in
            [.init("\(day.k)"), .init("\(day.date)"), .init(day.words)]
          })
      ]
      report.fields = answer.value.map {
        [
          "\($0.k)", "\($0.date)", "\($0.state.rawValue)", "\($0.reason ?? "")",
          $0.entry.map { "\($0)" } ?? "",
        ]
      }
      return report
    }
  }

  /// `kittycash recurring confirm`.
  struct Confirm: ScriptCommand {
    static let configuration = CommandConfiguration(
      commandName: "confirm", abstract: "Book a proposal, or all proposals of a rule.")

    @OptionGroup var serverOption: ServerOption
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: RecurringCommand.ruleHelp) var rule: String
    @Argument(help: "The day, or its number; all proposals without it.") var day: String?

    func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
      let connection = try Connection(serverOption, environment).signedIn()
      let id = try await connection.group(group)
      let found = try await connection.rule(rule, in: id)
      for k in try await connection.proposals(of: found.id, in: id, day) {
        let entry: Entry = try await connection.ask { (api) throws(ClientFailure) in
          try await api.call(Endpoints.confirmOccurrence, [id, found.id, k])
        }
        environment.printMessage("Booked #\(entry.number), \(entry.date).")
      }
    }
  }

  /// `kittycash recurring skip`.
  struct Skip: ScriptCommand {
    static let configuration = CommandConfiguration(
      commandName: "skip", abstract: "Skip a proposal, or all proposals of a rule.")

    @OptionGroup var serverOption: ServerOption
    @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
    @Argument(help: RecurringCommand.ruleHelp) var rule: String
    @Argument(help: "The day, or its number; all proposals without it.") var day: String?

    func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
      let connection = try Connection(serverOption, environment).signedIn()
      let id = try await connection.group(group)
      let found = try await connection.rule(rule, in: id)
      for k in try await connection.proposals(of: found.id, in: id, day) {
        let skipped: Occurrence = try await connection.ask { (api) throws(ClientFailure) in
          try await api.call(Endpoints.skipOccurrence, [id, found.id, k])
        }
        environment.printMessage("Skipped \(skipped.date).")
      }
    }
  }
}
