import KittyShared

/// Looks for names of members in the titles and cells of a table. O(text) for each, however many members there are.
struct NameSearch {
  /// The keys of the names, and their words with one space between them.
  private let (keys, phrases): (Set<String>, Set<String>)
  /// Names longer than that are not looked for inside of a title.
  private static let maxWords = 8
  private static let maxLetters = 16

  init(_ names: [String]) {
    keys = Set(names.map(\.nameKey))
    phrases = Set(keys.map { Self.words($0).joined(separator: " ") }.filter { !$0.isEmpty })
  }

  /// Returns `true` when a cell has a member by itself or among others, perhaps with a weight or an amount, as in `Ann, Bob:2; Carl 3.50`. A
  /// name within a sentence does not count.
  func isMember(inCell text: String) -> Bool {
    GeneralTable.pieces(of: text).contains { piece in
      if keys.contains(piece.nameKey) { return true }
      let scalars = piece.unicodeScalars
      let mark =
        scalars.lastIndex { $0 == "=" || $0 == ":" } ?? scalars.lastIndex { $0.properties.isWhitespace }
      guard let mark, scalars[mark...].contains(where: \.isDigit) else { return false }
      return keys.contains(String(scalars[..<mark]).trimmed.nameKey)
    }
  }

  /// Returns `true` when a title has a name as words of its own; in scripts without spaces anywhere.
  /// - Parameter title: The key of the title.
  func isMember(inTitle title: String) -> Bool {
    if keys.contains(title) { return true }
    let words = Self.words(title)
    for start in words.indices {
      var phrase = ""
      for word in words[start...].prefix(Self.maxWords) {
        phrase += phrase.isEmpty ? word : " " + word
        if phrases.contains(phrase) { return true }
      }
    }
    let letters = Array(title)
    for start in letters.indices where letters[start].unicodeScalars.contains(where: { $0.value >= 0x2E80 }) {
      var part = ""
      for letter in letters[start...].prefix(Self.maxLetters) {
        part.append(letter)
        if keys.contains(part) { return true }
      }
    }
    return false
  }

  private static func words(_ text: String) -> [Substring] {
    text.split { !$0.isLetter && !$0.isNumber }
  }
}
