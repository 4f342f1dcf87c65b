import KittyShared

/// The part of an audit that compares the rows of statistics with the current versions of the entries.
struct AuditedSpending: Sendable {
  let store: AuditStore

  /// An entry whose rows of statistics are not those that follow from its content.
  struct Wrong: Sendable {
    let group: ID
    let entry: ID
    /// The key of the wrong row; `nil` where rows are missing.
    var key: SpendingKey?
    let text: String
  }

  /// The number of rows that are read at a time.
  private static let pageSize = 500

  /// Returns the entries with wrong rows. O(entries).
  func wrong() async throws -> [Wrong] {
    var found = try await store.entriesWithoutSpending().map {
      Wrong(group: $0.group, entry: $0.entry, text: "entry \($0.entry) is missing in the statistics")
    }
    var last = SpendingKey.first
    while true {
      let rows = try await store.spending(after: last, limit: Self.pageSize)
      for row in rows where !Self.isExpected(row) {
        let name = row.number.map { "entry #\($0)" } ?? "entry \(row.key.entry)"
        found.append(
          Wrong(
            group: row.key.group, entry: row.key.entry, key: row.key,
            text: "\(name) is in the statistics with other amounts than its latest version says"))
      }
      guard rows.count == Self.pageSize, let key = rows.last?.key else { return found }
      last = key
    }
  }

  /// Writes the rows of entries with wrong ones again, except in groups that are being imported.
  /// - Returns: The groups of these entries.
  func repair(_ write: WriteContext) async throws -> Set<ID> {
    let incomplete = try await store.incomplete()
    let wrong = try await wrong().filter { !incomplete.contains($0.group) }
    for (group, wrong) in Dictionary(grouping: wrong, by: \.group) {
      // An imported group has the entry ids of the group that it came from.
      for (entry, wrong) in Dictionary(grouping: wrong, by: \.entry) {
        try await store.repairSpending(of: entry, in: group, removing: wrong.compactMap(\.key), write)
      }
    }
    return Set(wrong.map(\.group))
  }

  private static func isExpected(_ stored: StoredSpending) -> Bool {
    guard !stored.isDeleted, let row = stored.row, let text = stored.content else { return false }
    // A content that cannot be read is a finding of its own.
    guard let content = try? EntryContent(stored: text) else { return true }
    return content.spendingRows(group: stored.key.group, entry: stored.key.entry).contains(row)
  }
}
