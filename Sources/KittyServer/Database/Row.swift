import KittyShared

/// One row of a result. Columns are read by position: a few by `decode`, many by a `RowReader`.
struct Row: Sendable {
  let columns: [SQL.Value]

  var reader: RowReader { RowReader(self) }

  /// Decodes the first columns: `let (id, net) = try row.decode(ID.self, Int64.self)`.
  /// - Throws: `UnexpectedColumn` when a column does not have the type that is asked for.
  func decode<each Column: ColumnDecodable>(_ types: repeat (each Column).Type) throws -> (repeat each Column)
  {
    var reader = reader
    return (repeat try reader.next((each Column).self))
  }

  /// Decodes the last column alone.
  /// - Throws: `UnexpectedColumn`.
  func last<Column: ColumnDecodable>(_ type: Column.Type) throws -> Column {
    guard let column = columns.last, let value = Column(column: column) else {
      throw UnexpectedColumn(index: columns.count - 1, type: "\(type)")
    }
    return value
  }
}

/// The value of a column does not have the type that the program expects.
struct UnexpectedColumn: Error {
  let index: Int
  let type: String
}

/// A type that can be decoded from a column. The driver of PostgreSQL returns each value as text, that of SQLite by its
/// type.
protocol ColumnDecodable {
  init?(column: SQL.Value)
}

extension String: ColumnDecodable {
  init?(column: SQL.Value) {
    guard case .text(let text) = column else { return nil }
    self = text
  }
}

extension Int64: ColumnDecodable {
  init?(column: SQL.Value) {
    switch column {
    case .integer(let value): self = value
    case .text(let text):
      guard let value = Int64(text) else { return nil }
      self = value
    case .id, .bool, .null: return nil
    }
  }
}

extension Int: ColumnDecodable {
  init?(column: SQL.Value) {
    guard let value = Int64(column: column) else { return nil }
    self.init(exactly: value)
  }
}

extension ID: ColumnDecodable {
  init?(column: SQL.Value) {
    guard let text = String(column: column) else { return nil }
    self.init(text)
  }
}

extension Day: ColumnDecodable {
  init?(column: SQL.Value) {
    guard let text = String(column: column) else { return nil }
    self.init(text)
  }
}

extension Currency: ColumnDecodable {
  init?(column: SQL.Value) {
    guard let text = String(column: column) else { return nil }
    self.init(code: text)
  }
}

extension Instant: ColumnDecodable {
  init?(column: SQL.Value) {
    guard let value = Int64(column: column) else { return nil }
    self.init(milliseconds: value)
  }
}

extension Optional: ColumnDecodable where Wrapped: ColumnDecodable {
  init?(column: SQL.Value) {
    guard column != .null else {
      self = Wrapped?.none
      return
    }
    guard let value = Wrapped(column: column) else { return nil }
    self = value
  }
}
