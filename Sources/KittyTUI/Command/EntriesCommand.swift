import ArgumentParser
import KittyShared

/// `kittycash entries`.
struct EntriesCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "entries", abstract: "A group's latest entries.",
    discussion: """
      --plain: number, date, kind, amount, currency, who paid, who received, description, id.
      """)

  @OptionGroup var place: ServerOption
  @OptionGroup var output: OutputOptions
  @Option(help: "How many at most.")
  var limit = 20
  @Argument(help: groupHelp) var group: String

  func validate() throws {
    if limit < 1 { throw ValidationError("A limit is 1 or more.") }
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

/// `kittycash add`.
struct AddCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Enter an expense in one line.",
    discussion: """
      kittycash add flat '42.50 dinner @anna +bob +carl'

      The amount comes first, or is the only number with decimals or a currency (42.50 USD). @name paid \
      (you when left out; @anna:30 @bob:12.50 when several did; @kitty is the pot). +name takes part, -name \
      does not; everybody does when nobody is named. A name may be shortened, and stands between quotation \
      marks when it has spaces: @"Anna Maria". A date is 2026-11-20 or yesterday. Everything else says what \
      it was for. What could mean two things is refused. A line that begins with - is written after --.

      --plain: a line "entry" with the fields of entries, then lines "paid" and "share": name, amount, \
      currency, id.
      """)

  @OptionGroup var place: ServerOption
  @OptionGroup var output: OutputOptions
  @Flag(help: "Print the shares as they would be, and save nothing.")
  var dryRun = false
  @OptionGroup var repetition: KeyOption
  @Argument(help: groupHelp) var group: String
  @Argument(help: "What was paid, in quotation marks of the shell.") var line: String

  func report(_ connection: Connection) async throws(CommandFailure) -> Report {
    let id = try await connection.group(group)
    let people = try await connection.people(in: id)
    let quick = try await connection.quickGroup(id, people)
    let expense: NewExpense
    do {
      expense = try QuickEntry(line, in: quick).expense(id: repetition.id)
    } catch let refusal as QuickEntry.Refusal {
      throw CommandFailure(.usage, "\(refusal.description) Nothing was saved.")
    } catch {
      throw CommandFailure(.usage, "\((error as? Rejection)?.detail ?? "\(error)") Nothing was saved.")
    }
    let answer = try await connection.ask(key: dryRun ? nil : expense.id) { (api) throws(ClientFailure) in
      try await api.enter(Endpoints.createExpense, [id], expense, isDry: dryRun)
    }
    return EntryRows(people: people).report(answer)
  }
}

/// Repeats a change whose outcome is not known.
struct KeyOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The key from a message: what was saved under it is not saved again.", valueName: "key"))
  var key: String?

  /// The key, or a new one each time it is asked for.
  var id: ID { key.flatMap { ID($0) } ?? ID(at: .now) }

  func validate() throws {
    if let key, ID(key)?.version != 7 {
      throw ValidationError("\"\(key)\" is no key: it is a UUID of version 7, such as a message names one.")
    }
  }
}
