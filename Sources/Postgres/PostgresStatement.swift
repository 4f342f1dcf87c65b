/// A statement and its values, in PostgreSQL's text format.
package struct PostgresStatement: Sendable, Hashable {
  /// The statement with numbered parameters, `$1` and so on, or with a `?` at each of `places`.
  package let text: String
  /// A value for each parameter; `nil` is null. The server infers the types.
  package let values: [String?]
  /// The places of parameters that have no number: offsets in UTF-8, in order.
  package let places: [Int]
  /// `false` for a text that hardly occurs twice: it is not prepared.
  package let isRepeated: Bool

  package init(_ text: String, _ values: [String?] = [], places: [Int] = [], isRepeated: Bool = true) {
    self.text = text
    self.values = values
    self.places = places
    self.isRepeated = isRepeated
  }

  /// The statement with a number for each parameter. A statement that is prepared needs it once for each connection.
  package var numberedText: String {
    guard !places.isEmpty else { return text }
    var numbered = ""
    numbered.reserveCapacity(text.utf8.count + 4 * places.count)
    var start = text.startIndex
    for (index, place) in places.enumerated() {
      let end = text.utf8.index(text.startIndex, offsetBy: place)
      numbered += text[start..<end]
      numbered += "$\(index + 1)"
      start = text.utf8.index(after: end)
    }
    return numbered + text[start...]
  }
}

/// A row of a result, in PostgreSQL's text format.
package struct PostgresRow: Sendable, Hashable {
  /// A value for each column; `nil` is null.
  package let columns: [String?]

  package init(columns: [String?]) { self.columns = columns }
}

/// The result of a statement.
package struct PostgresResult: Sendable, Hashable {
  package let rows: [PostgresRow]
  /// Number of rows that were inserted, changed or deleted.
  package let affected: Int
}
