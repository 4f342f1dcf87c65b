import Curl
import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// A large file that KittyCash wrote is imported, up to the setting, and a file of another program gets a clear answer.
@Suite struct LargeGroupFileTests {
  private static func emptyGroup(_ books: GroupFixture) async throws -> String {
    let group = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
    return try "/v1/groups/\(group.decode(Group.self).id)"
  }

  private static func text(_ file: GroupFile) throws -> String {
    String(decoding: try JSON.encode(file), as: UTF8.self)
  }

  /// A file whose group has more members than a request may name.
  private static func file(members count: Int, _ books: GroupFixture) async throws -> GroupFile {
    let text = try await books.send("GET", "/export").text
    var file = try JSON.decode(GroupFile.self, from: Data(text.utf8))
    while file.members.count < count {
      let number = file.members.count
      file.members.append(
        .init(id: ID(at: .now), name: "M\(number)", weight: 1, createdAt: file.createdAt, removedAt: nil))
    }
    file.members.sort { $0.id < $1.id }
    return file
  }

  @Test func fileAbove20MiBIsImported() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      for number in 1...3 {
        _ = try await books.enter(
          "/expenses",
          #"{"description": "x", "amount": \#(number), "payer": "\#(books.anna)", "note": "a\nb"}"#)
      }
      let text = try await books.send("GET", "/export").text
      // White space counts for the limit, and takes a test less time than entries.
      let large = text.replacing(",\n", with: ",\n" + String(repeating: " ", count: 11 << 20))
      try #require(large.utf8.count > 21 << 20)
      let path = try await Self.emptyGroup(books)
      var request = HTTPRequest.patient("POST", books.server.url + path + "/import")
      request.headers = [("Authorization", "Bearer \(books.token)"), ("Content-Type", "application/json")]
      request.body = .bytes(Array(large.utf8))
      let imported = Answer(try await HTTPClient().send(request))
      #expect(imported.status == 200, "\(imported.text.prefix(1000))")
      #expect(try await books.send("GET", "\(path)/export").text == text)
    }
  }

  @Test(arguments: Backend.available) func groupOf520MembersIsExportedAndImported(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let path = try await Self.emptyGroup(books)
      let file = try await Self.file(members: 520, books)
      let imported = try await books.send("POST", "\(path)/import", try Self.text(file))
      #expect(imported.status == 200, "\(imported.text.prefix(1000))")
      let split = #""split": {"method": "items", "items": [{"amount": 40}, {"amount": 60}]}"#
      for extra in ["", ", \(split)", #", "split": {"method": "shares"}"#] {
        let expense = #"{"description": "x", "amount": 100, "payer": "kitty"\#(extra)}"#
        let made = try await books.send("POST", "\(path)/expenses", expense)
        try #require(made.status == 201, "\(made.text.prefix(1000))")
        #expect(try made.decode(Entry.self).shares?.count == 520)
      }
      let copy = try await Self.emptyGroup(books)
      let export = try await books.send("GET", "\(path)/export").text
      #expect(try await books.send("POST", "\(copy)/import", export).status == 200)
      #expect(try await books.send("GET", "\(copy)/export").text == export)
    }
  }

  @Test(arguments: Backend.available) func memberNumber501IsRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let path = try await Self.emptyGroup(books)
      let file = try await Self.file(members: 499, books)
      #expect(try await books.send("POST", "\(path)/import", try Self.text(file)).status == 200)
      let last = try await books.send("POST", "\(path)/members", #"{"name": "Number 500"}"#)
      #expect(last.status == 201, "\(last.text)")
      let refused = try await books.send("POST", "\(path)/members", #"{"name": "Number 501"}"#)
      try expectProblem(refused, 422, "invalid", "A group can grow to 500 members, and this one has 500.")
      let code = try await books.send("POST", "\(path)/invites", #"{"role": "member"}"#).decode(Invite.self)
        .code
      let token = try await books.server.signUp("late")
      let join = #"{"code": "\#(code)"}"#
      let late = try await books.send("POST", "/v1/invites/accept", join, token: token)
      try expectProblem(late, 422, "invalid", "A group can grow to 500 members, and this one has 500.")
      // Without one of them there is room again.
      let guest = try last.decode(Member.self).id
      #expect(try await books.send("DELETE", "\(path)/members/\(guest)").status == 204)
      #expect(try await books.send("POST", "/v1/invites/accept", join, token: token).status == 200)
    }
  }

  @Test(arguments: Backend.available) func foreignFileIsRefusedWithAdvice(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let path = try await Self.emptyGroup(books)
      for foreign in [
        "Date,Description,Category,Cost,Currency,Mira,Jonas\n\n2026-01-03,\"Rent, \"\"x\"\"\",Rent,1.50,EUR,1.50,-1.50\n",
        #"[{"what": "x", "amount": 0.3}]"#, #"{"expenses": [{"title": "x"}], "participants": []}"#, "", "{",
        "{}",
      ] {
        let answer = try await books.send("POST", "\(path)/import", foreign)
        try expectProblem(answer, 400, "malformed_json", "This is not a file that KittyCash exported.")
        #expect(answer.text.contains("docs/import.md"))
      }
      for damaged in [
        #"{"format": "kittycash-group-1", "entries": [1]}"#,
        #"{"format": "kittycash-group-1", "entries": [{} {}]}"#,
        #"{"format": "kittycash-group-1", "entries": [{},]}"#, #"{"format": "kittycash-group-2", "name": "#,
      ] {
        let answer = try await books.send("POST", "\(path)/import", damaged)
        try expectProblem(answer, 400, "malformed_json", "it is cut off, or was changed by hand")
      }
      let table = try await books.server.send(
        "POST", "\(path)/import", token: books.token, body: .bytes(Array("a,b\n".utf8)),
        headers: [("Content-Type", "text/csv")])
      try expectProblem(table, 415, "unsupported_media_type", "docs/import.md")
    }
  }

  @Test func fileAboveTheSettingIsRefused() async throws {
    try await TestServer.run(on: .sqlite, settings: ["IMPORT_MAX_BYTES": "2000"]) { server in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token, guests: [])
      let path = "/v1/groups/\(group.id)"
      let file = try await server.send("GET", "\(path)/export", token: token).text
      #expect(try await server.send("POST", "\(path)/import", token: token, json: file).status == 200)
      let large = file + String(repeating: " ", count: 2000)
      try expectProblem(
        try await server.send("POST", "\(path)/import", token: token, json: large), 413, "too_large",
        "2000 bytes")
    }
  }
}
