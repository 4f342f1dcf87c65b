/// A statement with numbered parameters, `$1` and so on, in PostgreSQL's text format.
package struct PostgresStatement: Sendable, Hashable {
  package let text: String
  /// A value for each parameter; `nil` is null. The server infers the types.
  package let values: [String?]
  /// `false` for a text that hardly occurs twice: it is not prepared.
  package let isRepeated: Bool

  package init(_ text: String, _ values: [String?] = [], isRepeated: Bool = true) {
    self.text = text
    self.values = values
    self.isRepeated = isRepeated
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
