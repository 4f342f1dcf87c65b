import Dispatch
import GRDB
import KittyShared
import Synchronization
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

  @Test(.enabled(if: Backend.postgresURL != nil, "needs PostgreSQL"), arguments: [false, true])
  func writeBeforeRefusedReadHasUnknownOutcome(hasKey: Bool) async throws {
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    try await TestServer.run(at: location) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let database = server.dependencies.database
      let look: @Sendable () async throws -> Void = { _ = try await database.read("select 1 from jobs") }
      let write: @Sendable () async throws -> Problem = {
        try await server.send(
          "PATCH", "/v1/groups/\(group.id)", token: token, json: #"{"name": "Two"}"#,
          headers: [("If-Match", "*")] + (hasKey ? [("Idempotency-Key", "k")] : [])
        ).problem()
      }
      // All reads wait for the lock of the jobs, and the write for that of the group, until so many reads wait that the next
      // one is refused.
      try await BlockingTransaction.run(
        on: server, at: location, "lock table jobs in access exclusive mode", { try? await look() },
        whileWaiting: {
          let reads = Mutex<[Task<Void, any Error>]>([])
          defer { for read in reads.withLock({ $0 }) { read.cancel() } }
          let problem = try await BlockingTransaction.run(
            on: server, at: location, lock: 4714, "select 1 from groups for update", write,
            whileWaiting: {
              // Failed reads are repeated, so that the queue stays full.
              reads.withLock { reads in
                reads = (0..<560).map { _ in
                  Task {
                    while !Task.isCancelled {
                      do { return try await look() } catch { try await Task.sleep(for: .milliseconds(20)) }
                    }
                  }
                }
              }
              let load = server.dependencies.collector(of: "test").load
              try await until { load().contains { $0.pool == "reader" && $0.waiting >= 512 } }
            })
          #expect(problem.code == "outcome_unknown", "\(problem)")
          let advice = hasKey ? "Repeat it with the same Idempotency-Key" : "Check before you repeat it"
          #expect(problem.detail.contains(advice), "\(problem)")
          let rows = try await database.transact(["select name from groups where id = \(group.id)"])
          #expect(try rows[0][0].decode(String.self) == "Two")
        })
    }
  }
}
