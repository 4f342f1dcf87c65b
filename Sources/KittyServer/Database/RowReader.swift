/// Reads the columns of a row one after the other, so that each value is decoded where its name is:
///
///     var reader = row.reader
///     return Comment(
///       id: try reader.next(), text: try reader.next(), createdBy: try reader.next(), createdAt: try reader.next())
///
/// The arguments of a call are evaluated in their order, so it must be the order of the columns.
struct RowReader {
  private let columns: [SQL.Value]
  private var index = 0

  init(_ row: Row) { columns = row.columns }

  /// Decodes the next column.
  /// - Throws: `UnexpectedColumn`.
  mutating func next<Column: ColumnDecodable>(_ type: Column.Type = Column.self) throws -> Column {
    defer { index += 1 }
    guard index < columns.count, let value = Column(column: columns[index]) else {
      throw UnexpectedColumn(index: index, type: "\(type)")
    }
    return value
  }
}
