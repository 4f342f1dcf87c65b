/// A piece of a line of quick entry, before anybody knows which names there are.
enum QuickWord: Hashable, Sendable {
  /// A word as it stands.
  case plain(String)
  /// What stood between quotation marks: it is a text and nothing else.
  case quoted(String)
  /// A name after its sign, and what stands behind it after a colon.
  case person(Sign, QuickName, amount: String?)

  /// What a name's sign says about them.
  enum Sign: Character, Sendable {
    /// They paid.
    case paid = "@"
    /// They take part.
    case with = "+"
    /// They take no part.
    case without = "-"
  }

  /// Takes a line apart. A sign before a white space is a word, and a minus before a number is the number's.
  /// - Throws: `QuickEntry.Refusal` for quotation marks that are not closed, or with nothing between them.
  static func words(of line: String) throws(QuickEntry.Refusal) -> [QuickWord] {
    var words: [QuickWord] = []
    var rest = line[...]
    while true {
      rest = rest.drop(while: \.isWhitespace)
      guard let first = rest.first else { return words }
      if first == "\"" {
        words.append(.quoted(try takeQuoted(&rest)))
      } else if let sign = Sign(rawValue: first), let next = rest.dropFirst().first, !next.isWhitespace,
        sign != .without || !startsNumber(rest.dropFirst())
      {
        rest.removeFirst()
        words.append(try takePerson(sign, &rest))
      } else {
        words.append(.plain(takeWord(&rest)))
      }
    }
  }

  private static func takePerson(
    _ sign: Sign, _ rest: inout Substring
  ) throws(QuickEntry.Refusal) -> QuickWord {
    guard rest.first == "\"" else {
      let word = takeWord(&rest)
      guard let colon = word.firstIndex(of: ":") else { return .person(sign, .init(word), amount: nil) }
      return .person(
        sign, .init(String(word[..<colon])), amount: String(word[word.index(after: colon)...]))
    }
    let name = QuickName(try takeQuoted(&rest), isQuoted: true)
    guard rest.first == ":" else { return .person(sign, name, amount: nil) }
    rest.removeFirst()
    return .person(sign, name, amount: takeWord(&rest))
  }

  private static func takeQuoted(_ rest: inout Substring) throws(QuickEntry.Refusal) -> String {
    rest.removeFirst()
    guard let end = rest.firstIndex(of: "\"") else {
      throw .init("A quotation mark is not closed.")
    }
    let text = String(rest[..<end])
    rest = rest[rest.index(after: end)...]
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw .init("There is nothing between the quotation marks.")
    }
    return text
  }

  private static func takeWord(_ rest: inout Substring) -> String {
    let word = rest.prefix { !$0.isWhitespace }
    rest = rest[word.endIndex...]
    return String(word)
  }

  private static func startsNumber(_ text: Substring) -> Bool {
    guard let first = text.first(where: { !$0.isCurrencySymbol && $0 != "." && $0 != "," }) else {
      return false
    }
    return first.isASCII && first.isWholeNumber
  }
}

/// A name as it was typed.
struct QuickName: Hashable, Sendable {
  let text: String
  /// Whether it stood between quotation marks: then `me` and `kitty` are names like any other.
  let isQuoted: Bool

  init(_ text: String, isQuoted: Bool = false) {
    self.text = text
    self.isQuoted = isQuoted
  }
}
