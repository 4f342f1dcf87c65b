import Dispatch
import GRDB
import Synchronization

/// Moves the write-ahead log into the file of the database, while others write.
///
/// SQLite's own checkpoint is a part of the commit that fills the log: all transactions wait for the disk until it is done,
/// a fifth of a second and more. Here a connection of its own moves the log, and the writer moves only what was written
/// meanwhile, so that the log starts again. See https://www.sqlite.org/wal.html, section 3.
///
/// A checkpoint that fails changes nothing: the log keeps what was committed, and the next checkpoint moves it.
final class SQLiteCheckpoints: Sendable {
  /// The number of pages of 4 KB after which the log is moved: a page that changes often is then copied less often.
  static let pages = 4000
  /// The number of pages in the log after which the commit moves it after all.
  static let mostPages = 10 * pages

  private enum Phase {
    case waiting
    case moving
    /// The most is moved, and the writer does the rest.
    case moved
  }

  private struct State {
    /// The number of pages that were written since the last checkpoint began.
    var pages = 0
    var phase = Phase.waiting
  }

  private let path: String
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "kittycash.checkpoint")

  /// - Parameter path: The file of the database.
  init(path: String) { self.path = path }

  /// Notes pages that were committed, and begins a checkpoint after so many of them.
  func add(pages: Int) {
    let begins = state.withLock { state in
      state.pages += pages
      guard state.pages >= Self.pages, state.phase == .waiting else { return false }
      state = State(pages: 0, phase: .moving)
      return true
    }
    guard begins else { return }
    queue.async { [self] in
      // A failure, for example a full disk, is met by the next write too, which reports it.
      try? moveLog()
      state.withLock { $0.phase = .moved }
    }
  }

  private func moveLog() throws {
    let connection = try DatabaseQueue(path: path)
    defer { try? connection.close() }
    try connection.writeWithoutTransaction { database in
      // The second time what was written during the first.
      for _ in 1...2 { try database.checkpoint(.passive) }
    }
  }

  /// Moves the rest of the log after a checkpoint, on the connection of the writer: as nothing is written meanwhile, the next
  /// transaction starts the log again, unless a read still uses it.
  func finish(on database: GRDB.Database) {
    let isMoved = state.withLock { state in
      defer { if state.phase == .moved { state.phase = .waiting } }
      return state.phase == .moved
    }
    if isMoved { _ = try? database.checkpoint(.passive) }
  }

  /// Waits for the end of a checkpoint.
  func wait() { queue.sync {} }
}
