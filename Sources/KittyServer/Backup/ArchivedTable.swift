/// A table of an archive. An archive of an older schema may have fewer columns than the table has now, in another
/// order.
struct ArchivedTable {
  let table: BackupTable
  let columns: [BackupTable.Column]
  /// Indices of the columns whose values are equal in rows that must be inserted by one statement.
  private let groupingColumns: [Int]

  var name: String { "\(table.name)" }

  /// - Throws: `ArchiveFailure` for a table or column that no schema has.
  init(_ manifest: ArchiveManifest.TableManifest) throws {
    let table = BackupTable.all.first { "\($0.name)" == manifest.name }
    let columns = manifest.columns.compactMap { table?.column($0) }
    guard let table, columns.count == manifest.columns.count else {
      throw ArchiveFailure(
        description:
          "The archive has a table \(manifest.name) with columns that no version of KittyCash has."
      )
    }
    self.table = table
    self.columns = columns
    groupingColumns = table.columns.prefix(table.together).compactMap { column in
      manifest.columns.firstIndex(of: "\(column.name)")
    }
  }

  /// Returns the number of rows that can be inserted now: the last group of rows may continue in the next part.
  func insertableCount(of rows: [[SQL.Value]]) -> Int {
    guard !groupingColumns.isEmpty, let last = rows.last else { return rows.count }
    let before = rows.lastIndex { row in groupingColumns.contains { row[$0] != last[$0] } }
    return before.map { $0 + 1 } ?? 0
  }
}
