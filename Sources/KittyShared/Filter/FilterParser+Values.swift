/// The value of a field, as it was typed.
private struct FilterValue {
  let text: String
  /// `true` for a text in quotation marks.
  let isQuoted: Bool
  let place: FilterPlace
}

extension FilterParser {
  /// Reads the word after `#`.
  func numberOrTag(_ word: String, from start: Int) throws(FilterProblem) -> FilterTerm {
    let place = place(from: start)
    let word = Self.withoutTagSign(word)
    guard !word.folded.isEmpty else {
      throw FilterProblem(
        .emptyValue, "Write the number of an entry or a tag right after #, such as #318 or #trip.", at: place)
    }
    guard word.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return .tag(.named(try existing(word, at: place)))
    }
    guard let number = Int64(word) else {
      throw FilterProblem(.unknownValue, "No entry has such a number: write a smaller one.", at: place)
    }
    return .number(number)
  }

  /// Reads the value of a field.
  /// - Parameter start: The place of the name of the field.
  mutating func term(_ field: FilterField, from start: Int) throws(FilterProblem) -> FilterTerm {
    let value = try takeValue(of: field, from: start)
    switch field {
    case .kind: return .kind(try choice(value, of: EntryContent.Kind.allCases, field))
    case .is: return try choice(value, of: [State.refund], field).term
    case .has: return .has(try choice(value, of: FilterTerm.Part.allCases, field))
    case .paid: return .paid(name(value))
    case .with: return .with(name(value))
    case .by:
      let name = name(value)
      guard name != .kitty else {
        throw FilterProblem(
          .unknownValue, "The kitty enters no entries: write by: with the name of a member, or paid:kitty.",
          at: value.place)
      }
      return .by(name)
    case .category: return .category(label(value))
    case .tag: return .tag(try tag(value))
    case .currency:
      guard let currency = Currency(code: value.text) else {
        throw FilterProblem(
          .unknownValue, "There is no currency \"\(value.text)\". Write a code such as USD.", at: value.place)
      }
      return .currency(currency)
    case .date: return .date(try dates(value))
    case .amount: return .amount(try amounts(value))
    }
  }

  /// The states that `is:` asks for.
  private enum State: String {
    case refund

    var term: FilterTerm { .refund }
  }

  private mutating func takeValue(
    of field: FilterField, from start: Int
  ) throws(FilterProblem) -> FilterValue {
    let first = next
    // The ends of a range can be in quotation marks, each or both.
    let isRange = field == .date || field == .amount
    let value = try takePieces(joined: isRange)
    var text = value.text
    guard !text.folded.isEmpty else { throw empty(field, from: start) }
    // The values of two words: the beginning of a range, its end, or both.
    while field == .date, text.isBeforeUnit {
      let end = next
      skipSpace()
      let unit = try takePieces(joined: true).text
      guard FilterDates.Unit(rawValue: (unit.rangeEnds?.first ?? unit[...]).lowercased()) != nil else {
        next = end
        break
      }
      text += " " + unit
    }
    return FilterValue(text: text, isQuoted: value.isQuoted, place: place(from: first))
  }

  /// Takes a word or a text in quotation marks.
  /// - Parameter joined: `true` takes all that stand side by side as one text.
  private mutating func takePieces(
    joined: Bool
  ) throws(FilterProblem) -> (text: String, isQuoted: Bool) {
    var text = ""
    var isQuoted = false
    repeat {
      if next < scalars.count, scalars[next] == "\"" {
        text += try takePhrase()
        isQuoted = true
      } else {
        text += takeWord()
      }
    } while joined && isInWord
    return (text, isQuoted)
  }

  private func empty(_ field: FilterField, from start: Int) -> FilterProblem {
    FilterProblem(
      .emptyValue, "Write a value right after \(field.rawValue):, such as \(field.example).",
      at: place(from: start))
  }

  private func choice<Choice: RawRepresentable<String>>(
    _ value: FilterValue, of choices: [Choice], _ field: FilterField
  ) throws(FilterProblem) -> Choice {
    let word = value.text.lowercased()
    if let choice = choices.first(where: { $0.rawValue == word }) { return choice }
    let known = choices.map { "\(field.rawValue):\($0.rawValue)" }.listed("or")
    throw FilterProblem(
      .unknownValue, "There is no \(field.rawValue):\(value.text). Write \(known).", at: value.place)
  }

  private func name(_ value: FilterValue) -> FilterName {
    guard !value.isQuoted else { return .named(value.text) }
    return switch value.text.lowercased() {
    case "me": .me
    case "kitty": .kitty
    default: .named(value.text)
    }
  }

  private func label(_ value: FilterValue) -> FilterLabel {
    !value.isQuoted && value.text.lowercased() == "none" ? .none : .named(value.text)
  }

  private func tag(_ value: FilterValue) throws(FilterProblem) -> FilterLabel {
    guard value.text.unicodeScalars.first == "#" else {
      let label = label(value)
      if case .named(let name) = label { _ = try existing(name, at: value.place) }
      return label
    }
    let name = Self.withoutTagSign(value.text)
    guard !name.folded.isEmpty else {
      throw FilterProblem(.emptyValue, "Write the tag, such as tag:trip.", at: value.place)
    }
    return .named(try existing(name, at: value.place))
  }

  /// Returns the name of a tag that can exist. A filter is written without accents, and a tag may begin with a letter that
  /// has one: what has the form of a tag without them is one.
  private func existing(_ name: String, at place: FilterPlace) throws(FilterProblem) -> String {
    guard Tags.normalized(name) != nil || Tags.normalized(name.folded) != nil else {
      throw FilterProblem(.notATag, "No tag is like this. \(Tags.rule)", at: place)
    }
    return name
  }

  /// No tag begins with the sign before it.
  private static func withoutTagSign(_ text: String) -> String {
    string(text.unicodeScalars.drop { $0 == "#" })
  }

  private func dates(_ value: FilterValue) throws(FilterProblem) -> FilterDates {
    if let dates = FilterDates(value.text) { return dates }
    throw FilterProblem(
      .unknownValue,
      "\"\(value.text)\" is not a date. Write a year, a month or a day (2026, 2026-01, 2026-01-05), today, yesterday, this or last with week, month or year, or a range such as 2026-01..2026-03 or last month..today.",
      at: value.place)
  }

  private func amounts(_ value: FilterValue) throws(FilterProblem) -> FilterAmounts {
    if value.text.contains("-") || value.text.contains("\u{2212}") {
      throw FilterProblem(
        .unknownValue, "Write the amount without a sign. Refunds are found with is:refund.", at: value.place)
    }
    if let (group, decimals) = FilterNumber.ambiguous(value.text) {
      throw FilterProblem(
        .unknownValue,
        "A comma before three digits could be between thousands or before decimals. Write \(group) or \(decimals).",
        at: value.place)
    }
    guard let amounts = FilterAmounts(value.text) else {
      throw FilterProblem(
        .unknownValue,
        "\"\(value.text)\" is not an amount. Write one such as 50 or 50.20, a limit such as >50 or <=50, or a range such as 20..50.",
        at: value.place)
    }
    guard !amounts.isReversed else {
      throw FilterProblem(
        .reversedRange, "The range ends below its beginning: write the smaller amount first.",
        at: value.place)
    }
    return amounts
  }
}

extension String {
  /// `true` for a date that goes on with a unit: `this`, or a range that ends with it.
  fileprivate var isBeforeUnit: Bool {
    let end = rangeEnds?.last ?? self[...]
    return ["this", "last"].contains(end.lowercased())
  }
}
