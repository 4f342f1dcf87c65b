import ArgumentParser
import KittyShared

/// `kittycash search`.
struct SearchCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "List the entries of all your groups that a filter finds.",
    discussion: """
      kittycash search 'hotel amount:>100 date:2026'

      \(filterHelp) A name must be known in one of the groups.

      --plain: group, number, date, kind, amount, currency, payers, recipient, description, id. With --totals: count, \
      sum, currency.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(help: "The maximum number of entries.")
  var limit = 20
  @Flag(help: "Print the number and the sums of all entries that are found, not the entries.")
  var totals = false
  @Argument(help: "Words and conditions; after -- when the first one begins with a minus sign.")
  var filter: [String]

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    try FilterQuery.check(filter)
  }

  func report(_ connection: Connection) async throws(CommandFailure) -> Report {
    let query = FilterQuery.parameters(filter)
    if totals {
      let page = try await connection.ask { (api) throws(ClientFailure) in
        try await api.answer(Endpoints.myEntries, query: query + [("totals", "true"), ("limit", "1")])
      }
      return try Report(totals: page.value.totals)
    }
    let found = try await connection.ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.myEntries, query: query, limit: limit)
    }
    var rows: [ID: EntryRows] = [:]
    for group in Set(found.value.map(\.group)).sorted() {
      rows[group] = EntryRows(people: try await connection.people(in: group))
    }
    var report = Report(
      json: found.bytes,
      tables: [Table(columns: [.init("Group")] + EntryRows.columns, rows: [])], fields: [],
      note: found.value.isEmpty ? "No entry is found." : nil)
    for item in found.value {
      guard let rows = rows[item.group] else { continue }
      let (entry, name) = (item.entry, SafeText(item.groupName))
      report.tables[0].rows.append([.init(name)] + rows.row(entry.content, number: entry.number))
      report.fields.append([name] + rows.fields(entry.content, number: entry.number, id: entry.id))
    }
    return report
  }
}
