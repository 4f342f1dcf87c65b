import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The bytes that a group stores: counted with each write, and limited by a setting.
@Suite struct QuotaTests {
  /// Returns the counted bytes of a group, and those of its rows as a migration adds them up.
  private static func bytes(
    _ server: TestServer, _ group: ID
  ) async throws -> (counted: Int64, stored: Int64) {
    let database = server.dependencies.database
    let rows = try await database.read([
      "select bytes from groups where id = \(group)",
      "select content, lines from revisions where group_id = \(group)",
      "select text from comments where group_id = \(group)",
    ])
    let revisions = try rows[1].map { row in
      let (content, lines) = try row.decode(String.self, Int.self)
      return GroupBytes.of(content: content, postings: lines)
    }
    let comments = try rows[2].map { GroupBytes.of(comment: try $0.decode(String.self)) }
    return (try rows[0][0].decode(Int64.self), (revisions + comments).reduce(0, +))
  }

  @Test(arguments: Backend.available) func everyWriteIsCounted(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: 13)
      let (counted, stored) = try await Self.bytes(books.server, books.group.id)
      #expect(counted == stored && counted > 10_000)
      // The copy of an import counts the same, but for ids and times of equal length.
      let copy = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
      let id = try copy.decode(Group.self).id
      let text = try await books.send("GET", "/export").text
      #expect(try await books.send("POST", "/v1/groups/\(id)/import", text).status == 200)
      let imported = try await Self.bytes(books.server, id)
      #expect(imported.counted == counted && imported.stored == counted)
    }
  }

  /// A schema without the counter gets it from its rows.
  @Test(arguments: Backend.available) func migrationCountsWhatIsStored(backend: Backend) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    try await TestServer.run(at: location) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      _ = try await books.enter(
        "/expenses", #"{"description": "Füße €", "amount": 7, "payer": "\#(books.bob)"}"#)
      #expect(try await books.send("POST", "/entries/1/comments", #"{"text": "🎈"}"#).status == 201)
      let counted = try await Self.bytes(server, group.id).counted
      let database = server.dependencies.database
      try await database.transact([
        "alter table groups drop column bytes",
        "delete from schema_migrations where version >= \(Migration.groupBytes.version)",
      ])
      _ = try await database.migrate(Migration.all.filter { $0.version <= Migration.groupBytes.version })
      #expect(try await Self.bytes(server, group.id).counted == counted)
    }
  }

  @Test(arguments: Backend.available) func groupAtItsQuotaIsReadAndNotWritten(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend, settings: ["GROUP_MAX_BYTES": "65536"]) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      let note = String(repeating: "x", count: 2000)
      let json = #"{"description": "x", "amount": 3, "payer": "kitty", "note": "\#(note)"}"#
      var made = 0
      var answer = try await books.send("POST", "/expenses", json)
      while answer.status == 201 {
        made += 1
        try #require(made < 40)
        answer = try await books.send("POST", "/expenses", json)
      }
      #expect(made > 15)
      try expectProblem(answer, 409, "quota_exceeded", "more than 65536 bytes")
      try expectProblem(
        try await books.send(
          "PATCH", "/expenses/1", #"{"description": "y"}"#, headers: [("If-Match", "*")]), 409,
        "quota_exceeded")
      // What is smaller may still fit, up to the last byte; then nothing does.
      let comment = #"{"text": "\#(String(repeating: "c", count: 1000))"}"#
      var comments = 0
      answer = try await books.send("POST", "/entries/1/comments", comment)
      while answer.status == 201 {
        comments += 1
        try #require(comments < 10)
        answer = try await books.send("POST", "/entries/1/comments", comment)
      }
      try expectProblem(answer, 409, "quota_exceeded")
      let (counted, stored) = try await Self.bytes(server, group.id)
      #expect(counted == stored && counted <= 65_536)
      // It is read, exported and settled by deletion.
      #expect(try await books.get(Page<Entry>.self, "/entries?limit=200").items.count == made)
      let text = try await books.send("GET", "/export").text
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      try expectProblem(try await books.send("POST", "/entries/1/restore"), 409, "quota_exceeded")
      let after = try await Self.bytes(server, group.id)
      #expect(after.counted == after.stored)
      // A file that fits is imported, and a larger one is not.
      let copy = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
      let path = "/v1/groups/\(try copy.decode(Group.self).id)"
      var file = try JSON.decode(GroupFile.self, from: Data(text.utf8))
      var more = try #require(file.entries.last)
      more.number += 1
      more.id = ID(at: .now)
      file.entries.append(more)
      file.lastNumber += 1
      let refused = try await books.send("POST", "\(path)/import", try file.json())
      // The shares of an amount that is divisible do not depend on the id.
      try expectProblem(refused, 409, "quota_exceeded")
      #expect(try await books.send("POST", "\(path)/import", text).status == 200)
      try await GroupFixture.expectClean(server)
    }
  }

  /// Writes at the same time do not go beyond the quota.
  @Test(arguments: Backend.available) func manyWritesAtOnceKeepTheQuota(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: ["GROUP_MAX_BYTES": "65536"]) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      let note = String(repeating: "x", count: 2000)
      let json = #"{"description": "x", "amount": 3, "payer": "kitty", "note": "\#(note)"}"#
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<60 { group.addTask { try await books.send("POST", "/expenses", json).status } }
        return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
      }
      #expect(Set(statuses.keys) == [201, 409])
      let (counted, stored) = try await Self.bytes(server, group.id)
      #expect(counted == stored && counted <= 65_536 && counted > 60_000)
    }
  }
}
