import KittyShared

/// The open list of a choice. Letters narrow it; neither case nor accents matter, and any word of a name counts.
struct Picker: Hashable, Sendable {
  struct Option: Hashable, Sendable {
    /// The place among the values of the form.
    let value: Int
    let name: SafeText
    /// A help for choosing, beside the name.
    let note: SafeText
    fileprivate let key: String
    fileprivate let words: [Substring]

    /// - Parameter isSearched: `true` finds the option by the words of its note too.
    init(_ value: Int, _ name: SafeText, note: SafeText = "", isSearched: Bool = false) {
      self.value = value
      self.name = name
      self.note = note
      key = name.string.folded
      words = (isSearched ? "\(key) \(note.string.folded)" : key).split(separator: " ")
    }

    /// The quality of a match: 0 for the whole name, 1 for its beginning, 2 for the beginnings of words, 3 for letters
    /// inside of words; `nil` for none.
    fileprivate func rank(of typed: String) -> Int? {
      if key == typed { return 0 }
      if key.hasPrefix(typed) { return 1 }
      let parts = typed.split(separator: " ")
      if parts.allSatisfy({ part in words.contains { $0.hasPrefix(part) } }) { return 2 }
      return parts.allSatisfy { part in words.contains { $0.contains(part) } } ? 3 : nil
    }
  }

  /// The result of a key.
  enum Answer: Hashable, Sendable {
    /// The key is not for the list.
    case unused
    case open
    /// The choice stays as it was before.
    case closed
  }

  private let options: [Option]
  private(set) var typed = TextField(limit: 64)
  /// The options with the typed letters, the best first.
  private(set) var matches: [Option]
  private var index = 0

  /// The most visible lines.
  static let height = 7

  /// - Parameters:
  ///   - options: The options, the likely ones first.
  ///   - value: The present choice.
  init(_ options: [Option], at value: Int?) {
    self.options = options
    matches = options
    index = options.firstIndex { $0.value == value } ?? 0
  }

  /// Returns `true` for a key that opens the list of a closed choice. Space shows all of it; a question mark is for help.
  static func opens(_ key: Key) -> Bool {
    switch key {
    case .character(let character): character != "?"
    case .paste(let text): !text.trimmed.isEmpty
    default: false
    }
  }

  /// The value on which the mark stands; `nil` when no option has the letters.
  var value: Int? { matches.indices.contains(index) ? matches[index].value : nil }

  mutating func press(_ key: Key) -> Answer {
    switch key {
    case .escape: return .closed
    case .up: move(-1)
    case .down: move(1)
    case .pageUp: move(-Self.height)
    case .pageDown: move(Self.height)
    case .home: move(-matches.count)
    case .end: move(matches.count)
    case .character(" ") where typed.text.isEmpty: break
    default:
      let before = typed.text
      guard typed.edit(key) else { return .unused }
      if typed.text != before { narrow() }
    }
    return .open
  }

  private mutating func move(_ step: Int) { index = max(0, min(matches.count - 1, index + step)) }

  private mutating func narrow() {
    index = 0
    let key = typed.text.folded.split(separator: " ").joined(separator: " ")
    guard !key.isEmpty else {
      matches = options
      return
    }
    let found = options.enumerated().compactMap { place, option in
      option.rank(of: key).map { (rank: $0, place: place, option: option) }
    }
    matches = found.sorted { ($0.rank, $0.place) < ($1.rank, $1.place) }.map(\.option)
  }

  /// The keys of an open list.
  static let bindings: [Binding] = [
    Binding([.enter], "Enter", "take the marked one", .open, footer: "take"),
    Binding([], "↑↓", "the line before, after; also PgUp, PgDn, Home, End", .nextPanel, footer: "move"),
    Binding([], "letters", "only what has them; Backspace takes one back", .filter),
    Binding([.tab], "Tab", "take the marked one, next line", .down),
    Binding([.backTab], "Shift-Tab", "take the marked one, previous line", .up),
    Binding([.control("s")], "^S", "take the marked one, and save", .submit, footer: "save"),
    Binding([.escape], "Esc", "leave it as it was", .back, footer: "as it was"),
    Binding([.f1], "F1", "this help", .help, footer: "help"),
  ]

  /// Draws the visible lines of the list.
  /// - Parameter column: The column of the names.
  /// - Returns: The first row after them.
  func view(into canvas: inout Canvas, row: Int, column: Int, width: Int) -> Int {
    guard !matches.isEmpty else {
      return FormFields.drawError(
        "Nothing here has these letters. Backspace shows more; Esc leaves it as it was.", row: row,
        width: width,
        into: &canvas)
    }
    let first = max(0, min(index - Self.height / 2, matches.count - Self.height))
    let visible = matches[first..<min(matches.count, first + Self.height)]
    let names = visible.map(\.name.width).max() ?? 0
    for (offset, option) in visible.enumerated() {
      let isHere = first + offset == index
      canvas.draw(isHere ? ">" : " ", row: row + offset, column: column - 2, style: .key)
      Row(
        left: [
          .cut(option.name, rank: 0, least: min(8, names + 1), column: names + 1, isHere ? .bold : .normal),
          .whole(option.note, rank: 1, .muted),
        ],
        right: offset == 0 && matches.count > Self.height
          ? [.whole("\(index + 1) of \(matches.count)", rank: 2, .muted)] : []
      ).draw(into: &canvas, row: row + offset, columns: column..<max(column + 1, min(width, 72)))
    }
    return row + visible.count
  }

  /// Draws the line of a choice: its value, or the typed letters and the list below.
  /// - Parameter open: The list, if it is open on this line.
  /// - Returns: The first row after it.
  static func drawLine(
    _ label: SafeText, _ value: SafeText, isHere: Bool, open: Picker?, row: Int, width: Int,
    into canvas: inout Canvas
  ) -> Int {
    guard isHere, let open else {
      FormFields.drawChoice(label, value, isHere: isHere, row: row, width: width, into: &canvas)
      return row + 1
    }
    canvas.draw(">", row: row, column: 0, style: .key)
    canvas.draw(label, row: row, column: 2, style: .bold)
    canvas.draw("‹", row: row, column: 12)
    let room = max(4, min(24, width - 17))
    let next = open.view(into: &canvas, row: row + 1, column: 14, width: width)
    // The cursor stands in the field, so it is drawn last.
    open.typed.view(into: &canvas, row: row, column: 14, width: room, isActive: true)
    canvas.draw("›", row: row, column: 15 + room)
    return next
  }
}

extension Picker.Option {
  /// The currencies by code or name, the likely ones first, then those that many use. The values are places in
  /// `Currency.all`.
  static func currencies(first: [Currency]) -> [Picker.Option] {
    let order = first + common
    return Currency.all.enumerated().sorted { left, right in
      let places = [left, right].map { order.firstIndex(of: $0.element) ?? .max }
      return (places[0], left.offset) < (places[1], right.offset)
    }.map {
      Picker.Option($0.offset, SafeText($0.element.code), note: SafeText($0.element.name), isSearched: true)
    }
  }

  private static let common = ["EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "CNY", "INR", "SEK"]
    .compactMap { Currency(code: $0) }
}
