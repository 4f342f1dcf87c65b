import KittyShared

/// The palette over a screen: a text, and below it the places and commands that fit it, the best first.
///
/// It is drawn over the screen and takes its keys, but never replaces it: what was typed in a form stays there.
struct Palette: Sendable {
  /// The result of a key.
  enum Outcome: Sendable {
    case stays, closes
    case goes(PaletteItem)
  }

  private(set) var field = TextField(limit: 64)
  private(set) var shown: [PaletteItem] = []
  private(set) var index = 0
  /// All that is offered. It changes while the palette is open, when the groups are read.
  private var offer = PaletteOffer()
  private let memory: PaletteMemory
  /// The earlier text in the field, counted back from the latest; `nil` for a typed one.
  private var recalled: Int?
  /// The text that was typed before an earlier one was recalled.
  private var typed = ""

  init(_ memory: PaletteMemory) { self.memory = memory }

  static let bindings: [Binding] = [
    Binding([.enter], "Enter", "go there, or run the command", .open, footer: "go"),
    Binding([.escape], "Esc", "close the palette", .back, footer: "close"),
    Binding([.down, .control("n")], "↓ ^N", "the next line", .down, footer: "next"),
    Binding(
      [.up, .control("p")], "↑ ^P", "the line before; above the first one what you wrote earlier", .up,
      footer: "earlier"),
    Binding([.pageDown], "PgDn", "page down", .pageDown),
    Binding([.pageUp], "PgUp", "page up", .pageUp),
    Binding([.tab], "Tab", "write the whole name", .complete, footer: "complete"),
    Binding([.f1], "F1", "this help", .help, footer: "help"),
  ]

  /// Sets what is offered. The selected line stays if it is still there.
  mutating func show(_ offer: PaletteOffer) {
    let target = selected?.target
    self.offer = offer
    search()
    index = shown.firstIndex { $0.target == target } ?? 0
  }

  private var selected: PaletteItem? { shown.indices.contains(index) ? shown[index] : nil }

  /// Finds what fits the text. Of equally good ones the latest used comes first.
  private mutating func search() {
    index = 0
    var ages: [PaletteItem.Target: Int] = [:]
    for (age, target) in memory.targets.reversed().enumerated() { ages[target] = age }
    func age(_ item: PaletteItem) -> Int { ages[item.target] ?? .max }
    shown = offer.found(field.text.trimmed).enumerated().sorted { left, right in
      let (one, other) = (left.element, right.element)
      if one.fit?.kind != other.fit?.kind { return one.rank < other.rank }
      return (age(one.item), one.fit?.span ?? 0, left.offset)
        < (age(other.item), other.fit?.span ?? 0, right.offset)
    }.map(\.element.item)
  }

  /// Handles a key.
  /// - Parameters:
  ///   - bindings: The keys of the palette, as the user has set them.
  ///   - page: The number of visible lines.
  mutating func press(_ key: Key, _ bindings: [Binding] = Palette.bindings, page: Int) -> Outcome {
    switch bindings.first(where: { $0.keys.contains(key) })?.command {
    case .open: return selected.map { .goes($0) } ?? .stays
    case .back: return .closes
    case .down where recalled != nil: recall(-1)
    case .down: move(1)
    case .up where recalled != nil || index == 0: recall(1)
    case .up: move(-1)
    case .pageDown: move(page)
    case .pageUp: move(-page)
    case .complete:
      guard let selected else { break }
      write(selected.name.string)
    default:
      guard field.edit(key) else { break }
      recalled = nil
      search()
    }
    return .stays
  }

  private mutating func move(_ step: Int) { index = max(0, min(shown.count - 1, index + step)) }

  private mutating func write(_ text: String) {
    field.set(text)
    search()
  }

  /// Writes an earlier text into the field, or a later one.
  private mutating func recall(_ step: Int) {
    let next = (recalled ?? -1) + step
    guard next < memory.texts.count else { return }
    if recalled == nil { typed = field.text }
    recalled = next < 0 ? nil : next
    write(next < 0 ? typed : memory.texts[memory.texts.count - 1 - next])
  }

  /// The number of lines that fit.
  static func height(in rows: Range<Int>) -> Int { max(1, min(12, rows.count - 2)) }

  /// Draws the palette into the upper rows of a screen.
  func view(into canvas: inout Canvas, rows: Range<Int>) {
    let height = Self.height(in: rows)
    let list = (rows.lowerBound + 1)..<min(rows.upperBound, rows.lowerBound + 1 + height)
    canvas.clear(
      rows: rows.lowerBound..<min(rows.upperBound, list.upperBound + 1), columns: 0..<canvas.width)
    let columns = ListTable.columns(in: canvas.width)
    if list.upperBound < rows.upperBound {
      let rule = SafeText(String(repeating: "─", count: canvas.width))
      canvas.draw(rule, row: list.upperBound, column: 0, style: .muted)
    }
    if shown.isEmpty {
      let words: SafeText = "Nothing has this name. Write less of it, or # and the number of an entry."
      for (line, row) in zip(words.wrapped(to: max(10, columns.count - 4)), list) {
        canvas.draw(line, row: row, column: 2, style: .muted)
      }
    }
    let first = max(0, min(index - list.count / 2, shown.count - list.count))
    let visible = first..<min(shown.count, first + list.count)
    ListTable(
      columns: [.init(rank: 0, least: 12, fills: true), .init(rank: 1, edge: .right, least: 6, most: 24)],
      rows: shown[visible].map { [.text($0.name), .text($0.aside, .muted)] }
    ).draw(
      into: &canvas, rows: list, columns: columns,
      selected: shown.isEmpty ? nil : index - visible.lowerBound)
    // The field has the cursor, so it is drawn last.
    let layout = Row(
      left: [.whole(":", rank: 0, .key), .cut("", rank: 1, least: 8, column: 64)],
      right: [.whole(shown.isEmpty ? "" : "\(index + 1) of \(shown.count)", rank: 2, .muted)]
    ).draw(into: &canvas, row: rows.lowerBound, columns: columns)
    guard let place = layout.left[1] else { return }
    field.view(
      into: &canvas, row: rows.lowerBound, column: place.lowerBound, width: place.count, isActive: true)
  }
}
