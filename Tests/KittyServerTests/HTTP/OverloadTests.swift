import Dispatch
import GRDB
import KittyShared
import Testing

@testable import KittyServer

/// More is asked for than can be done.
struct OverloadTests {
  @Test func whatCannotBeWrittenSoonIsRefusedAtOnceAndReadsGoOn() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let database = server.parts.database
      let file = try #require(server.parts.whole as? SQLiteDatabase)
      // The writer is held until the gate opens.
      let gate = DispatchSemaphore(value: 0)
      defer { gate.signal() }
      file.pool.asyncWriteWithoutTransaction { _ in gate.wait() }
      let add = { @Sendable in _ = try await database.transact(["update users set version = version + 1"]) }
      let writes = (0..<SQLiteWriter.limit).map { _ in Task { try await add() } }
      try await until { database.isOverloaded }
      let failure = await #expect(throws: DatabaseFailure.self) { try await add() }
      guard case .overloaded = failure else { throw try #require(failure) }
      // Not even read: what is wrong with it is not looked at.
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
}
