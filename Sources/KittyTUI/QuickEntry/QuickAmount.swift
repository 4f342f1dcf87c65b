import KittyShared

/// The amount in the words of a line: the number and its currency.
struct QuickAmount {
  let amount: Amount
  /// The indices of the words that are part of the amount, including its currency.
  let indices: Set<Int>

  /// A word that can be read as a number.
  private struct Number {
    let index: Int
    /// The number without an attached currency code.
    let text: String
    /// The currencies attached to the number or beside it.
    let currencies: [(currency: Currency, index: Int)]
    /// `true` when the number can only be an amount: it has decimals, groups of digits, or a currency.
    let isMoney: Bool

    /// `true` when the number has only digits and a sign.
    var isWhole: Bool { text.allSatisfy { $0.isASCIIDigit || signs.contains($0) || $0 == "+" } }
    /// `true` when the number has a currency code or symbol.
    var isNamed: Bool {
      !currencies.isEmpty || text.contains { $0.isLetter || $0.isCurrencySymbol }
    }
  }

  /// Finds the amount. Of several numbers it is the first word, else the only one with decimals or a currency; the
  /// others must be whole numbers without a currency. All other ambiguous lines are rejected.
  /// - Parameters:
  ///   - words: The words of the line; `nil` stands for a text in quotation marks.
  ///   - group: The currency of an amount that names none.
  /// - Throws: `QuickEntry.Refusal`.
  init(in words: [String?], currency group: Currency) throws(QuickEntry.Refusal) {
    let numbers = words.indices.compactMap { Self.number(at: $0, in: words, group) }
    guard let first = numbers.first else {
      throw .init("The line has no amount. Write the amount first, such as 42.50.", isIncomplete: true)
    }
    let money = numbers.filter(\.isMoney)
    let chosen =
      numbers.count == 1 || (first.index == 0 && money.allSatisfy { $0.index == 0 })
      ? first : money.count == 1 && first.index != 0 ? money[0] : nil
    for number in chosen.map({ [$0] }) ?? numbers {
      if let whole = Self.spaced(number, words) {
        throw .init(
          "The amount is ambiguous: there is a space inside a number. Write \(whole), or put other numbers in quotation marks."
        )
      }
    }
    guard let chosen else {
      let all = numbers.compactMap { words[$0.index] }.map { "\"\($0)\"" }.listed("or")
      throw .init("The amount could be \(all). Put the other numbers in quotation marks.")
    }
    try Self.refuseHeading(chosen, numbers, words, group)
    try Self.refuseUnclearCurrency(beside: chosen, words)
    let currency = chosen.currencies.first?.currency ?? group
    guard chosen.currencies.allSatisfy({ $0.currency == currency }) else {
      throw .init(
        "\(chosen.currencies.map(\.currency.code).listed("and")) are two currencies for one amount. Write only one."
      )
    }
    amount = try Self.read(chosen.text, currency)
    indices = Set(chosen.currencies.map(\.index) + [chosen.index])
  }

  /// Reads an amount with an optional currency, such as `20`, `20 USD` or `USD20`.
  /// - Throws: `QuickEntry.Refusal`.
  static func amount(_ text: String, currency group: Currency) throws(QuickEntry.Refusal) -> Amount {
    let words = text.split(whereSeparator: \.isWhitespace).map { String($0) }
    let isNumber = words.indices.contains { number(at: $0, in: words, group) != nil }
    let found = isNumber ? try QuickAmount(in: words, currency: group) : nil
    guard let found, found.indices.count == words.count else {
      throw .init("\"\(text)\" is not an amount. Write it like 42.50, or 42.50 USD.")
    }
    return found.amount
  }

  /// Joins a whole number with the groups of three digits right after it, as in `1 200`; `nil` without such groups.
  private static func spaced(_ number: Number, _ words: [String?]) -> String? {
    let count = number.text.count(where: \.isASCIIDigit)
    guard (1...3).contains(count), words[number.index]?.last?.isASCIIDigit == true,
      number.text.allSatisfy({ !marks.contains($0) })
    else { return nil }
    let groups = words[(number.index + 1)...].prefix { word in
      word.map { $0.count == 3 && $0.allSatisfy(\.isASCIIDigit) } ?? false
    }
    return groups.isEmpty ? nil : number.text + groups.compactMap { $0 }.joined()
  }

