import Foundation
import GRDB
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Every statement has a time limit, on both databases.
@Suite struct StatementTimeTests {
  @Test(.enabled(if: Backend.postgresURL != nil, "needs PostgreSQL"))
  func timeoutIsSaidToTheClient() async throws {
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    try await TestServer.run(at: location, adjust: { $0.statementTimeLimit = .seconds(4) }) {
      (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let answer = Box<Answer>()
      _ = try await BlockingTransaction.run(
        on: server, at: location, "update groups set version = version where id = '\(group.id)'",
        {
          let path = "/v1/groups/\(group.id)/members"
          await answer.set(try await server.send("POST", path, token: token, json: #"{"name": "Late"}"#))
        },
        whileWaiting: { try await until { await answer.value != nil } })
      let refused = try #require(await answer.value)
      try expectProblem(refused, 503, "unavailable", "took too long for the database")
      #expect(refused.header("Retry-After") != nil)
    }
  }

  private actor Box<Value: Sendable> {
    var value: Value?
    func set(_ value: Value) { self.value = value }
  }

  @Test func slowStatementOfSQLiteIsStopped() async throws {
    try await withTemporaryFolder { folder in
      let database = try SQLiteDatabase(path: folder + "/x.sqlite", timeLimit: .milliseconds(200))
      let schema = Migration(version: 1, name: "test") { _ in
        "create table numbers (n integer not null) strict"
      }
      _ = try await database.migrate([schema])
      let failure = await #expect(throws: DatabaseFailure.self) {
        try await database.read(SlowStatement.read(.sqlite))
      }
      guard case .tooSlow = failure else { throw try #require(failure) }
      // The writes that share a commit with a slow one are done.
      let gate = DispatchSemaphore(value: 0)
      database.pool.asyncWriteWithoutTransaction { _ in gate.wait() }
      let outcomes = try await withThrowingTaskGroup(of: Bool.self) { tasks in
        for number in 0..<7 {
          tasks.addTask {
            do {
              _ = try await database.runTransaction([
                number == 3 ? SlowStatement.insert : "insert into numbers values (\(number))"
              ])
              return true
            } catch DatabaseFailure.tooSlow { return false }
          }
        }
        try await until { database.openWrites == 7 }
        gate.signal()
        return try await tasks.reduce(into: [Bool]()) { $0.append($1) }
      }
      #expect(outcomes.count { $0 } == 6)
      #expect(try await database.read("select count(*) from numbers")[0].decode(Int.self) == 6)
      // A quick statement on the same connections is not stopped later.
      try await Task.sleep(for: .milliseconds(300))
      for _ in 0..<20 { _ = try await database.read("select 1") }
      await database.close()
    }
  }
}
