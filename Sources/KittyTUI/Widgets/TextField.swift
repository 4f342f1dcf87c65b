/// A line of text to edit, with the keys of a shell.
struct TextField: Hashable, Sendable {
  private(set) var characters: [Character] = []
  private(set) var position = 0
  var isMasked = false
  /// The maximum number of characters.
  var limit = 256
  /// `true` when the last edit had more characters than fit; the others were dropped.
  private(set) var isCut = false

  init(_ text: String = "", isMasked: Bool = false, limit: Int = 256) {
    characters = Array(text)
    position = characters.count
    self.isMasked = isMasked
    self.limit = limit
  }

  var text: String { String(characters) }

  mutating func set(_ text: String) {
    characters = Array(text.prefix(limit))
    position = characters.count
  }

  /// Replaces characters, and puts the cursor behind the new ones.
  mutating func replace(_ range: Range<Int>, with text: String) {
    let range = range.clamped(to: 0..<characters.count)
    let room = limit - characters.count + range.count
    let start = Array(String(characters[..<range.lowerBound]) + text.prefix(max(0, room)))
    characters.replaceSubrange(..<range.upperBound, with: start)
    position = start.count
  }

  /// Handles a key of editing.
  /// - Returns: `true` when the field used the key.
  mutating func edit(_ key: Key) -> Bool {
    isCut = false
    switch key {
    case .character(let character): insert([character])
    case .paste(let text):
      insert(text.trimmingLineEnds.map { $0.isNewline || $0 == "\t" ? " " : $0 })
    case .backspace, .control("h"):
      if position > 0 {
        position -= 1
        characters.remove(at: position)
      }
    case .delete, .control("d"):
      if position < characters.count { characters.remove(at: position) }
    case .left, .control("b"): position = max(0, position - 1)
    case .right, .control("f"): position = min(characters.count, position + 1)
    case .wordLeft: position = startOfWord
    case .wordRight: position = endOfWord
    case .home, .control("a"): position = 0
    case .end, .control("e"): position = characters.count
    case .control("k"): characters.removeSubrange(position...)
    case .control("u"):
      characters.removeSubrange(..<position)
      position = 0
    case .control("w"):
      let start = startOfWord
      characters.removeSubrange(start..<position)
      position = start
    default: return false
    }
    return true
  }

  private mutating func insert(_ new: [Character]) {
    let fitting = new.prefix(max(0, limit - characters.count))
    // Together with the text before it: a mark joins the letter that it belongs to.
    let start = Array(String(characters[..<position]) + String(fitting))
    characters.replaceSubrange(..<position, with: start)
    position = start.count
    isCut = fitting.count < new.count
  }

  private var startOfWord: Int {
    var start = position
    while start > 0, characters[start - 1].isWhitespace { start -= 1 }
    while start > 0, !characters[start - 1].isWhitespace { start -= 1 }
    return start
  }

  private var endOfWord: Int {
    var end = position
    while end < characters.count, characters[end].isWhitespace { end += 1 }
    while end < characters.count, !characters[end].isWhitespace { end += 1 }
    return end
  }

  /// Draws the part around the cursor. `…` stands at an end that is not visible.
  func view(into canvas: inout Canvas, row: Int, column: Int, width: Int, isActive: Bool) {
    let note: SafeText = !isCut ? "" : width >= 24 ? " cut to \(limit)" : width >= 9 ? " cut" : ""
    canvas.draw(note, row: row, column: column + width - note.width, style: .warning)
    let width = width - note.width
    guard width > 0 else { return }
    let shown: [SafeText] = characters.map { isMasked ? "•" : SafeText(String($0)) }
    guard isActive else {
      canvas.draw(shown.joined(""), row: row, column: column, width: width, style: .field)
      canvas.style(row: row, from: column, to: column + width, .field)
      return
    }
    // Scroll until the cursor is visible.
    var start = 0
    func columns(_ range: Range<Int>) -> Int { shown[range].reduce(0) { $0 + $1.width } }
    let isScrolled = columns(0..<position) >= width
    let room = isScrolled ? width - 1 : width
    while start < position, columns(start..<position) >= room { start += 1 }
    var end = start
    while end < shown.count, columns(start..<(end + 1)) <= room { end += 1 }
    while end < shown.count, end > position, columns(start..<end) >= room { end -= 1 }
    let visible = shown[start..<end].joined("")
    let text: SafeText =
      "\(isScrolled ? "…" as SafeText : "")\(visible)\(end < shown.count ? "…" as SafeText : "")"
    canvas.draw(text, row: row, column: column, style: .field)
    canvas.style(row: row, from: column, to: column + width, .field)
    canvas.placeCursor(row: row, column: column + (isScrolled ? 1 : 0) + columns(start..<min(position, end)))
  }
}

extension String {
  fileprivate var trimmingLineEnds: Substring {
    var text = self[...]
    while text.last?.isNewline == true { text.removeLast() }
    return text
  }
}
