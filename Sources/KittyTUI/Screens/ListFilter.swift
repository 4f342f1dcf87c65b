import KittyShared

/// The filter of a list: each word must be in the text of a row. Neither case nor accents matter.
struct ListFilter: Hashable, Sendable {
  private(set) var field = TextField(limit: 64)
  /// `true` while letters go into the field.
  private(set) var isActive = false

  var isEmpty: Bool { field.text.trimmed.isEmpty }
  /// `true` while the field is visible.
  var isShown: Bool { isActive || !isEmpty }

  /// The keys while letters go into the field.
  static let bindings: [Binding] = [
    Binding([.enter, .down], "Enter ↓", "to the list", .open, footer: "to the list"),
    Binding([.escape], "Esc", "show all again", .back, footer: "show all"),
    .helping,
  ]

  /// - Parameter isEmpty: `true` for a list without rows, where the key is not offered.
  static func opening(_ help: SafeText, isEmpty: Bool = false) -> Binding {
    Binding([.character("/")], "/", help, .filter, footer: isEmpty ? "" : "filter")
  }

  mutating func edit(_ key: Key) -> Bool { isActive && key != .down && field.edit(key) }

  /// Handles a command of the filter.
  /// - Returns: `true` when it was one.
  mutating func perform(_ command: Command) -> Bool {
    if isActive {
      isActive = false
    } else if command == .filter {
      isActive = true
      return true
    } else if command != .back || isEmpty {
      return false
    }
    if command == .back { field.set("") }
    return true
  }

  /// Returns the rows whose texts have all the words.
  func matches<Item>(_ items: [Item], _ text: (Item) -> String) -> [Item] {
    let words = field.text.folded.split(separator: " ").map(String.init)
    guard !words.isEmpty else { return items }
    return items.filter { item in
      let text = text(item).folded
      return words.allSatisfy { word in
        // A decimal comma is as good as a point.
        text.contains(word) || (word.contains(",") && text.contains(word.replacing(",", with: ".")))
      }
    }
  }

  /// Draws the field and the number of the rows that are shown. It has the cursor, so it is drawn last.
  func view(into canvas: inout Canvas, row: Int, columns: Range<Int>, shown: Int, of total: SafeText) {
    let layout = Row(
      left: [.whole("/", rank: 0, .key), .cut("", rank: 1, least: 8, column: 64)],
      right: [.whole("\(shown) of \(total)", rank: 2, .muted)]
    ).draw(into: &canvas, row: row, columns: columns)
    guard let place = layout.left[1] else { return }
    field.view(
      into: &canvas, row: row, column: place.lowerBound, width: place.count, isActive: isActive)
  }
}
