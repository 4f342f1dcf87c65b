import Synchronization

/// Watches an SQLite file for commits of other processes, by SQLite's own counter of them. The server looks at most once
/// a second, and only when it is asked for something.
final class SQLiteChanges: ChangeWatch {
  private let database: SQLiteDatabase
  private let onChange: @Sendable () -> Void
  private let seen = Mutex<Int64?>(nil)

  /// - Parameter onChange: Called when another process has committed something.
  init(_ database: SQLiteDatabase, onChange: @escaping @Sendable () -> Void) {
    self.database = database
    self.onChange = onChange
  }

  func catchUp() async {
    if !database.othersCommits.isCurrent { await database.countOthersCommits() }
    let count = database.othersCommits.count
    seen.withLock { seen in
      if seen != count { onChange() }
      seen = count
    }
  }

  var isCurrent: Bool {
    let (count, isCurrent) = database.othersCommits
    return isCurrent && count == seen.withLock { $0 }
  }

  func notice(of words: [String]) -> SQL? { nil }
  func close() async {}
}
