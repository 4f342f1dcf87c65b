import Foundation
import GRDB
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Writes that wait for the SQLite file share a commit.
@Suite struct SQLiteWriterTests {
  private static let schema = Migration(version: 1, name: "test") { _ in
    """
    create table parents (id integer primary key) strict;
    create table children (
      id integer primary key, parent integer not null references parents (id) deferrable initially deferred
    ) strict
    """
  }

  /// Runs `body` with a database whose file is locked by another connection until `release` is called.
  private func withLockedFile(
    _ body: (SQLiteDatabase, _ release: () throws -> Void, _ commits: () throws -> Int) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let database = try SQLiteDatabase(path: folder + "/x.sqlite")
      _ = try await database.migrate([Self.schema])
      var configuration = Configuration()
      configuration.allowsUnsafeTransactions = true
      let other = try DatabaseQueue(path: folder + "/x.sqlite", configuration: configuration)
      try await other.writeWithoutTransaction { try $0.execute(sql: "begin immediate") }
      try await body(
        database, { try other.writeWithoutTransaction { try $0.execute(sql: "commit") } },
        { try WriteAheadLog(of: folder + "/x.sqlite").commits })
      await database.close()
    }
  }

  @Test func onlySmallTransactionsOfUsersKeepCopiesOfPagesInMemory() async throws {
    try await withTemporaryFolder { folder in
      let database = try SQLiteDatabase(path: folder + "/x.sqlite")
      _ = try await database.migrate([Self.schema])
      let user = DatabaseCaller(user: ID(at: .now))
      // SQLite's numbers: 1 is a file, 2 is memory.
      for (caller, ids, storage) in [
        (user, 1...1, 2), (DatabaseCaller(), 2...2, 1), (user, 3...503, 1),
      ] as [(DatabaseCaller, ClosedRange<Int64>, Int)] {
        _ = try await DatabaseCaller.$current.withValue(caller) {
          try await database.runTransaction(ids.map { "insert into parents (id) values (\($0))" })
        }
        let found = try await database.pool.writeWithoutTransaction {
          try Int.fetchOne($0, sql: "pragma temp_store")
        }
        #expect(found == storage)
      }
      await database.close()
    }
  }

  @Test func closedDatabaseIsCompleteInItsFile() async throws {
    try await withTemporaryFolder { folder in
      let database = try SQLiteDatabase(path: folder + "/x.sqlite")
      _ = try await database.migrate([Self.schema])
      #expect(try await database.read("select 1 from schema_migrations").count == 1)
      await database.close()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x.sqlite"])
    }
  }

  @Test func writeToAClosedDatabaseFails() async throws {
    try await withTemporaryFolder { folder in
      let database = try SQLiteDatabase(path: folder + "/x.sqlite")
      _ = try await database.migrate([Self.schema])
      await database.close()
      await #expect(throws: (any Error).self) {
        try await database.runTransaction(["insert into parents (id) values (1)"])
      }
    }
  }

  /// Waits for at most three seconds, since a write waits for the lock for five.
  private func wait(_ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(3)
    while !condition() && ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(1)) }
  }

  @Test func waitingWritesShareCommitAndFailAlone() async throws {
    try await withLockedFile { database, release, commits in
      let before = try commits()
      let outcomes = try await withThrowingTaskGroup(of: (Int, Bool).self) { tasks in
        for number in 1...40 {
          tasks.addTask {
            do {
              _ = try await database.transact([
                "insert into parents (id) values (\(number))",
                // Every tenth has a key that exists.
                "insert into parents (id) values (\(number % 10 == 0 ? number : number + 1000))",
              ])
              return (number, true)
            } catch DatabaseFailure.notUnique {
              return (number, false)
            }
          }
        }
        try await wait { database.openWrites >= 40 }
        try release()
        return try await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      for number in 1...40 { #expect(outcomes[number] == (number % 10 != 0)) }
      let count = try await database.read("select count(*) from parents")[0].decode(Int.self)
      #expect(count == 72)
      // One commit for the first write, and one for all others.
      #expect((1...2).contains(try commits() - before))
    }
  }

  /// A piece of an import takes as long as many other transactions, which must not wait for several pieces.
  @Test func largeTransactionIsCommittedAloneInTurnWithTheOthers() async throws {
    try await withLockedFile { database, release, commits in
      let before = try commits()
      // Returns the place of the transaction among all.
      @Sendable func write(values: Int = 0) async throws -> Int {
        let rows = try await database.transact(
          ["insert into parents (id) select coalesce(max(id), 0) + 1 from parents returning id"]
            + (0..<values).map { "select \($0)" })
        return try rows[0][0].decode(Int.self)
      }
      var writes: [Task<Int, any Error>] = []
      for values in [0, 600, 600, 0, 0, 0] {
        writes.append(Task { try await write(values: values) })
        try await wait { database.openWrites >= writes.count }
      }
      try release()
      var places: [Int] = []
      for write in writes { places.append(try await write.value) }
      #expect(places[..<3] == [1, 2, 6] && Set(places[3...]) == [3, 4, 5])
      #expect(try commits() - before == 4)
    }
  }

  @Test func constraintFailureAtCommitFailsOnlyItsWrite() async throws {
    try await withLockedFile { database, release, _ in
      let outcomes = try await withThrowingTaskGroup(of: (Int, Bool).self) { tasks in
        for number in 1...20 {
          tasks.addTask {
            do {
              _ = try await database.transact([
                "insert into children (id, parent) values (\(number), \(number))",
                "insert into parents (id) values (\(number == 7 ? 700 : number))",
              ])
              return (number, true)
            } catch DatabaseFailure.brokenReference {
              return (number, false)
            }
          }
        }
        try await wait { database.openWrites >= 20 }
        try release()
        return try await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      for number in 1...20 { #expect(outcomes[number] == (number != 7)) }
      #expect(try await database.read("select count(*) from children")[0].decode(Int.self) == 19)
    }
  }

  @Test func writeDoesNotDependOnOtherWritesOfItsCommit() async throws {
    try await withLockedFile { database, release, _ in
      let first = Task { _ = try await database.transact(["insert into parents (id) values (1)"]) }
      try await wait { database.openWrites >= 1 }
      let second = Task {
        _ = await #expect(throws: DatabaseFailure.brokenReference) {
          try await database.transact(["insert into children (id, parent) values (1, 2)"])
        }
      }
      try await wait { database.openWrites >= 2 }
      let third = Task { _ = try await database.transact(["insert into parents (id) values (2)"]) }
      try await wait { database.openWrites >= 3 }
      try release()
      try await first.value
      await second.value
      try await third.value
      #expect(try await database.read("select count(*) from parents")[0].decode(Int.self) == 2)
      #expect(try await database.read("select count(*) from children")[0].decode(Int.self) == 0)
    }
  }

  @Test func lockedFileDelaysWaitingWritesOnce() async throws {
    try await withLockedFile { database, release, _ in
      let start = ContinuousClock.now
      await withTaskGroup(of: Void.self) { tasks in
        for number in 1...5 {
          tasks.addTask {
            await #expect(throws: DatabaseFailure.self) {
              try await database.transact(["insert into parents (id) values (\(number))"])
            }
          }
        }
      }
      // Five seconds for the first and five for the others together, not five for each of them.
      #expect(ContinuousClock.now - start < .seconds(20))
      try release()
      #expect(try await database.read("select 1 from parents").isEmpty)
    }
  }

  @Test func writeBeyondTheLimitIsRefusedAtOnce() async throws {
    try await withLockedFile { database, release, _ in
      let refused = try await withThrowingTaskGroup(of: Bool.self) { tasks in
        for number in 1...1200 {
          tasks.addTask {
            do {
              _ = try await database.transact(["insert into parents (id) values (\(number))"])
              return false
            } catch DatabaseFailure.overloaded {
              return true
            }
          }
        }
        try await wait { database.openWrites >= SQLiteWriter.limit }
        try release()
        return try await tasks.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      let count = try await database.read("select count(*) from parents")[0].decode(Int.self)
      #expect(count + refused == 1200)
      #expect(refused > 0)
    }
  }
}
