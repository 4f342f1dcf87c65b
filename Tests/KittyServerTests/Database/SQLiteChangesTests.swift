import Synchronization
import TestSupport
import Testing

@testable import KittyServer

/// Commits of other processes to the file of the embedded database.
@Suite struct SQLiteChangesTests {
  private static let schema = Migration(version: 1, name: "test") { _ in
    "create table numbers (n integer primary key) strict"
  }

  @Test func onlyCommitsOfOthersAreChanges() async throws {
    try await withTemporaryFolder { folder in
      let database = try SQLiteDatabase(path: folder + "/x.sqlite")
      _ = try await database.migrate([Self.schema])
      let other = try SQLiteDatabase(path: folder + "/x.sqlite")
      let changes = Mutex(0)
      let watch = SQLiteChanges(database) { changes.withLock { $0 += 1 } }
      #expect(!watch.isCurrent)
      await watch.catchUp()
      #expect(watch.isCurrent)
      let before = changes.withLock { $0 }
      for number in 1...20 { try await database.transact(["insert into numbers values (\(number))"]) }
      await watch.catchUp()
      #expect(watch.isCurrent && changes.withLock { $0 } == before)
      try await other.transact(["insert into numbers values (100)"])
      // At most a second later.
      try await until {
        await watch.catchUp()
        return changes.withLock { $0 } == before + 1
      }
      // A transaction of this process finds out at once.
      try await other.transact(["insert into numbers values (101)"])
      try await database.transact(["insert into numbers values (102)"])
      #expect(!watch.isCurrent)
      await watch.catchUp()
      #expect(watch.isCurrent && changes.withLock { $0 } == before + 2)
      await other.close()
      await database.close()
    }
  }
}
