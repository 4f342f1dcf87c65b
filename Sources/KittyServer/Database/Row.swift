import KittyShared

/// One row of a result; columns are read by position.
struct Row: Sendable {
  let columns: [SQL.Value]

  /// Decodes all columns: `let (id, net) = try row.decode(ID.self, Int64.self)`.
  /// - Throws: `UnexpectedColumn` when the statement and this call do not fit each other.
  func decode<each Column: ColumnDecodable>(_ types: repeat (each Column).Type) throws -> (repeat each Column)
  {
    var index = 0
    func next<C: ColumnDecodable>(_ type: C.Type) throws -> C {
      defer { index += 1 }
      guard index < columns.count, let value = C(column: columns[index]) else {
        throw UnexpectedColumn(index: index, type: "\(type)")
      }
      return value
    }
    return (repeat try next(each types))
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

/// A column holds something else than the program expects.
struct UnexpectedColumn: Error {
  let index: Int
  let type: String
}

/// What can be read from a column. PostgreSQL's driver gives every value as text, SQLite's by its type.
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
    case .bool, .null: return nil
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
