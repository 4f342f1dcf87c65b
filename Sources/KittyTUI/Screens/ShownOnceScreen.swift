import KittyShared

/// Secrets that the server shows only once. The user is asked before the screen closes.
struct ShownOnceScreen: Screen {
  let title: SafeText
  private let words: SafeText
  private let lines: [SafeText]
  private let question: SafeText
  /// The first visible line, for a small window.
  private var top = 0

  init(title: SafeText, words: SafeText, lines: [SafeText], question: SafeText) {
    self.title = title
    self.words = words
    self.lines = lines
    self.question = question
  }

  var hasUnsaved: Bool { true }
  var bindings: [Binding] {
    [
      Binding(
        [.enter, .escape, .character("q")], "Enter Esc q", "leave; you are asked first", .back, footer: "done"
      ),
      Binding([.character("w")], "w", "copy it to the clipboard of your terminal", .copyText, footer: "copy"),
      Binding([.down, .character("j")], "↓ j", "further down", .down),
      Binding([.up, .character("k")], "↑ k", "further up", .up),
      Binding([.character("?"), .f1], "? F1", "this help", .help, footer: "help"),
    ]
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let last = max(0, sheet(context.width).count - context.rows.count)
    switch command {
    case .down: top = min(last, top + 1)
    case .up: top = max(0, min(last, top) - 1)
    case .back: return [.confirm(question, [.pop])]
    case .copyText: return Action.copy(lines.map(\.string).joined(separator: "\n"), "All of it")
    default: break
    }
    return []
  }

  /// All lines for a width. A long secret goes on in the next line: a part of it would be useless.
  private func sheet(_ width: Int) -> [(text: SafeText, style: Style)] {
    let room = max(10, width - 4)
    let pieces = lines.flatMap { line -> [SafeText] in
      let letters = Array(line.string)
      return stride(from: 0, to: max(1, letters.count), by: room).map {
        SafeText(String(letters[$0..<min($0 + room, letters.count)]))
      }
    }
    return words.wrapped(to: room).map { ($0, .normal) } + [("", .normal)] + pieces.map { ($0, .bold) }
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let sheet = sheet(context.width)
    let first = min(top, max(0, sheet.count - rows.count))
    for (offset, line) in sheet.dropFirst(first).prefix(rows.count).enumerated() {
      canvas.draw(line.text, row: rows.lowerBound + offset, column: 2, style: line.style)
    }
    if first > 0 { canvas.draw("↑", row: rows.lowerBound, endingAt: context.width, style: .muted) }
    if first + rows.count < sheet.count {
      canvas.draw("↓", row: rows.upperBound - 1, endingAt: context.width, style: .muted)
    }
    canvas.placeCursor(row: rows.lowerBound, column: 0)
  }
}
