import KittyShared

/// The messages that were shown, the newest first.
struct MessagesScreen: Screen {
  private let messages: [ShownMessage]
  /// The first visible line.
  private var top = 0

  init(_ messages: [ShownMessage]) { self.messages = messages }

  var title: SafeText { "Messages" }
  var bindings: [Binding] { Binding.moving + Binding.leaving }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let page = max(1, context.rows.count - 1)
    switch command {
    case .down: top += 1
    case .up: top -= 1
    case .pageDown: top += page
    case .pageUp: top -= page
    case .top: top = 0
    case .bottom: top = .max
    default: return []
    }
    top = max(0, min(top, lines(context).count - context.rows.count))
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let lines = lines(context)
    let first = max(0, min(top, lines.count - rows.count))
    for (row, line) in zip(rows, lines.dropFirst(first)) {
      canvas.draw(line.time, row: row, column: 2, style: .muted)
      canvas.draw(line.text, row: row, column: 2 + Self.indent)
    }
    if lines.isEmpty { canvas.draw("Nothing was said yet.", row: rows.lowerBound, column: 2) }
    canvas.placeCursor(row: rows.lowerBound, column: 0)
  }

  private static let indent = 7

  /// The lines of all messages; the first of each has its time.
  private func lines(_ context: Context) -> [(time: SafeText, text: SafeText)] {
    messages.flatMap { message in
      let time = SafeText(context.local(message.at, context.timeZone).description.dropFirst(11).prefix(5))
      return message.text.wrapped(to: max(10, context.width - Self.indent - 3)).enumerated().map {
        ($0.offset == 0 ? time : "", $0.element)
      }
    }
  }
}
