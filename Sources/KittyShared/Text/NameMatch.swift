/// The result of looking up a typed name.
package enum NameMatch<Value: Sendable>: Sendable {
  /// Exactly one match.
  case one(Value)
  /// No match.
  case none
  /// Several matches, by name.
  case several([(name: String, value: Value)])

  /// Looks for an equal name, else for one that looks the same or differs in case, else for a name that begins with the
  /// text. An earlier step wins, so that "Ann" matches when there is also an "Anna". The beginning of a name may end
  /// before a mark or a joiner, which is one `Character` with the letter before it.
  /// - Parameters:
  ///   - ignoringAccents: `true` to take a name that is equal without accents before one that begins with the text, and
  ///     one that begins with it without accents at last.
  ///   - isPreferred: Of several matches of a step, those that win.
  package init(
    _ typed: String, in candidates: [(name: String, value: Value)], ignoringAccents: Bool = false,
    preferring isPreferred: (Value) -> Bool = { _ in true }
  ) {
    let (key, folded) = (typed.nameKey, ignoringAccents ? typed.folded : "")
    let steps: [(String) -> Bool] = [
      { $0 == typed }, { $0.nameKey == key }, { !folded.isEmpty && $0.folded == folded },
      { !key.isEmpty && $0.nameKey.unicodeScalars.starts(with: key.unicodeScalars) },
      { !folded.isEmpty && $0.folded.unicodeScalars.starts(with: folded.unicodeScalars) },
    ]
    for matches in steps {
      let all = candidates.filter { matches($0.name) }
      let preferred = all.filter { isPreferred($0.value) }
      let found = preferred.isEmpty ? all : preferred
      if let first = found.first {
        self = found.count == 1 ? .one(first.value) : .several(found)
        return
      }
    }
    self = .none
  }
}

extension [String] {
  /// The names as part of a sentence, such as `Anna, Bob or Carl`. Of more than 12 names it has the first 11 and
  /// the number of the others.
  package func listed(_ last: String) -> String {
    let shown = count > 12 ? prefix(11) + ["\(count - 11) more"] : self[...]
    guard let end = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " \(last) " + end
  }
}
