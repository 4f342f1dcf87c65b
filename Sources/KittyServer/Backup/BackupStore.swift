import KittyShared

/// The rows that a backup reads, all of one moment.
struct BackupStore {
  let snapshot: any SnapshotReader

  /// Returns the rows of a table that follow the row with this key, in the order of the key.
  /// - Parameter key: `nil` for the first rows.
  /// - Throws: `DatabaseFailure`, here and below.
  func rows(of table: BackupTable, after key: [SQL.Value]?, limit: Int) async throws -> [Row] {
    try await snapshot.read(table.rows(after: key, limit: limit))
  }

  /// Returns the hashes of receipts of entries, in order, each with its type.
  /// - Parameter hash: The last hash of the page before.
  func receiptsInUse(after hash: String, limit: Int) async throws -> [(hash: String, type: String)] {
    try await snapshot.read(
      """
      select hash, min(type) from entry_receipts where hash > \(hash) group by hash order by hash limit \(limit)
      """
    ).map { try $0.decode(String.self, String.self) }
  }

  /// Returns the hashes of photos in use, in order.
  /// - Parameter hash: The last hash of the page before.
  func photosInUse(after hash: String, limit: Int) async throws -> [String] {
    try await snapshot.read(
      """
      select photo_hash from (
        select photo_hash from users union select photo_hash from groups) as shown
      where photo_hash > \(hash) order by photo_hash limit \(limit)
      """
    ).map { try $0.decode(String.self) }
  }
}
