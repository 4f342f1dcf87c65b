import KittyShared

/// The choice between two versions of what a form changes: the user's input, and what another user saved meanwhile.
struct Conflict: Sendable {
  /// A part of the form in which the versions differ.
  struct Line: Sendable {
    /// The index among the form's parts.
    let part: Int
    let name: SafeText
    let mine: SafeText
    let theirs: SafeText
    var takesTheirs: Bool
  }

  let present: Present
  let heading: SafeText
  private(set) var lines: [Line]
  private var index = 0

  init(_ present: Present, heading: SafeText, lines: [Line]) {
    self.present = present
    self.heading = heading
    self.lines = lines
  }

  static let bindings: [Binding] = [
    Binding(
      [.character(" "), .left, .right], "Space", "take the other version of the line", .toggle,
      footer: "choose"),
    Binding([.control("s"), .enter], "^S Enter", "save what is marked", .submit, footer: "save"),
    Binding([.down, .tab, .character("j")], "↓ Tab j", "next line", .down, footer: "next"),
    Binding([.up, .backTab, .character("k")], "↑ k", "previous line", .up),
    Binding([.escape], "Esc", "back to the form, with your text", .back, footer: "back"),
    Binding([.character("?"), .f1], "? F1", "this help", .help, footer: "help"),
  ]

  mutating func move(_ step: Int) { index = (index + step + lines.count) % lines.count }

  mutating func toggle() { lines[index].takesTheirs.toggle() }

  /// Draws both versions of each line, with a mark at the chosen one.
  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let width = context.width
    let words = "\(heading) Choose for each line, then save." as SafeText
    let head = words.wrapped(to: max(10, width - 2))
    let texts = lines.map { line in
      [("yours", line.mine, !line.takesTheirs), ("theirs", line.theirs, line.takesTheirs)]
        as [(SafeText, SafeText, Bool)]
    }
    let room = max(10, width - 16)
    let height = texts.joined().reduce(head.count + 1 + lines.count) { $0 + $1.1.wrapped(to: room).count }
    var sheet = Canvas(width: width, height: max(rows.count, height))
    var row = 0
    for line in head {
      sheet.draw(line, row: row, column: 2, style: .bold)
      row += 1
    }
    row += 1
    for (position, line) in lines.enumerated() {
      let isHere = position == index
      sheet.draw(isHere ? ">" : " ", row: row, column: 0, style: .key)
      sheet.draw(line.name, row: row, column: 2, style: isHere ? .bold : .normal)
      if isHere { sheet.placeCursor(row: row, column: 0) }
      row += 1
      for (whose, text, isChosen) in texts[position] {
        sheet.draw(isChosen ? "[x]" : "[ ]", row: row, column: 4)
        sheet.draw(whose, row: row, column: 8, style: isChosen ? .bold : .normal)
        for part in text.wrapped(to: room) {
          sheet.draw(part, row: row, column: 15, style: isChosen ? .bold : .normal)
          row += 1
        }
      }
    }
    canvas.draw(sheet, rows: rows)
  }
}
