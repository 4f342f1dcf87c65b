import Foundation
import GRDB
import TestSupport
import Testing

@testable import KittyServer

/// The write-ahead log is moved into the file while others write, and starts again.
@Suite struct SQLiteCheckpointsTests {
  private static let schema = Migration(version: 1, name: "test") { _ in
    "create table texts (id integer primary key, text text not null) strict"
  }

  /// Writes some 4 MB in each of several transactions, and lets the checkpoints that they cause come to their end.
  private func write(_ ids: ClosedRange<Int64>, _ database: SQLiteDatabase) async throws {
    let text = String(repeating: "x", count: 4 << 20)
    for id in ids {
      _ = try await database.runTransaction(["insert into texts values (\(id), \(text))"])
      database.writer.checkpoints.wait()
    }
  }

  private func size(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
  }

  @Test func logIsMovedWhileOthersWrite() async throws {
    try await withTemporaryFolder { folder in
      let path = folder + "/x.sqlite"
      let database = try SQLiteDatabase(path: path)
      _ = try await database.migrate([Self.schema])
      try await write(1...15, database)
      let limit = 4096 * SQLiteCheckpoints.pages
      #expect(try (limit..<limit + 12 << 20).contains(size(path + "-wal")))
      #expect(try size(path) > 40 << 20)
      #expect(try await database.read("select id from texts").count == 15)
      await database.close()
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x.sqlite"])
    }
  }

  @Test func logStartsAgainAfterALongRead() async throws {
    try await withTemporaryFolder { folder in
      let path = folder + "/x.sqlite"
      let database = try SQLiteDatabase(path: path)
      _ = try await database.migrate([Self.schema])
      var configuration = Configuration()
      configuration.allowsUnsafeTransactions = true
      let reader = try DatabaseQueue(path: path, configuration: configuration)
      try await reader.writeWithoutTransaction { connection in
        try connection.execute(sql: "begin; select count(*) from texts")
      }
      try await write(1...15, database)
      let long = try size(path + "-wal")
      #expect(long > 60 << 20)
      let seen = try await reader.writeWithoutTransaction { connection in
        defer { try? connection.execute(sql: "commit") }
        return try Int.fetchOne(connection, sql: "select count(*) from texts")
      }
      #expect(seen == 0)
      try await write(16...30, database)
      #expect(try size(path + "-wal") < long + 24 << 20)
      #expect(try await database.read("select id from texts").count == 30)
      try reader.close()
      await database.close()
    }
  }
}
