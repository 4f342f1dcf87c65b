import KittyShared

/// The payments of a plan as plain text: copied to the clipboard where the terminal allows it, else to be selected.
struct SettleText: Screen {
  let lines: [SafeText]
  private var top = 0

  /// - Parameters:
  ///   - day: The day of the plan.
  ///   - filter: The filter that let these payments through.
  init(_ payments: [Transfer], _ data: GroupData, day: Day, filter: ListFilter) {
    lines =
      ["\(data.group.name): to settle up, \(day)"]
      + (filter.isEmpty ? [] : ["only payments with \"\(filter.field.text.trimmed)\""])
      + payments.map { payment in
        "\(data.name(of: payment.from)) → \(data.name(of: payment.to)): \(SafeText(Money(amount: payment.amount, currency: payment.currency)))"
      }
  }

  /// Returns the actions that show the text and copy it.
  static func open(
    _ payments: [Transfer], _ data: GroupData, _ context: Context, filter: ListFilter = ListFilter()
  ) -> [Action] {
    let screen = SettleText(payments, data, day: context.today, filter: filter)
    return [.push(screen)] + screen.copy
  }

  private var copy: [Action] { Action.copy(lines.map(\.string).joined(separator: "\n") + "\n", "The text") }

  var title: SafeText { "Text" }
  var bindings: [Binding] {
    [
      Binding([.character("w")], "w", "copy the text again", .copyText, footer: "copy"),
      Binding([.down, .character("j")], "↓ j", "down", .down),
      Binding([.up, .character("k")], "↑ k", "up", .up),
    ] + Binding.leaving.filter { $0.command != .refresh }
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .copyText: return copy
    case .down: top = min(top + 1, lines.count - 1)
    case .up: top = max(0, top - 1)
    default: break
    }
    return []
  }

  /// Draws the lines from the left edge, without marks, so that a selection has nothing else.
  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    let wrapped = lines.dropFirst(top).flatMap { $0.wrapped(to: context.width) }
    for (line, row) in zip(wrapped, rows) { canvas.draw(line, row: row, column: 0) }
  }
}
