import KittyShared

/// The texts in the cells of a table for members that may be something else than the name of one: several members, one with a weight,
/// or words. As a name, such a text would silently become a member who owes a share.
struct AmbiguousNames {
  /// The keys of these texts.
  private var keys: Set<String> = []
  /// The keys of the names of the file, and the words of each with one space between them.
  private let (names, phrases): (Set<String>, Set<String>)
  /// Names with more words are not looked for.
  private static let maxWords = 8

  /// - Parameters:
  ///   - names: The texts that stand for members, each once.
  ///   - payers: The keys of those that stand for a payer somewhere.
  ///   - known: The keys of the names that are known to be those of members.
  init(among names: [String], payers: Set<String>, known: Set<String>) {
    self.names = Set(names.map(\.nameKey))
    phrases = Set(names.map { Self.phrase(of: Self.words($0)[...]) }.filter { !$0.isEmpty })
    for name in names where !known.contains(name.nameKey) {
      if isAmbiguous(name, isPayer: payers.contains(name.nameKey)) { keys.insert(name.nameKey) }
    }
  }

  var isEmpty: Bool { keys.isEmpty }

  func contains(_ name: String) -> Bool { keys.contains(name.nameKey) }

  /// The texts that are refused, in the order of the file.
  struct Refused {
    private var first: (name: String, place: ImportPlace)?
    private var names: [String] = []
    private var keys: Set<String> = []
    /// The most texts that a refusal lists.
    private static let most = 20

    mutating func add(_ name: String, at place: ImportPlace) {
      if first == nil { first = (name, place) }
      // The contract has at most so many, and none that is longer.
      guard names.count < Self.most, name.unicodeScalars.count <= 200, keys.insert(name.nameKey).inserted
      else { return }
      names.append(name)
    }

    /// The refusal of the first one, which lists all; `nil` without one.
    var refusal: Rejection? {
      first.map { AmbiguousNames.refusal(of: $0.name, at: $0.place, with: names) }
    }
  }

  /// Returns the refusal of a text.
  private static func refusal(of name: String, at place: ImportPlace, with names: [String]) -> Rejection {
    let name = name.replacingScalars { $0.isInvisibleControl ? " " : nil }.cut(to: 40)
    return .unreadable(
      place, "ambiguous",
      "\"\(name)\" may be something else than the name of one member. Write names with ; between them, a weight as in Ann:2, an amount as in Ann=3.50, and nothing for all members. If it is a name, say so with map={\"\(name)\": \"\(name)\"}.",
      names: names)
  }

  private func isAmbiguous(_ name: String, isPayer: Bool) -> Bool {
    if name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) { return true }
    let tokens = name.split(whereSeparator: \.isWhitespace)
    if Self.hasNumber(name, tokens) || Self.joinsWords(name, tokens) { return true }
    let isFirstForAll = tokens.first.map { GeneralTable.wordsForAll.contains(String($0).nameKey) } ?? false
    // One of the words for all in a list of others; alone it was read already.
    if isFirstForAll, tokens.count == 1 { return !isPayer }
    let (starts, rest) = others(in: name)
    if isFirstForAll, !starts.isEmpty || tokens[1].first?.isLowercase == true { return true }
    switch starts.count {
    case 0: return false
    case 1: return !isPayer && !(starts == [0] && Self.areOfName(rest))
    default: return true
    }
  }

  /// Returns `true` for a number that is a weight, a part or an amount rather than one that tells two members of one name apart.
  private static func hasNumber(_ name: String, _ tokens: [Substring]) -> Bool {
    guard name.unicodeScalars.contains(where: \.isDigit) else { return false }
    if name.unicodeScalars.contains(where: {
      "%(×*".unicodeScalars.contains($0) || $0.properties.generalCategory == .currencySymbol
    }) {
      return true
    }
    let isNumber: (Substring) -> Bool = { !$0.isEmpty && $0.unicodeScalars.allSatisfy(\.isDigit) }
    for (index, token) in tokens.enumerated() {
      let letters = token.lowercased()[...]
      if letters.hasPrefix("x"), isNumber(letters.dropFirst()) { return true }
      if letters == "x",
        index > 0 && isNumber(tokens[index - 1]) || tokens.dropFirst(index + 1).first.map(isNumber) == true
      {
        return true
      }
      // A weight before the name, as in 2x Ann, or an amount, as in 3.50.
      let rest = letters.drop { $0.unicodeScalars.allSatisfy(\.isDigit) }
      if rest.count < letters.count, rest.hasPrefix("x") || rest.hasPrefix(".") || rest.hasPrefix(",") {
        return true
      }
    }
    return false
  }

  private static let conjunctions: Set<String> = ["and", "und", "et", "en"]
  /// In capitals these are initials.
  private static let shortConjunctions: Set<String> = ["y", "e"]

  /// Returns `true` when a mark or a word stands between words that may be names.
  private static func joinsWords(_ name: String, _ tokens: [Substring]) -> Bool {
    if name.contains(where: { "/|\\&".contains($0) }) { return true }
    return tokens.dropFirst().dropLast().contains {
      conjunctions.contains($0.lowercased()) || shortConjunctions.contains(String($0))
    }
  }

  /// Returns `true` for words behind the name of another member that make it another name, as in Anna and Anna B.
  private static func areOfName(_ words: [Substring]) -> Bool {
    !words.isEmpty && words.compactMap(\.first).allSatisfy { !$0.isLowercase && !$0.isNumber }
  }

  /// Looks for other names of the file within a name.
  /// - Returns: The numbers of the words at which they begin, and the words that belong to none.
  private func others(in name: String) -> (starts: [Int], rest: [Substring]) {
    let words = Self.words(name)
    let all = Self.phrase(of: words[...])
    if all != name.nameKey, names.contains(all) { return ([0], []) }
    var (starts, rest): ([Int], [Substring]) = ([], [])
    var index = 0
    while index < words.count {
      let length = (1...min(Self.maxWords, words.count - index)).reversed().first { length in
        length < words.count && phrases.contains(Self.phrase(of: words[index..<index + length]))
      }
      if length != nil { starts.append(index) } else { rest.append(words[index]) }
      index += length ?? 1
    }
    return (starts, rest)
  }

  private static func phrase(of words: ArraySlice<Substring>) -> String {
    words.joined(separator: " ").nameKey
  }

  /// Returns the words of a name. A hyphen or an apostrophe is a part of one.
  private static func words(_ name: String) -> [Substring] {
    name.split { !$0.isLetter && !$0.isNumber && !"-‐'’".contains($0) }
  }
}

extension String {
  private static let quotes: [Character: String] = [
    "\"": "\"", "'": "'", "“": "”", "„": "“”", "”": "”", "‘": "’", "‚": "‘’", "’": "’", "«": "»", "»": "«»",
    "‹": "›",
    "›": "‹›", "「": "」", "『": "』",
  ]

  /// The text without quotation marks around all of it.
  var withoutQuotes: String {
    guard count > 2, let first, let last, Self.quotes[first]?.contains(last) == true,
      !dropFirst().dropLast().contains(where: { $0 == first || $0 == last })
    else { return self }
    return String(dropFirst().dropLast()).trimmed
  }
}
