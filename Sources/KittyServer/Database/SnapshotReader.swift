/// A reader of the database as it was at one moment.
protocol SnapshotReader {
  /// Runs one statement that only reads.
  /// - Throws: `DatabaseFailure`.
  func read(_ statement: SQL) async throws -> [Row]
}
