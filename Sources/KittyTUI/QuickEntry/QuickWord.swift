/// A part of a line of quick entry, before its names are looked up.
enum QuickWord: Hashable, Sendable {
  /// A word.
  case plain(String)
  /// A text in quotation marks, which is never an amount, a date or a name.
  case quoted(String)
  /// A name after its sign, with the text after a colon.
  case person(Sign, QuickName, amount: String?)

  /// The role of a named person.
  enum Sign: Character, Sendable {
    /// A payer.
    case paid = "@"
    /// A member who takes part.
    case with = "+"
    /// A member who does not take part.
    case without = "-"
  }

  /// The word as it was typed.
  var text: String {
    switch self {
    case .plain(let text): text
    case .quoted(let text): "\"\(text)\""
    case .person(let sign, let name, let amount):
      "\(sign.rawValue)\(name.isQuoted ? "\"\(name.text)\"" : name.text)\(amount.map { ":\($0)" } ?? "")"
    }
  }

  /// Splits a line. A sign before white space is a word, and a minus before a number is part of the number. The line is
  /// read by scalars: a joiner after a quotation mark, as in Persian, is one `Character` with it.
  /// - Throws: `QuickEntry.Refusal` for quotation marks that are not closed or have no text between them.
  static func words(of line: String) throws(QuickEntry.Refusal) -> [QuickWord] {
    var words: [QuickWord] = []
    var rest = line.unicodeScalars[...]
    while true {
      rest = rest.drop(while: \.properties.isWhitespace)
      guard let first = rest.first else { return words }
      if first == "\"" {
        words.append(.quoted(try takeQuoted(&rest)))
      } else if let sign = Sign(rawValue: Character(first)), let next = rest.dropFirst().first,
        !next.properties.isWhitespace,
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
    _ sign: Sign, _ rest: inout Substring.UnicodeScalarView
  ) throws(QuickEntry.Refusal) -> QuickWord {
    guard rest.first == "\"" else {
      let word = takeWord(&rest)
      guard let colon = word.unicodeScalars.firstIndex(of: ":") else {
        return .person(sign, .init(word), amount: nil)
      }
      return .person(
        sign, .init(String(word[..<colon])), amount: String(word.unicodeScalars[colon...].dropFirst()))
    }
    let name = QuickName(try takeQuoted(&rest), isQuoted: true)
    guard rest.first == ":" else { return .person(sign, name, amount: nil) }
    rest.removeFirst()
    return .person(sign, name, amount: takeWord(&rest))
  }

  private static func takeQuoted(
    _ rest: inout Substring.UnicodeScalarView
  ) throws(QuickEntry.Refusal) -> String {
    rest.removeFirst()
    guard let end = rest.firstIndex(of: "\"") else {
      throw .init("A quotation mark is not closed. Add the closing one.", isIncomplete: true)
    }
    let text = String(rest[..<end])
    rest = rest[end...].dropFirst()
    guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
      throw .init("There is no text between the quotation marks.")
    }
    return text
  }

  private static func takeWord(_ rest: inout Substring.UnicodeScalarView) -> String {
    let word = rest.prefix { !$0.properties.isWhitespace }
    rest = rest[word.endIndex...]
    return String(word)
  }

  private static func startsNumber(_ text: Substring.UnicodeScalarView) -> Bool {
    let first = text.first {
      $0.properties.generalCategory != .currencySymbol && $0 != "." && $0 != ","
    }
    return first.map { ("0"..."9").contains($0) } ?? false
  }
}

/// A typed name.
struct QuickName: Hashable, Sendable {
  let text: String
  /// `true` in quotation marks: then `me` and `kitty` are ordinary names.
  let isQuoted: Bool

  init(_ text: String, isQuoted: Bool = false) {
    self.text = text
    self.isQuoted = isQuoted
  }
}
