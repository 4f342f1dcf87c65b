import KittyShared
import Testing

@testable import KittyServer

/// A group that is restored while the purge runs is complete.
@Suite struct GroupPurgeTests {
  /// Runs `act` between the read and the write of the purge.
  private struct InterleavingDatabase: Database {
    let database: any Database
    var skippingLocked: SQL { database.skippingLocked }
    var isOverloaded: Bool { database.isOverloaded }
    let act: @Sendable () async throws -> Void

    func read(_ statements: [SQL]) async throws -> [[Row]] {
      let rows = try await database.read(statements)
      try await act()
      return rows
    }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      try await database.runTransaction(statements)
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}
  }

  private static let later = Instant.now.advanced(by: .seconds(31 * 86_400))

  /// Enters an expense with a comment into the group and deletes the group.
  private func delete(_ books: GroupFixture) async throws {
    let entry = try await books.enter(
      "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
    #expect(
      try await books.send("POST", "/entries/\(entry.id)/comments", #"{"text": "x"}"#).status == 201)
    #expect(try await books.send("DELETE", "?force=true").status == 204)
  }

  private func expectWhole(_ books: GroupFixture) async throws {
    #expect(try await books.get(Entry.self, "/entries/1").commentCount == 1)
    #expect(try await books.nets().count == 3)
    #expect(try await books.get(Page<Member>.self, "/members").items.count == 3)
    let rows = try await books.server.dependencies.database.read("select count(*) from jobs")
    #expect(try rows[0].decode(Int.self) == 0)
  }

  @Test(arguments: Backend.available) func restoredGroupIsNotPurged(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await delete(books)
      let database = books.server.dependencies.database
      let photo = String(repeating: "a", count: 64)
      try await database.transact([
        "update groups set photo_hash = \(photo), photo_width = 1, photo_height = 1"
      ])
      let groups = GroupStore(
        database: InterleavingDatabase(database: database) {
          let restored = try await books.send("POST", "/restore")
          #expect(restored.status == 200)
        })
      _ = try await groups.purge(at: Self.later, WriteContext())
      try await expectWhole(books)
      try await database.transact([
        "update groups set photo_hash = \(nil as String?), photo_width = \(nil as Int?), photo_height = \(nil as Int?)"
      ])
    }
  }

  @Test(.enabled(if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set: `make test` starts one"))
  func purgeWaitsForConcurrentRestore() async throws {
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    try await TestServer.run(at: location) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      try await delete(books)
      let groups = GroupStore(database: server.dependencies.database)
      _ = try await BlockingTransaction.run(
        on: server, at: location, "update groups set deleted_at = null where id = '\(group.id)'"
      ) { try await groups.purge(at: Self.later, WriteContext()) }
      try await expectWhole(books)
    }
  }
}
