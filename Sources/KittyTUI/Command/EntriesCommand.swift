import ArgumentParser
import KittyShared

/// `kittycash entries`.
struct EntriesCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "entries", abstract: "List the latest entries of a group, or those that a filter finds.",
    discussion: """
      kittycash entries flat 'rent -deposit paid:anna amount:>50 date:last month'

      \(filterHelp)

      --plain: number, date, kind, amount, currency, payers, recipient, description, id. With --totals: count, sum, \
      currency.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(help: "The maximum number of entries.")
  var limit = 20
  @Flag(help: "Print the number and the sums of all entries that are found, not the entries.")
  var totals = false
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
  @Argument(help: "Words and conditions; after -- when the first one begins with a minus sign.")
  var filter: [String] = []

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    try FilterQuery.check(filter)
  }

  func report(_ connection: Connection) async throws(CommandFailure) -> Report {
    let id = try await connection.group(group)
    let query = FilterQuery.parameters(filter)
    if totals {
      let page = try await connection.ask { (api) throws(ClientFailure) in
        try await api.answer(
          Endpoints.entries, [id], query: query + [("totals", "true"), ("limit", "1")])
      }
      return try Report(totals: page.value.totals)
    }
    let rows = EntryRows(people: try await connection.people(in: id))
    let entries = try await connection.ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.entries, [id], query: query, limit: limit)
    }
    return Report(
      json: entries.bytes,
      tables: [
        Table(
          columns: EntryRows.columns, rows: entries.value.map { rows.row($0.content, number: $0.number) })
      ],
      fields: entries.value.map { rows.fields($0.content, number: $0.number, id: $0.id) },
      note: entries.value.isEmpty
        ? query.isEmpty ? "Nothing has been entered yet." : "No entry is found." : nil)
  }
}
