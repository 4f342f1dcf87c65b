/// A database that can be backed up and restored.
protocol BackupDatabase: Database {
  /// Runs `body` on a snapshot: it reads all data as it is at one moment, however long that takes, while others write.
  /// - Throws: `DatabaseFailure`, or the error of `body`.
  func snapshot<Value: Sendable>(_ body: (any SnapshotReader) async throws -> Value) async throws -> Value

  /// Runs `body` in one transaction, which is rolled back when `body` throws or the process ends. No server migrates
  /// the database at the same time.
  /// - Throws: `DatabaseFailure`, or the error of `body`.
  func restore<Value: Sendable>(_ body: (any RestoreTransaction) async throws -> Value) async throws -> Value
}
