import ArgumentParser
import KittyShared

/// `kittycash stats`.
struct StatsCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Show what a group spent, by month, category, member and more.",
    discussion: """
      Refunds lessen it, payments are no spending. --plain and --csv: the values of the dimensions (the id of a \
      category, a member's id or kitty; nothing without a category or tag), spent, currency, number of expenses, and \
      by member what they bore and paid.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(
    help: ArgumentHelp(
      "One or two of day, week, month, year, category, tag, member, payer and kind, with a comma.",
      valueName: "dimensions"))
  var by = "month"
  @Option(help: ArgumentHelp("The first day that counts, such as 2026-01-01.", valueName: "day"))
  var from: String?
  @Option(help: ArgumentHelp("The last day that counts.", valueName: "day"))
  var to: String?
  @Flag(help: "Print a table for spreadsheets: commas between the columns, a point in amounts.")
  var csv = false
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
  @Argument(help: "The words and conditions of the entries that count; see kittycash entries --help.")
  var filter: [String] = []

  func validate() throws {
    let dimensions = by.split(separator: ",", omittingEmptySubsequences: false)
    for word in dimensions where Statistics.Dimension(rawValue: String(word)) == nil {
      throw ValidationError(
        "--by: there is no \"\(word)\". Write one or two of \(Statistics.Dimension.allCases.map(\.rawValue).listed("and"))."
      )
    }
    guard dimensions.count <= 2, Set(dimensions).count == dimensions.count else {
      throw ValidationError("--by takes one or two different dimensions.")
    }
    try FilterQuery.check(filter)
    if csv && (output.json || output.plain) {
      throw ValidationError("--csv cannot be combined with --json or --plain.")
    }
  }

  func perform(_ environment: CommandEnvironment) async throws(CommandFailure) {
    let connection = try Connection(serverOption, environment).signedIn()
    let report = try await report(connection)
    guard csv else { return try output.write(report, environment) }
    let head =
      by.split(separator: ",").map { SafeText($0) } + ["spent", "currency", "count", "share", "paid"]
    let lines = ([head] + report.fields).map { fields in
      fields.map { Self.field($0.string) }.joined(separator: ",") + "\r\n"
    }
    try environment.write(Array(lines.joined().utf8))
  }

  func report(_ connection: Connection) async throws(CommandFailure) -> Report {
    let id = try await connection.group(group)
    let days = [("from", from), ("to", to)].compactMap { name, day in day.map { (name, $0) } }
    let answer = try await connection.ask { (api) throws(ClientFailure) in
      try await api.answer(
        Endpoints.statistics, [id], query: [("by", by)] + days + FilterQuery.parameters(filter))
    }
    let people = try await connection.people(in: id)
    let categories = try await connection.ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.categories, [id], query: [("removed", "true")]).value
    }
    let found = Dictionary(categories.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let names = StatisticsNames(
      account: { people.name($0) },
      category: { id in
        guard let category = found[id] else { return "\(id)" }
        guard let parent = category.parent.flatMap({ found[$0] }) else { return SafeText(category.name) }
        return "\(parent.name) › \(category.name)"
      })
    let (statistics, largest) = (answer.value, answer.value.largest)
    let isByMember = statistics.by.contains(.member)
    var columns = statistics.by.map {
      Table.Column(SafeText($0.rawValue.prefix(1).uppercased() + $0.rawValue.dropFirst()))
    }
    columns += [.init("Spent", isNumber: true), .init("No.", isNumber: true)]
    if isByMember { columns.append(.init("Paid", isNumber: true)) }
    columns.append(.init(""))
    let rows = Self.shown(statistics).map { row -> [Table.Cell] in
      var cells = statistics.by.map { Table.Cell(names.label(row, $0)) }
      cells += [.init("\(Amount(row.spent, row.currency))"), .init("\(row.count)")]
      if isByMember { cells.append(.init("\(Amount(row.paid ?? 0, row.currency))")) }
      cells.append(.init(Self.bar(row.spent, largest: largest[row.currency] ?? 0)))
      return cells
    }
    var report = Report(json: answer.bytes, tables: [Table(columns: columns, rows: rows)])
    report.fields = statistics.rows.map { row -> [SafeText] in
      func decimal(_ amount: Int64?) -> SafeText {
        amount.map { SafeText(Amount($0, row.currency).decimal) } ?? ""
      }
      var fields = statistics.by.map { Self.value(row, $0) }
      fields += [
        decimal(row.spent), "\(row.currency)", "\(row.count)", decimal(row.share), decimal(row.paid),
      ]
      return fields
    }
    if statistics.totals.isEmpty { report.note = "Nothing was spent in this time." }
    return report
  }

  /// Returns the rows for people: the server has one for each currency and period. One in which nothing was spent is shown
  /// once, in the currency of most expenses.
  private static func shown(_ statistics: Statistics) -> [Statistics.Row] {
    func isEmpty(_ row: Statistics.Row) -> Bool { row.count == 0 && row.spent == 0 && (row.paid ?? 0) == 0 }
    let usual = statistics.totals.max { $0.count < $1.count }?.currency
    let spent = Set(statistics.rows.filter { !isEmpty($0) }.map(\.period))
    return statistics.rows.filter { row in
      !isEmpty(row) || row.period == nil || (row.currency == usual && !spent.contains(row.period))
    }
  }

  /// Returns a bar of at most 24 cells; a refund has dots.
  private static func bar(_ amount: Int64, largest: UInt64) -> SafeText {
    let count = BalanceBars.cells(amount, largest: largest, half: 24)
    return SafeText(String(repeating: amount < 0 ? "░" : "█", count: count))
  }

  /// Returns the value of a row in a dimension, for programs.
  private static func value(_ row: Statistics.Row, _ dimension: Statistics.Dimension) -> SafeText {
    switch dimension {
    case .day, .week, .month, .year: SafeText(row.period ?? "")
    case .category: row.category.map { "\($0)" } ?? ""
    case .tag: SafeText(row.tag ?? "")
    case .member: row.member.map { "\($0)" } ?? ""
    case .payer: row.payer.map { "\($0)" } ?? ""
    case .kind: SafeText(row.kind?.rawValue ?? "")
    }
  }

  /// Quotes a field where it must be.
  private static func field(_ text: String) -> String {
    text.contains { ",\"\n".contains($0) } ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }
}
