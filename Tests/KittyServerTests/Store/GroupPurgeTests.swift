import KittyShared
import Testing

@testable import KittyServer

/// A group that is restored while the purge runs is complete, and a purge that is stopped goes on.
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
      let purge = GroupPurge(
        database: InterleavingDatabase(database: database) {
          let restored = try await books.send("POST", "/restore")
          #expect(restored.status == 200)
        })
      _ = try await purge.run(at: Self.later, WriteContext())
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
      let purge = GroupPurge(database: server.dependencies.database)
      _ = try await BlockingTransaction.run(
        on: server, at: location, "update groups set deleted_at = null where id = '\(group.id)'"
      ) { try await purge.run(at: Self.later, WriteContext()) }
      try await expectWhole(books)
    }
  }

  private struct Stopped: Error {}

  /// The number of rows of the tables of groups.
  private func rows(_ database: any Database) async throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for table in BackupTable.all where "\(table.name)" == "groups" || "\(table.columns[0].name)" == "group_id"
    {
      let rows = try await database.read("select count(*) from \(name: table.name)")
      counts["\(table.name)"] = try rows[0].decode(Int.self)
    }
    return counts.filter { $0.value > 0 }
  }

  private func texts(_ statement: SQL, _ database: any Database) async throws -> Set<String> {
    let texts: [String] = try await database.read(statement).map { try $0.decode(String.self) }
    return Set(texts)
  }

  @Test(arguments: Backend.available) func stoppedPurgeGoesOn(backend: Backend) async throws {
    try await GroupFixture.full(on: backend) { books, _ in
      let database = books.server.dependencies.database
      #expect(try await rows(database).count > 12)
      let photos = try await texts("select photo_hash from groups", database)
      let receipts = try await texts("select hash from entry_receipts", database)
      #expect(try await books.send("DELETE", "?force=true").status == 204)
      #expect(
        try await books.send("GET", "/v1/groups?deleted=true").decode(Page<Group>.self).items.count == 1)
      var isDone = false
      for stop in 2..<500 where !isDone {
        let stopping = PiecewiseImportTests.SteppingDatabase(database) { if $0 >= stop { throw Stopped() } }
        do {
          while try await GroupPurge(database: stopping, rowsTogether: 20).run(at: Self.later, WriteContext())
          {}
          isDone = true
          #expect(stop > 18)
        } catch is Stopped {
          // From its first transaction on, no request sees or restores the group.
          #expect(try await books.send("GET", "").status == 404)
          #expect(try await books.send("POST", "/restore").status == 404)
          for path in ["/v1/groups", "/v1/groups?deleted=true", "/v1/groups?archived=true"] {
            #expect(try await books.send("GET", path).decode(Page<Group>.self).items.isEmpty)
          }
          try await GroupFixture.expectClean(books.server)
        }
      }
      #expect(isDone)
      let left = try await rows(database)
      #expect(left.isEmpty, "\(left)")
      // The files of the photo and of each receipt are removed.
      for (kind, hashes) in [(Job.Kind.removePhoto, photos), (.removeReceipt, receipts)] {
        let jobs = try await texts("select payload from jobs where kind = \(kind.rawValue)", database)
        #expect(hashes.isSubset(of: jobs) && !hashes.isEmpty)
      }
    }
  }

  @Test(arguments: Backend.available) func backupInTheMiddleOfAPurgeIsRestored(backend: Backend) async throws
  {
    try await ArchiveFixture.run { archives in
      try await GroupFixture.full(on: backend) { books, _ in
        let database = books.server.dependencies.database
        #expect(try await books.send("DELETE", "?force=true").status == 204)
        var transactions = 0
        // Stops when half of the revisions are gone.
        let before = try #require(try await rows(database)["revisions"])
        try await until {
          transactions += 1
          let stop = transactions
          let stopping = PiecewiseImportTests.SteppingDatabase(database) { if $0 > stop { throw Stopped() } }
          do {
            _ = try await GroupPurge(database: stopping, rowsTogether: 20).run(at: Self.later, WriteContext())
          } catch is Stopped {}
          return try await rows(database)["revisions"] != before
        }
        let left = try await rows(database)
        #expect(left["entries"] == nil && left["postings"] != nil, "\(left)")
        try await archives.write("1.tar", of: books.server.dependencies)
        let location = try await TestServer.DataLocation(on: backend)
        defer { location.remove() }
        try await TestServer.run(at: location) { server in
          try await archives.restore("1.tar", into: server.dependencies)
          try await GroupFixture.expectClean(server)
          #expect(
            try await GroupPurge(database: server.dependencies.database).run(at: Self.later, WriteContext()))
          #expect(try await rows(server.dependencies.database).isEmpty)
        }
      }
    }
  }
}
