import ArgumentParser
import KittyShared

/// `kittycash add`.
struct AddCommand: ReportingCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Enter an expense in one line.",
    discussion: """
      kittycash add flat '42.50 dinner @anna +bob +carl'

      The amount is the first word, or the only number with decimals or a currency (42.50 USD). @name paid; \
      without it you paid. Several payers have amounts: @anna:30 @bob:12.50. @kitty is the kitty. +name takes \
      part, -name does not; without them the group's default split holds, or all share equally. A name may be shortened; a name with spaces \
      is written in quotation marks: @"Anna Maria". A date is today, yesterday, fri, -2 (days ago), 28.11., \
      28.11.2026 or 2026-11-28. A word such as #trip is a tag. All other words are the description. An ambiguous line is rejected. Write -- before a line that begins with -.

      --plain: a line "entry" with the fields of "entries", then lines "paid" and "share" with name, amount, \
      currency, id.
      """)

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var output: OutputOptions
  @Flag(help: "Print the shares and save nothing.")
  var dryRun = false
  @Option(help: "The category: its name, the beginning of it, or such as food/groceries.")
  var category: String?
  @Option(
    help:
      "The expense that is refunded, by its number such as 12 or '#12': the amount of the line comes back.")
  var refundOf: String?
  @OptionGroup var repetition: KeyOption
  @Argument(help: groupHelp, completion: GroupCompletion.kind) var group: String
  @Argument(help: "The expense, in quotation marks of the shell.") var line: String

  /// Returns the advice for a line that was read as an option, since it begins with a minus; `nil` for other arguments.
  static func advice(for arguments: some Sequence<String>) -> String? {
    let arguments = Array(arguments)
    guard arguments.first == configuration.commandName, !arguments.contains("--"),
      let line = arguments.dropFirst().first(where: { text in
        text.hasPrefix("-") && !text.hasPrefix("--")
          && text.dropFirst().contains { $0.isWhitespace || $0.isNumber || $0.isCurrencySymbol }
      })
    else { return nil }
    let group = arguments.dropFirst().first { !$0.hasPrefix("-") } ?? "GROUP"
    func quoted(_ text: String) -> String { "'\(SafeText(text).string.replacing("'", with: #"'\''"#))'" }
    return "Error: the line begins with -, like an option. Write -- before it: kittycash add "
      + "\(group.allSatisfy { $0.isLetter || $0.isNumber } ? group : quoted(group)) -- \(quoted(line))"
  }

  func validate() throws {
    guard let refundOf else { return }
    guard Int64(Self.number(refundOf)) != nil else {
      throw ValidationError("--refund-of: name the expense by its number, such as 12 or '#12'.")
    }
  }

  private static func number(_ text: String) -> String {
    text.hasPrefix("#") ? String(text.dropFirst()) : text
  }

  func report(_ connection: Connection) async throws(CommandFailure) -> Report {
    let id = try await connection.group(group)
    let people = try await connection.people(in: id)
    let quick = try await connection.quickGroup(id, people)
    var expense: NewExpense
    do {
      expense = try QuickEntry(line, in: quick).expense(id: repetition.id)
    } catch let refusal as QuickEntry.Refusal {
      throw CommandFailure(.usage, "\(refusal.description) Nothing was saved.")
    } catch {
      throw CommandFailure(.usage, "\((error as? Rejection)?.detail ?? "\(error)") Nothing was saved.")
    }
    if let category { expense.category = try await connection.category(category, in: id).id }
    if let refundOf = refundOf.flatMap({ Int64(Self.number($0)) }) {
      expense = try await refund(expense, of: refundOf, connection, id)
    }
    let request = expense
    let answer = try await connection.ask(key: dryRun ? nil : request.id) { (api) throws(ClientFailure) in
      try await api.enter(Endpoints.createExpense, [id], request, isDry: dryRun)
    }
    return EntryRows(people: people).report(answer)
  }

  /// Returns the refund of an expense by the amount of the line.
  private func refund(
    _ expense: NewExpense, of number: Int64, _ connection: Connection, _ group: ID
  ) async throws(CommandFailure) -> NewExpense {
    guard expense.participants == nil else {
      throw CommandFailure(
        .usage, "A refund is shared as its expense: leave +name and -name out. Nothing was saved.")
    }
    let original: Entry = try await connection.ask { (api) throws(ClientFailure) in
      try await api.call(Endpoints.entry, [group, number])
    }
    var refund = expense
    refund.refundOf = original.id
    refund.currency = expense.currency == original.currency ? nil : expense.currency
    if case .minorUnits(let units) = expense.amount {
      refund.amount = .minorUnits(Int64(clamping: units.magnitude) * -original.amount.signum())
    }
    // Without @name it goes back to those who paid.
    if !line.contains("@") { (refund.payer, refund.payers) = (nil, nil) }
    return refund
  }
}
