extension String {
  /// Returns the number of letters to insert, remove or replace to make another text of this one. O(letters²).
  package func editDistance(to other: String) -> Int {
    let (one, other) = (Array(unicodeScalars), Array(other.unicodeScalars))
    var row = Array(0...other.count)
    for (index, letter) in one.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, second) in other.enumerated() {
        let replaced = diagonal + (letter == second ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = Swift.min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[other.count]
  }

  /// Returns the names that resemble this one, the nearest first: at most two letters differ, and at most half of them.
  package func near(_ names: [String]) -> [String] {
    let key = nameKey
    let length = key.unicodeScalars.count
    // A name has at most 64 letters.
    guard (2...66).contains(length) else { return [] }
    return names.map { (name: $0, distance: key.editDistance(to: $0.nameKey)) }
      .filter { $0.distance <= min(2, length / 2) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.map(\.name)
  }
}
