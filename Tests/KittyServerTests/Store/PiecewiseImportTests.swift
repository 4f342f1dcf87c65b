import Foundation
import KittyShared
import Logging
import Synchronization
import Testing

@testable import KittyServer

/// An import on SQLite is written in short transactions: others write between them, no user sees a part of it, and what is
/// not finished is undone.
@Suite struct PiecewiseImportTests {
  /// Runs `act` before each transaction with its number, from 1.
  final class SteppingDatabase: Database {
    let database: any Database
    private let count = Mutex(0)
    private let act: @Sendable (Int) async throws -> Void
    /// The largest number of statements of a transaction.
    let largest = Mutex(0)

    var skippingLocked: SQL { database.skippingLocked }
    var isOverloaded: Bool { database.isOverloaded }
    var transactions: Int { count.withLock { $0 } }

    init(_ database: any Database, _ act: @escaping @Sendable (Int) async throws -> Void = { _ in }) {
      (self.database, self.act) = (database, act)
    }

    func read(_ statements: [SQL]) async throws -> [[Row]] { try await database.read(statements) }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      let number = count.withLock { count in
        count += 1
        return count
      }
      try await act(number)
      return try await database.runTransaction(statements)
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}
  }

  private struct Stopped: Error {}

  /// A file of a group with many entries, and a group of another name and other guests to import it into.
  static func prepare(_ books: GroupFixture) async throws -> (file: GroupFile, path: String, id: ID) {
    try await books.fill(seed: 31, steps: 40)
    let text = try await books.send("GET", "/export").text
    var file = try JSON.decode(GroupFile.self, from: Data(text.utf8))
    // The same entries under other numbers, so that there are several pieces.
    let entries = file.entries.filter { $0.revisions.last?.action != .deleted }
    for round in 1...20 {
      for entry in entries {
        file.lastNumber += 1
        file.entries.append(
          .init(
            id: ID(at: Instant.now.advanced(by: .milliseconds(round))), number: file.lastNumber,
            revisions: entry.revisions, comments: []))
      }
    }
    let answer = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "USD"}"#)
    let id = try answer.decode(Group.self).id
    let path = "/v1/groups/\(id)"
    for guest in ["Bob", "Dora"] {
      #expect(try await books.send("POST", "\(path)/members", #"{"name": "\#(guest)"}"#).status == 201)
    }
    #expect(try await books.send("POST", "\(path)/invites", #"{"role": "member"}"#).status == 201)
    return (file, path, id)
  }

  private static func owner(_ books: GroupFixture) async throws -> ID {
    try await books.send("GET", "/v1/me").decode(User.self).id
  }

  static func run(
    _ file: GroupFile, into group: ID, _ books: GroupFixture, on database: any Database, owner: ID? = nil,
    logger: Logger = Logger(label: "test")
  ) async throws {
    let cache = books.server.dependencies.cache
    var user = owner
    if user == nil { user = try await Self.owner(books) }
    try await GroupImportStore(database: database, logger: logger).insert(
      file, into: group, owner: #require(user), WriteContext(),
      onChange: { await cache?.invalidate(CacheTag.tags(of: group)) }
    ) { insert in for entry in file.entries { try await insert(entry) } }
    await cache?.invalidate(CacheTag.tags(of: group))
  }

  @Test func othersWriteBetweenThePiecesAndNobodySeesAPart() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let (file, path, id) = try await Self.prepare(books)
      let database = SteppingDatabase(books.server.dependencies.database) { number in
        guard number > 1 else { return }
        // Another group is written while this one is imported.
        let json = #"{"description": "Tea", "amount": 300, "payer": "\#(books.anna)"}"#
        #expect(try await books.send("POST", "/expenses", json).status == 201)
        for (method, route) in [
          ("GET", ""), ("GET", "/entries"), ("POST", "/restore"), ("POST", "/expenses"),
        ] {
          let refused = try await books.send(method, path + route, method == "POST" ? "{}" : nil)
          try expectProblem(refused, 503, "unavailable")
          #expect(refused.header("Retry-After") == "2")
        }
        for list in ["/v1/groups", "/v1/groups?deleted=true", "/v1/me/balances"] {
          #expect(try await !books.send("GET", list).text.contains("\(id)"))
        }
        try await GroupFixture.expectClean(books.server)
      }
      try await Self.run(file, into: id, books, on: database)
      #expect(database.transactions > 4)
      let imported = try await books.send("GET", "\(path)/export").text
      let back = try JSON.decode(GroupFile.self, from: Data(imported.utf8))
      #expect(back.entries == file.entries && back.members.map(\.name) == file.members.map(\.name))
      #expect(back.name == file.name && back.currency == file.currency)
    }
  }

  /// The same file gives the same rows as in one transaction, which PostgreSQL uses.
  @Test func piecesWriteTheSameAsOneTransaction() async throws {
    var texts: [String] = []
    try await GroupFixture.run(on: .sqlite) { books in
      let (file, _, _) = try await Self.prepare(books)
      let database = books.server.dependencies.database
      for isWhole in [false, true] {
        let answer = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "USD"}"#)
        let id = try answer.decode(Group.self).id
        try await Self.run(
          file, into: id, books, on: isWhole ? UndividedDatabase(database: database) : database)
        for list in ["entries?limit=200", "members?removed=true", "balances"] {
          let answer = try await books.send("GET", "/v1/groups/\(id)/\(list)")
          #expect(answer.status == 200)
          texts.append(answer.text.replacing("\(id)", with: "id"))
        }
        let rows = try await database.read(
          "select bytes, last_number, version, first_sequence < sequence from groups where id = \(id)")
        texts.append("\(rows.map(\.columns))")
      }
    }
    #expect(Array(texts.prefix(4)) == Array(texts.suffix(4)))
  }

  /// A database that takes a whole import in one transaction.
  private struct UndividedDatabase: Database {
    let database: any Database
    let skippingLocked: SQL = "for update"
    var isOverloaded: Bool { database.isOverloaded }
    func read(_ statements: [SQL]) async throws -> [[Row]] { try await database.read(statements) }
    func runTransaction(_ statements: [SQL]) async throws -> [[Row]] {
      try await database.runTransaction(statements)
    }
    func migrate(_ migrations: [Migration]) async throws -> [Int] { [] }
    func close() async {}
  }

  /// Everything that the group shows, but the numbers of its changes.
  static func content(_ path: String, _ books: GroupFixture) async throws -> [String] {
    var texts: [String] = []
    for list in ["", "/members?removed=true", "/invites", "/entries", "/balances", "/export"] {
      let answer = try await books.send("GET", path + list)
      #expect(answer.status == 200, "\(answer.text)")
      texts.append(answer.text.replacing(#/"sequence":[0-9]+/#, with: ""))
    }
    return texts
  }

  @Test(arguments: [2, 3, 5, 7]) func failedImportLeavesTheGroupAsItWas(step: Int) async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let (file, path, id) = try await Self.prepare(books)
      let before = try await Self.content(path, books)
      let failing = SteppingDatabase(books.server.dependencies.database) {
        if $0 == step { throw DatabaseFailure.unavailable("the disk is full", maybeApplied: false) }
      }
      await #expect(throws: DatabaseFailure.self) { try await Self.run(file, into: id, books, on: failing) }
      #expect(try await Self.content(path, books) == before)
      try await GroupFixture.expectClean(books.server)
      // It can be tried again.
      try await Self.run(file, into: id, books, on: books.server.dependencies.database)
      #expect(try await books.send("GET", "\(path)/entries").text.contains("\"items\":[{"))
    }
  }

  @Test(arguments: [2, 3, 5]) func importThatCrashedIsUndoneAtTheNextStart(step: Int) async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let dependencies = books.server.dependencies
      let (file, path, id) = try await Self.prepare(books)
      let before = try await Self.content(path, books)
      let dying = SteppingDatabase(dependencies.database) { if $0 >= step { throw Stopped() } }
      await #expect(throws: Stopped.self) { try await Self.run(file, into: id, books, on: dying) }
      #expect(try await books.send("GET", path).status == 503)
      await dependencies.abandonImports()
      await dependencies.cache?.invalidate(CacheTag.tags(of: id))
      #expect(try await Self.content(path, books) == before)
    }
  }

  /// The ids of the members of the file are those of the group.
  @Test(arguments: [nil, 4]) func membersMayHaveTheIDsOfTheFile(failingStep: Int?) async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let (file, _, _) = try await Self.prepare(books)
      let empty = try await books.server.makeGroup(books.token, guests: ["Bob", "Carl"], currency: "EUR")
      let path = "/v1/groups/\(empty.group.id)"
      var same = file
      let ids = Dictionary(
        uniqueKeysWithValues: zip(file.members.map(\.id), empty.members.map(\.id)))
      try #require(ids.count == 3)
      same = try JSON.decode(
        GroupFile.self,
        from: Data(
          ids.reduce(String(decoding: try JSON.encode(file), as: UTF8.self)) {
            $0.replacing("\($1.key)", with: "\($1.value)")
          }.utf8))
      let before = try await Self.content(path, books)
      let database = SteppingDatabase(books.server.dependencies.database) {
        if $0 == failingStep { throw DatabaseFailure.unavailable("full", maybeApplied: false) }
      }
      if failingStep == nil {
        try await Self.run(same, into: empty.group.id, books, on: database)
        let members = try await books.send("GET", "\(path)/members").decode(Page<Member>.self).items
        #expect(Set(members.map(\.id)) == Set(empty.members.map(\.id)))
        #expect(members.filter { $0.role == .owner }.count == 1)
      } else {
        await #expect(throws: DatabaseFailure.self) {
          try await Self.run(same, into: empty.group.id, books, on: database)
        }
        #expect(try await Self.content(path, books) == before)
      }
    }
  }

  /// Invites that were made before a removal ask for the number of the removal.
  @Test func failedImportKeepsTheNumberOfARemoval() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let database = books.server.dependencies.database
      let empty = try await books.server.makeGroup(books.token, guests: ["Bob"], currency: "EUR")
      let bob = try #require(empty.members.first { $0.name == "Bob" }).id
      let path = "/v1/groups/\(empty.group.id)"
      #expect(try await books.send("DELETE", "\(path)/members/\(bob)").status == 204)
      let number: SQL =
        "select removed_sequence from accounts where group_id = \(empty.group.id) and id = \(bob)"
      let before = try await database.read(number)[0].decode(Int64.self)
      try #require(before > 0)
      var file = try await Self.prepare(books).file
      let replaced = try #require(file.members.firstIndex { $0.id != file.owner })
      let text = String(decoding: try JSON.encode(file), as: UTF8.self)
        .replacing("\(file.members[replaced].id)", with: "\(bob)")
      file = try JSON.decode(GroupFile.self, from: Data(text.utf8))
      let failing = SteppingDatabase(database) {
        if $0 == 3 { throw DatabaseFailure.unavailable("full", maybeApplied: false) }
      }
      await #expect(throws: DatabaseFailure.self) {
        try await Self.run(file, into: empty.group.id, books, on: failing)
      }
      #expect(try await database.read(number)[0].decode(Int64.self) == before)
    }
  }

  @Test(arguments: Backend.available) func memberWithTheIDOfTheKittyIsRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      var file = try await books.get(GroupFile.self, "/export")
      file.members.append(
        .init(id: books.group.id, name: "X", weight: 1, createdAt: file.createdAt, removedAt: nil))
      file.members.sort { $0.id < $1.id }
      let answer = try await books.send(
        "POST", "/import", String(decoding: try JSON.encode(file), as: UTF8.self))
      try expectFirstError(
        answer, 422, "twice", field: "members.\(file.members.firstIndex { $0.id == books.group.id } ?? 0).id")
    }
  }

  @Test func repeatedRequestWithItsKeyIsAnsweredAsTheFirst() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let (_, path, _) = try await Self.prepare(books)
      let text = try await books.send("GET", "/export").text
      let key = [("Idempotency-Key", "import-1")]
      let first = try await books.send("POST", "\(path)/import", text, headers: key)
      #expect(first.status == 200, "\(first.text.prefix(500))")
      let second = try await books.send("POST", "\(path)/import", text, headers: key)
      #expect(second.status == 200 && second.text == first.text)
      try expectProblem(try await books.send("POST", "\(path)/import", text), 409, "not_empty")
      let other = try await books.send(
        "POST", "\(path)/import", text, headers: [("Idempotency-Key", "import-2")])
      try expectProblem(other, 409, "not_empty")
    }
  }
}
