/// Reads the text of a filter, by code points: a joiner after a quotation mark, as in Persian, is one `Character` with it.
///
/// ```
/// any    = all { "OR" all }
/// all    = factor { factor }
/// factor = "-" factor | "(" any ")" | "\"" phrase "\"" | "#" word | field ":" value | word
/// ```
struct FilterParser {
  let scalars: [Unicode.Scalar]
  /// The place of the next character.
  var next = 0
  private var depth = 0
  /// The places of the terms so far.
  private(set) var places: [FilterPlace] = []

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// Reads the whole text.
  mutating func parse() throws(FilterProblem) -> FilterExpression {
    guard scalars.count <= Filter.maxLength else {
      throw FilterProblem(
        .tooLong,
        "Write at most \(Filter.maxLength) characters; the filter has \(scalars.count).",
        at: FilterPlace(offset: Filter.maxLength, length: scalars.count - Filter.maxLength))
    }
    for (offset, scalar) in scalars.enumerated()
    where scalar.isInvisibleControl && !scalar.properties.isWhitespace {
      throw FilterProblem(
        .controlCharacter, "Leave out the invisible character \(scalar.escaped).",
        at: FilterPlace(offset: offset, length: 1))
    }
    skipSpace()
    guard next < scalars.count else {
      throw FilterProblem(
        .empty, "Write a word or a condition, such as rent or \(FilterField.kind.example).",
        at: place(from: 0))
    }
    let expression = try any()
    guard next == scalars.count else {
      throw FilterProblem(
        .unbalanced,
        "There is no ( for this parenthesis: leave it out, or write it in quotation marks.",
        at: FilterPlace(offset: next, length: 1))
    }
    return expression
  }

  private mutating func any() throws(FilterProblem) -> FilterExpression {
    var alternatives = [try all(after: nil)]
    while let word = takeOr() { alternatives.append(try all(after: word)) }
    return alternatives.count == 1 ? alternatives[0] : .any(alternatives)
  }

  /// - Parameter word: The `OR` before it.
  private mutating func all(after word: FilterPlace?) throws(FilterProblem) -> FilterExpression {
    var factors: [FilterExpression] = []
    skipSpace()
    while next < scalars.count, scalars[next] != ")", !isAtOr {
      factors.append(try factor())
      skipSpace()
    }
    if factors.count > 1 { return .all(factors) }
    if let factor = factors.first { return factor }
    if let word {
      throw FilterProblem(
        .missingTerm, "Write a condition after OR, or \"OR\" in quotation marks for the word.", at: word)
    }
    if isAtOr {
      throw FilterProblem(
        .missingTerm, "Write a condition before OR, or \"OR\" in quotation marks for the word.",
        at: FilterPlace(offset: next, length: 2))
    }
    guard depth > 0 else {
      throw FilterProblem(
        .unbalanced, "There is no ( for this parenthesis: leave it out, or write it in quotation marks.",
        at: FilterPlace(offset: next, length: 1))
    }
    throw FilterProblem(
      .missingTerm, "Write a condition between the parentheses.", at: FilterPlace(offset: next, length: 1))
  }

  private mutating func factor() throws(FilterProblem) -> FilterExpression {
    let start = next
    switch scalars[next] {
    case "-":
      next += 1
      guard next < scalars.count, !scalars[next].properties.isWhitespace, scalars[next] != ")", !isAtOr else {
        throw FilterProblem(
          .missingTerm,
          "Write a condition right after the minus sign, or \"-\" in quotation marks for the sign itself.",
          at: place(from: start))
      }
      return .not(try nested(from: start) { (parser) throws(FilterProblem) in try parser.factor() })
    case "(":
      next += 1
      let inner = try nested(from: start) { (parser) throws(FilterProblem) in
        parser.skipSpace()
        guard parser.next < parser.scalars.count else { throw Self.open(start) }
        return try parser.any()
      }
      guard next < scalars.count else { throw Self.open(start) }
      next += 1
      return inner
    default:
      let term = try term()
      guard !isInWord else {
        throw FilterProblem(
          .unbalanced,
          "Write a space between a text in quotation marks and what is beside it, or put all of it in quotation marks.",
          at: FilterPlace(offset: next, length: 1))
      }
      places.append(place(from: start))
      guard places.count <= Filter.maxTerms else {
        throw FilterProblem(
          .tooMany, "Write at most \(Filter.maxTerms) words and conditions.", at: place(from: start))
      }
      return .term(term)
    }
  }

