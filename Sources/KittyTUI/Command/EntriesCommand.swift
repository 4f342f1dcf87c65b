import ArgumentParser
import KittyShared

/// `kittycash entries`.
struct EntriesCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "entries", abstract: "List the latest entries of a group.",
    discussion: """
      --plain: number, date, kind, amount, currency, payers, recipient, description, id.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(help: "The maximum number of entries.")
  var limit = 20
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1.") }
  }

  func report(_ connection: Connection) async throws(CommandFailure) -> Report {
    let id = try await connection.group(group)
    let rows = EntryRows(people: try await connection.people(in: id))
    let entries = try await connection.ask { (api) throws(ClientFailure) in
      try await api.list(Endpoints.entries, [id], limit: limit)
    }
    return Report(
      json: entries.bytes,
      tables: [
        Table(
          columns: EntryRows.columns, rows: entries.value.map { rows.row($0.content, number: $0.number) })
      ],
      fields: entries.value.map { rows.fields($0.content, number: $0.number, id: $0.id) },
      note: entries.value.isEmpty ? "Nothing has been entered yet." : nil)
  }
}
