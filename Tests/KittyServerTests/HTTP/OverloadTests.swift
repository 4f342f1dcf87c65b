import Dispatch
import GRDB
import KittyShared
import Testing

@testable import KittyServer

/// Requests beyond the capacity of the database.
struct OverloadTests {
  @Test func overloadedDatabaseRefusesWritesAndAnswersReads() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let database = server.dependencies.database
      let file = try #require(server.dependencies.backupDatabase as? SQLiteDatabase)
      // The writer is blocked until the gate opens.
      let gate = DispatchSemaphore(value: 0)
      defer { gate.signal() }
      file.pool.asyncWriteWithoutTransaction { _ in gate.wait() }
      let add = { @Sendable in _ = try await database.transact(["update users set version = version + 1"]) }
      let writes = (0..<SQLiteWriter.limit).map { _ in Task { try await add() } }
      try await until { database.isOverloaded }
      let failure = await #expect(throws: DatabaseFailure.self) { try await add() }
      guard case .overloaded = failure else { throw try #require(failure) }
      // The body is not read, so an invalid one gets the same response.
      for json in [#"{"name": "Tent"}"#, "nonsense"] {
        let refused = try await server.send(
          "POST", "/v1/groups/\(group.id)/members", token: token, json: json)
        #expect(try refused.problem().code == "unavailable" && refused.header("Retry-After") == "1")
      }
      #expect(try await server.send("GET", "/v1/groups/\(group.id)/balances", token: token).status == 200)
      gate.signal()
      for write in writes { try await write.value }
      let version = try await database.read("select version from users")[0].decode(Int.self)
      #expect(version == 1 + SQLiteWriter.limit)
      let added = try await server.send(
        "POST", "/v1/groups/\(group.id)/members", token: token, json: #"{"name": "Tent"}"#)
      #expect(added.status == 201)
    }
  }

  @Test(
    .enabled(if: Backend.postgresURL != nil && Backend.redisURL != nil, "needs PostgreSQL and Redis"),
    arguments: [false, true])
  func writeBeforeRefusedReadHasUnknownOutcome(hasKey: Bool) async throws {
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    try await TestServer.run(at: location, redis: Backend.redisURL) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let database = server.dependencies.database
      // The principal is cached.
      try await until { server.dependencies.cache?.versions(of: []) != nil }
      for _ in 0..<2 { _ = try await server.send("GET", "/v1/groups/\(group.id)/balances", token: token) }
      let look: @Sendable () async throws -> Void = { _ = try await database.read("select 1 from jobs") }
      _ = try await BlockingTransaction.run(
        on: server, at: location, "lock table jobs in access exclusive mode", { try? await look() },
        whileWaiting: {
          // Refused reads are repeated, so that the queue stays full.
          let reads = (0..<700).map { _ in
            Task {
              while !Task.isCancelled {
                do { return try await look() } catch DatabaseFailure.overloaded {
                  try await Task.sleep(for: .milliseconds(5))
                }
              }
            }
          }
          defer { for read in reads { read.cancel() } }
          let load = server.dependencies.collector(of: "test").load
          try await until { load().contains { $0.pool == "reader" && $0.waiting >= 512 } }
          // On a busy machine Redis is not heard in time: then the principal is read too, and refused before the write.
          var answer: Problem?
          try await until {
            answer = try await server.send(
              "PATCH", "/v1/groups/\(group.id)", token: token, json: #"{"name": "Two"}"#,
              headers: [("If-Match", "*")] + (hasKey ? [("Idempotency-Key", "k")] : [])
            ).problem()
            return answer?.code != "unavailable"
          }
          let problem = try #require(answer)
          #expect(problem.code == "outcome_unknown", "\(problem)")
          let advice = hasKey ? "Repeat it with the same Idempotency-Key" : "Check before you repeat it"
          #expect(problem.detail.contains(advice), "\(problem)")
          let rows = try await database.transact(["select name from groups where id = \(group.id)"])
          #expect(try rows[0][0].decode(String.self) == "Two")
        })
    }
  }
}