  /// Reads what a parenthesis or a minus sign is for.
  private mutating func nested(
    from start: Int, _ body: (inout FilterParser) throws(FilterProblem) -> FilterExpression
  ) throws(FilterProblem) -> FilterExpression {
    guard depth < Filter.maxDepth else {
      throw FilterProblem(
        .tooDeep, "Nest parentheses and minus signs at most \(Filter.maxDepth) deep.", at: place(from: start))
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  private static func open(_ start: Int) -> FilterProblem {
    FilterProblem(
      .unbalanced, "This parenthesis is not closed: write ) after the conditions.",
      at: FilterPlace(offset: start, length: 1))
  }

  private mutating func term() throws(FilterProblem) -> FilterTerm {
    let start = next
    if scalars[next] == "\"" {
      let phrase = try takePhrase()
      return try text(phrase, from: start)
    }
    if scalars[next] == "#" {
      next += 1
      let word = takeWord()
      return try numberOrTag(word, from: start)
    }
    let letters = scalars[next...].prefix { $0.properties.isAlphabetic }
    guard !letters.isEmpty, letters.endIndex < scalars.count, scalars[letters.endIndex] == ":" else {
      let word = takeWord()
      return try text(word, from: start)
    }
    next = letters.endIndex + 1
    let name = Self.string(letters)
    guard let field = FilterField(rawValue: name.lowercased()) else {
      let fields = FilterField.allCases.map(\.rawValue).listed("and")
      throw FilterProblem(
        .unknownField,
        "There is no field \"\(name)\". The fields are \(fields). A text with a colon needs quotation marks.",
        at: FilterPlace(offset: start, length: letters.count))
    }
    return try term(field, from: start)
  }

  private func text(_ text: String, from start: Int) throws(FilterProblem) -> FilterTerm {
    guard !text.folded.isEmpty else {
      throw FilterProblem(
        .emptyValue, "Write a text with letters, digits or other signs.", at: place(from: start))
    }
    return .text(text)
  }
}

extension FilterParser {
  /// The place of what was read since a character.
  func place(from start: Int) -> FilterPlace { FilterPlace(offset: start, length: next - start) }

  static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  mutating func skipSpace() {
    while next < scalars.count, scalars[next].properties.isWhitespace { next += 1 }
  }

  /// `true` before a character that is neither white space nor a parenthesis.
  var isInWord: Bool { next < scalars.count && (!scalars[next].endsWord || scalars[next] == "\"") }

  /// Takes the characters up to white space, a parenthesis or a quotation mark.
  mutating func takeWord() -> String {
    let word = scalars[next...].prefix { !$0.endsWord }
    next = word.endIndex
    return Self.string(word)
  }

  /// Takes a text in quotation marks. In it `\"` is a quotation mark and `\\` a backslash; before other characters a
  /// backslash is a character like others.
  mutating func takePhrase() throws(FilterProblem) -> String {
    let start = next
    var phrase: [Unicode.Scalar] = []
    next += 1
    while next < scalars.count {
      let scalar = scalars[next]
      next += 1
      if scalar == "\"" { return Self.string(phrase) }
      if scalar == "\\", next < scalars.count, scalars[next] == "\"" || scalars[next] == "\\" {
        phrase.append(scalars[next])
        next += 1
      } else {
        phrase.append(scalar)
      }
    }
    throw FilterProblem(
      .unbalanced, "This quotation mark is not closed: write another one after the text.",
      at: FilterPlace(offset: start, length: 1))
  }

  /// `true` before the word `OR`.
  var isAtOr: Bool {
    guard next + 1 < scalars.count, scalars[next] == "O", scalars[next + 1] == "R" else { return false }
    return next + 2 == scalars.count || scalars[next + 2].endsWord
  }

  private mutating func takeOr() -> FilterPlace? {
    skipSpace()
    guard isAtOr else { return nil }
    next += 2
    return FilterPlace(offset: next - 2, length: 2)
  }
}