  /// Rejects `TOP 5 songs 12`: a code before a whole number may be a word if the line has other numbers. After the
  /// number, attached to it, with decimals, or as the group's own code it is a currency.
  private static func refuseHeading(
    _ chosen: Number, _ numbers: [Number], _ words: [String?], _ group: Currency
  ) throws(QuickEntry.Refusal) {
    guard numbers.count > 1, chosen.isWhole, let (currency, index) = chosen.currencies.first,
      currency != group,
      chosen.currencies.count == 1, index == chosen.index - 1
    else { return }
    let all = numbers.compactMap { number in
      words[number.index].map { number.index == chosen.index ? "\"\(currency.code) \($0)\"" : "\"\($0)\"" }
    }
    throw .init(
      "The amount could be \(all.listed("or")). Write \(chosen.text) \(currency.code), or put the other numbers in quotation marks."
    )
  }

  /// Rejects a word beside the amount that may be a currency or a word: a symbol that is not the group's, or a code
  /// that is not in capitals.
  private static func refuseUnclearCurrency(
    beside number: Number, _ words: [String?]
  ) throws(QuickEntry.Refusal) {
    for index in [number.index + 1, number.index - 1] where words.indices.contains(index) {
      guard let word = words[index], !number.currencies.contains(where: { $0.index == index }) else {
        continue
      }
      let known = Currency.all.filter { $0.symbols.contains(word) }.map(\.code)
      if !known.isEmpty || (word.count <= 3 && word.contains(where: \.isCurrencySymbol)) {
        let could = known.isEmpty ? "a currency" : known.listed("or")
        throw .init(
          "\"\(word)\" beside a number could be \(could). Write the code, as in \(number.text) \(known.last ?? "USD"), or put \"\(word)\" in quotation marks."
        )
      }
      if !number.isNamed, word.allSatisfy(\.isASCII), let code = Currency(code: word)?.code {
        throw .init(
          "\"\(word)\" could be the currency \(code) or a word. Write \(code) beside the number, or put \"\(word)\" in quotation marks."
        )
      }
    }
  }

  /// Reads a number.
  /// - Throws: `QuickEntry.Refusal` with the message of `Amount`, also for zero and for a too large amount.
  static func read(_ text: String, _ currency: Currency) throws(QuickEntry.Refusal) -> Amount {
    let amount: Amount
    do throws(Amount.ParseFailure) { amount = try Amount(typed: text, currency: currency) } catch {
      throw .init(error.description)
    }
    do throws(Rejection) {
      return try AmountInput.minorUnits(amount.minorUnits).nonzeroAmount(in: currency)
    } catch {
      throw .init(error.errors?.first?.message ?? error.detail)
    }
  }

  private static func number(at index: Int, in words: [String?], _ group: Currency) -> Number? {
    guard let word = words[index] else { return nil }
    var text = word[...]
    var currencies: [(Currency, Int)] = []
    // A code in capitals may be attached to the number.
    if let code = code(text.suffix(3)), text.dropLast(3).last?.isASCIIDigit == true {
      currencies.append((code, index))
      text = text.dropLast(3)
    } else if let code = code(text.prefix(3)), let next = text.dropFirst(3).first,
      next.isASCIIDigit || signs.contains(next)
    {
      currencies.append((code, index))
      text = text.dropFirst(3)
    }
    let digits = text.first.map { signs.contains($0) || $0 == "+" } == true ? text.dropFirst() : text
    let isNumber =
      digits.allSatisfy { $0.isASCIIDigit || $0.isCurrencySymbol || marks.contains($0) }
      && digits.contains(where: \.isASCIIDigit) && digits.last.map { !marks.contains($0) } == true
    // `50kr` in a group whose currency is a crown.
    let isInGroups = !isNumber && (try? Amount(typed: String(text), currency: group)) != nil
    guard isNumber || isInGroups else { return nil }
    for neighbour in [index + 1, index - 1] where words.indices.contains(neighbour) {
      guard let beside = words[neighbour] else { continue }
      // The group's own currency is recognised in any spelling.
      let isGroups = beside.uppercased() == group.code || group.symbols.contains(beside)
      if let currency = code(beside[...]) ?? (isGroups ? group : nil) {
        currencies.append((currency, neighbour))
      }
    }
    return Number(
      index: index, text: String(text), currencies: currencies,
      isMoney: isInGroups || !currencies.isEmpty || !digits.allSatisfy(\.isASCIIDigit))
  }

  private static let marks: Set<Character> = [".", ",", "'", "\u{2019}"]
  private static let signs: Set<Character> = ["-", "\u{2212}"]

  private static func code(_ text: Substring) -> Currency? {
    guard text.count == 3, text.allSatisfy({ $0.isASCII && $0.isUppercase }) else { return nil }
    return Currency(code: String(text))
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isWholeNumber }
}
