import Foundation
import GRDB
import KittyShared
import Testing

@testable import KittyServer

/// More is asked for than can be done.
@Suite(.timeLimit(.minutes(1))) struct OverloadTests {
  @Test func whatCannotBeWrittenSoonIsRefusedAtOnceAndReadsGoOn() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      var configuration = Configuration()
      configuration.allowsUnsafeTransactions = true
      let other = try DatabaseQueue(path: server.folder + "/kittycash.sqlite", configuration: configuration)
      // Whoever holds the file is waited for five seconds.
      try await other.writeWithoutTransaction { try $0.execute(sql: "begin immediate") }
      let database = server.parts.database
      let writes = (0..<700).map { _ in
        Task {
          do throws(any Error) {
            _ = try await database.transact(["update users set version = version + 1"])
            return true
          } catch {
            guard case DatabaseFailure.overloaded = error else { throw error }
            return false
          }
        }
      }
      try await until { database.isOverloaded }
      // Not even read: what is wrong with it is not looked at.
      for json in [#"{"name": "Tent"}"#, "nonsense"] {
        let refused = try await server.send(
          "POST", "/v1/groups/\(group.id)/members", token: token, json: json)
        #expect(try refused.problem().code == "unavailable" && refused.header("Retry-After") == "1")
      }
      #expect(try await server.send("GET", "/v1/groups/\(group.id)/balances", token: token).status == 200)
      try await other.writeWithoutTransaction { try $0.execute(sql: "commit") }
      var (done, refused) = (0, 0)
      for write in writes { if try await write.value { done += 1 } else { refused += 1 } }
      #expect(done >= 512 && refused > 0 && done + refused == 700)
      let version = try await database.read("select version from users")[0].decode(Int.self)
      #expect(version == done + 1)
      let added = try await server.send(
        "POST", "/v1/groups/\(group.id)/members", token: token, json: #"{"name": "Tent"}"#)
      #expect(added.status == 201)
    }
  }
}
