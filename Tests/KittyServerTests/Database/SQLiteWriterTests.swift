import Foundation
import GRDB
import Testing

@testable import KittyServer

/// Writes that wait for the SQLite file are committed together.
@Suite struct SQLiteWriterTests {
  private static let schema = Migration(version: 1, name: "test") { _ in
    """
    create table parents (id integer primary key) strict;
    create table children (
      id integer primary key, parent integer not null references parents (id) deferrable initially deferred
    ) strict
    """
  }

  /// Runs `body` with a database, and with what keeps every write to it waiting meanwhile.
  private func held(
    _ body: (SQLiteDatabase, _ release: () throws -> Void, _ commits: () throws -> Int) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/kitty-commit-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let database = try SQLiteDatabase(path: folder + "/x.sqlite")
    _ = try await database.migrate([Self.schema])
    var configuration = Configuration()
    configuration.allowsUnsafeTransactions = true
    let other = try DatabaseQueue(path: folder + "/x.sqlite", configuration: configuration)
    try await other.writeWithoutTransaction { try $0.execute(sql: "begin immediate") }
    try await body(
      database, { try other.writeWithoutTransaction { try $0.execute(sql: "commit") } },
      { try Self.commits(inLogOf: folder + "/x.sqlite") })
    await database.close()
  }

  @Test func closedDatabaseIsCompleteInItsFile() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/kitty-closed-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let database = try SQLiteDatabase(path: folder + "/x.sqlite")
    _ = try await database.migrate([Self.schema])
    #expect(try await database.read("select 1 from schema_migrations").count == 1)
    await database.close()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x.sqlite"])
  }

  /// Waits, for three seconds at most: whoever holds the lock is waited for five.
  private func wait(_ condition: () -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(3)
    while !condition() && ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(1)) }
  }

  /// The frames of the log that end a transaction: those with the size of the database after it.
  private static func commits(inLogOf path: String) throws -> Int {
    let log = [UInt8](try Data(contentsOf: URL(filePath: path + "-wal")))
    let page = log[8..<12].reduce(0) { $0 << 8 | Int($1) }
    return stride(from: 32, to: log.count - 24, by: 24 + page).filter {
      log[($0 + 8)..<($0 + 16)] == log[16..<24] && log[($0 + 4)..<($0 + 8)].contains { $0 != 0 }
    }.count
  }

  @Test func waitingWritesShareCommitAndFailAlone() async throws {
    try await held { database, release, commits in
      let before = try commits()
      let outcomes = try await withThrowingTaskGroup(of: (Int, Bool).self) { tasks in
        for number in 1...40 {
          tasks.addTask {
            do {
              _ = try await database.transact([
                "insert into parents (id) values (\(number))",
                // Every tenth has a key that is there already.
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
      // Those that came first, and all others together; nothing is committed where none of them could be.
      #expect((1...2).contains(try commits() - before))
    }
  }

  @Test func constraintFailureAtCommitFailsOnlyItsWrite() async throws {
    try await held { database, release, _ in
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
    try await held { database, release, _ in
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
    try await held { database, release, _ in
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
      // The first alone and the others together, five seconds each; not each of them.
      #expect(ContinuousClock.now - start < .seconds(20))
      try release()
      #expect(try await database.read("select 1 from parents").isEmpty)
    }
  }

  @Test func writeBeyondTheLimitIsRefusedAtOnce() async throws {
    try await held { database, release, _ in
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
