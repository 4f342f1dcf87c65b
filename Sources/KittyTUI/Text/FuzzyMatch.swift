/// The fit of a typed text to a name. Less is better: the whole name, then its beginning, the beginnings of its words, a
/// part of it, and last its letters in their order with others between them. Neither case nor accents matter.
struct FuzzyMatch: Comparable, Sendable {
  enum Kind: Int, Comparable, Sendable {
    case whole, beginning, words, part, letters

    static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
  }

  let kind: Kind
  /// The characters from the first letter that fits to the last.
  let span: Int

  /// - Parameters:
  ///   - typed: The `folded` form of the typed text.
  ///   - name: The `folded` form of the name.
  /// - Returns: `nil` when the name does not have the letters of the text in their order.
  init?(_ typed: String, in name: String) {
    let (typed, name) = (Array(typed.unicodeScalars), Array(name.unicodeScalars))
    span = Self.shortest(typed.filter { $0 != " " }, in: name) ?? 0
    let words = typed.split(separator: " ").map(Array.init)
    if typed == name {
      kind = .whole
    } else if name.starts(with: typed) {
      kind = .beginning
    } else if Self.haveWords(words, name) {
      kind = .words
    } else if words.allSatisfy({ name.has($0) }) {
      kind = .part
    } else if span > 0 {
      kind = .letters
    } else {
      return nil
    }
  }

  static func < (left: FuzzyMatch, right: FuzzyMatch) -> Bool {
    (left.kind, left.span) < (right.kind, right.span)
  }

  /// `true` when each typed word is the beginning of a word of the name, in the same order.
  private static func haveWords(_ words: [[Unicode.Scalar]], _ name: [Unicode.Scalar]) -> Bool {
    var rest = words[...]
    for word in name.split(whereSeparator: { !$0.properties.isAlphabetic && !$0.isDigit }) {
      if let next = rest.first, word.starts(with: next) { rest = rest.dropFirst() }
    }
    return rest.isEmpty
  }

  /// The length of the shortest part of a name that has the letters in their order; `nil` without one.
  private static func shortest(_ letters: [Unicode.Scalar], in name: [Unicode.Scalar]) -> Int? {
    guard let first = letters.first else { return nil }
    let lengths = name.indices.filter { name[$0] == first }.compactMap { start -> Int? in
      var end = start
      for letter in letters {
        guard let found = name[end...].firstIndex(of: letter) else { return nil }
        end = found + 1
      }
      return end - start
    }
    return lengths.min()
  }
}

extension [Unicode.Scalar] {
  /// `true` when the word stands in it.
  fileprivate func has(_ word: [Unicode.Scalar]) -> Bool {
    guard count >= word.count else { return false }
    return (0...(count - word.count)).contains { self[$0...].starts(with: word) }
  }
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { properties.numericType == .decimal }
}
