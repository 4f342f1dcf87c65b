/// Gives each name a form that no name before it has: the name itself, or the name with a number. The numbers of a name
/// that is taken often are tried once each, not again for each use. O(names).
struct FreeNames {
  /// Returns the same key for names that count as the same.
  private let key: (String) -> String
  private var used: Set<String>
  /// The number to try next, by the key of the name without a number.
  private var numbers: [String: Int] = [:]

  init(used: [String], key: @escaping (String) -> String) {
    self.key = key
    self.used = Set(used.map(key))
  }

  /// - Parameter numbered: Returns the name with a number.
  mutating func free(_ name: String, numbered: (Int) -> String) -> String {
    let plain = key(name)
    guard !used.insert(plain).inserted else { return name }
    while true {
      let number = numbers[plain, default: 2]
      numbers[plain] = number + 1
      let free = numbered(number)
      if used.insert(key(free)).inserted { return free }
    }
  }
}
