/// What a name that somebody typed stands for.
enum NameMatch<Value: Sendable>: Sendable {
  /// This one, and no other.
  case one(Value)
  /// Nobody.
  case none
  /// Each of these, by name.
  case several([(name: String, value: Value)])

  /// Looks for a name: as it is written, else in any case, else as the beginning of one. What is found
  /// earlier wins, so that "Ann" can be named beside "Anna".
  init(_ typed: String, in known: [(name: String, value: Value)]) {
    let small = typed.lowercased()
    let ways: [(String) -> Bool] = [
      { $0 == typed }, { $0.lowercased() == small }, { !small.isEmpty && $0.lowercased().hasPrefix(small) },
    ]
    for isMeant in ways {
      let found = known.filter { isMeant($0.name) }
      if let first = found.first {
        self = found.count == 1 ? .one(first.value) : .several(found)
        return
      }
    }
    self = .none
  }
}

extension [String] {
  /// The names in a sentence: `Anna, Bob or Carl`; after a dozen it says how many more there are.
  func listed(_ last: String) -> String {
    let shown = count > 12 ? prefix(11) + ["\(count - 11) more"] : self[...]
    guard let end = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " \(last) " + end
  }
}
