import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The data of a user as a file: all that concerns them, nothing of what is only of others, and no secret.
@Suite struct AccountExportTests {
  private static let any = [("If-Match", "*")]

  /// Signs Bob up, and puts him in the place of a guest.
  private func bob(in books: GroupFixture) async throws -> (token: String, user: User) {
    let token = try await books.server.signUp("bob")
    let user = try await books.server.send("GET", "/v1/me", token: token).decode(User.self)
    try await books.server.dependencies.database.transact([
      "update accounts set user_id = \(user.id), role = 'member' where group_id = \(books.group.id) and id = \(books.bob)"
    ])
    return (token, user)
  }

  private func expense(_ books: GroupFixture, _ text: String, _ members: [ID], token: String? = nil)
    async throws -> Entry
  {
    let list = members.map { "\"\($0)\"" }.joined(separator: ", ")
    let answer = try await books.send(
      "POST", "/expenses",
      #"{"description": "\#(text)", "amount": 900, "payer": "\#(members[0])", "participants": [\#(list)]}"#,
      token: token)
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(Entry.self)
  }

  /// Enters expenses of each kind: with Bob, without him, entered, commented or changed by him.
  private func enter(_ books: GroupFixture, _ token: String) async throws -> [Int64] {
    let (anna, bob, carl) = (books.anna, books.bob, books.carl)
    let taken = try await expense(books, "taken", [anna, bob])
    let foreign = try await expense(books, "foreign", [anna, carl])
    let written = try await expense(books, "written", [anna, carl], token: token)
    let commented = try await expense(books, "commented", [anna, carl])
    for (entry, text, by) in [(commented, "mine", token), (commented, "other", nil), (foreign, "other", nil)]
    {
      let answer = try await books.send(
        "POST", "/entries/\(entry.id)/comments", #"{"text": "\#(text)"}"#, token: by)
      #expect(answer.status == 201)
    }
    let changed = try await expense(books, "was taken", [anna, bob])
    let without = try await books.send(
      "PATCH", "/expenses/\(changed.id)", #"{"participants": ["\#(carl)"]}"#, headers: Self.any)
    #expect(without.status == 200, "\(without.text)")
    let deleted = try await expense(books, "deleted", [carl, bob])
    #expect(try await books.send("DELETE", "/entries/\(deleted.id)").status == 204)
    return [taken, written, commented, changed, deleted].map(\.number)
  }

  @Test(arguments: Backend.available) func exportHasWhatConcernsTheUser(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let server = books.server
      let (token, user) = try await bob(in: books)
      let numbers = try await enter(books, token)
      let made = try await server.send(
        "POST", "/v1/me/tokens", token: token, json: #"{"name": "backup", "scopes": ["read"]}"#
      ).decode(APIToken.self)
      let secret = try #require(made.token)
      let key = try await server.send(
        "POST", "/v1/me/keys", token: token, json: #"{"key": "\#(SSHKeyPair.anyLine)"}"#)
      #expect(key.status == 201, "\(key.text)")
      let file = try await server.send(
        "PUT", "/v1/me/files/config.toml", token: token, json: #"{"content": "theme = 1"}"#)
      #expect(file.status == 200 || file.status == 201, "\(file.text)")
      // A group that Bob has left, and a deleted one.
      let (left, members) = try await server.makeGroup(books.token, guests: ["Bob"])
      try await server.dependencies.database.transact([
        "update accounts set user_id = \(user.id), role = 'member', removed_at = \(Instant.now) where group_id = \(left.id) and id = \(members[1].id)"
      ])
      let (gone, _) = try await server.makeGroup(token, guests: [])
      #expect(try await server.send("DELETE", "/v1/groups/\(gone.id)", token: token).status == 204)
      let (empty, _) = try await server.makeGroup(token, guests: [])

      let answer = try await server.send("GET", "/v1/me/export", token: token)
      try #require(answer.status == 200, "\(answer.text)")
      #expect(
        answer.header("Content-Disposition") == "attachment; filename=\"account-\(user.id).json\"")
      #expect(answer.header("Cache-Control") == "no-store")
      let export = try answer.decode(AccountExport.self)
      #expect(export.format == AccountExport.format && export.user.id == user.id)
      #expect(export.sessions.count == 1 && export.tokens.map(\.name) == ["backup"])
      #expect(export.keys.count == 1 && !export.secondFactor.enabled)
      #expect(export.files.map(\.content) == ["theme = 1"])
      #expect(Set(export.groups.map(\.group)) == [books.group.id, left.id, empty.id])
      let here = try #require(export.groups.first { $0.group == books.group.id })
      #expect(here.role == .member && here.member == books.bob && here.name == "Flat" && here.leftAt == nil)
      #expect(here.members.map(\.name).sorted() == books.members.map(\.name).sorted())
      #expect(here.entries.map(\.number) == numbers)
      #expect(here.entries.map(\.comments.count) == [0, 0, 1, 0, 0])
      #expect(here.entries[2].comments[0].text == "mine")
      #expect(here.entries.map(\.revisions.count) == [1, 1, 1, 2, 2])
      let former = try #require(export.groups.first { $0.group == left.id })
      #expect(former.leftAt != nil && former.name == nil && former.entries.isEmpty && former.members.isEmpty)
      #expect(!answer.text.contains("foreign") && !answer.text.contains("other"))
      for secret in [token, secret, BearerToken(secret).hash, BearerToken(token).hash, "argon2"] {
        #expect(!answer.text.contains(secret))
      }
      #expect(
        try await server.send("GET", "/v1/me/export", token: secret).problem().code == "session_needed")
      #expect(try await server.send("GET", "/v1/me/export").status == 401)
    }
  }

  @Test(arguments: Backend.available) func exportShowsTheMomentAtWhichItBegan(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (token, user) = try await bob(in: books)
      for number in 1...30 { _ = try await expense(books, "x \(number)", [books.anna, books.bob]) }
      let exports = exports(books.server.dependencies.database)
      let now = Instant.now
      func text(_ between: () async throws -> Void) async throws -> String {
        let export = try await exports.begin(for: user.id, session: .first, at: now)
        var (text, place): (String, PersonalExport.Place?) = ("", PersonalExport.Place())
        while let start = place {
          let piece = try await exports.next(of: export, start)
          text += piece.text
          place = piece.place
          try await between()
        }
        return text
      }
      let before = try await text {}
      var round: Int64 = 0
      let during = try await text {
        round += 1
        _ = try await expense(books, "late", [books.anna, books.bob], token: token)
        let change = try await books.send(
          "PATCH", "/expenses/\(31 - round)", #"{"description": "late"}"#, headers: Self.any)
        #expect(change.status == 200, "\(change.text)")
      }
      #expect(round > 6 && during == before)
      #expect(
        try JSON.decode(AccountExport.self, from: Data(before.utf8)).groups.map(\.entries.count) == [30])
    }
  }

  /// An undo removes entries that the export was about to show.
  @Test(arguments: Backend.available) func exportIsNotCutInSilence(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let user = try await books.send("GET", "/v1/me").decode(User.self)
      let lines = (0..<20).map { "2026-02-01,Line \($0),Leisure,10.00,EUR,5.00,-5.00\n" }.joined()
      let id = try #require(try await books.importFile(ImportSamples.file() + lines).id)
      let exports = exports(books.server.dependencies.database)
      let export = try await exports.begin(for: user.id, session: .first, at: .now)
      var place: PersonalExport.Place? = PersonalExport.Place()
      for _ in 0..<3 { place = try await exports.next(of: export, try #require(place)).place }
      #expect(try await books.send("DELETE", "/imports/\(id)").status == 204)
      let start = try #require(place)
      let rejection = await #expect(throws: Rejection.self) { _ = try await exports.next(of: export, start) }
      #expect(rejection?.reason == .unavailable)
    }
  }

  private func exports(_ database: any Database) -> PersonalExport {
    PersonalExport(
      users: UserStore(database: database), sessions: SessionStore(database: database),
      tokens: TokenStore(database: database), keys: SSHKeyStore(database: database),
      factors: SecondFactorStore(database: database), files: AccountFileStore(database: database),
      memberships: AccountExportStore(database: database),
      entries: GroupExportStore(database: database, pageSize: 7))
  }

  /// Every table that refers to a user, whatever its column is called.
  private func references(in database: any Database) async throws -> [(table: String, column: String)] {
    let rows =
      database.hasOneWriter
      ? try await database.read(
        "select m.name, p.name from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table' and p.name like '%user%id'"
      )
      : try await database.read(
        "select cast(table_name as text), cast(column_name as text) from information_schema.columns where table_schema = current_schema() and column_name like '%user%id'"
      )
    return try rows.map { try $0.decode(String.self, String.self) }.map { (table: $0.0, column: $0.1) }
  }

  @Test(arguments: Backend.available) func deletedAccountLeavesWhatTheContractSays(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let server = books.server
      let database = server.dependencies.database
      let (token, user) = try await bob(in: books)
      let numbers = try await enter(books, token)
      for (path, json) in [
        ("tokens", #"{"name": "t", "scopes": ["read"]}"#), ("keys", #"{"key": "\#(SSHKeyPair.anyLine)"}"#),
        ("second-factor", #"{"password": "a long password"}"#),
      ] {
        let answer = try await server.send("POST", "/v1/me/\(path)", token: token, json: json)
        #expect(answer.status == 201, "\(answer.text)")
      }
      _ = try await server.send("PUT", "/v1/me/files/a", token: token, json: #"{"content": "x"}"#)
      let iban = try await books.send(
        "PATCH", "/members/\(books.bob)", #"{"iban": "DE02120300000000202051"}"#, headers: Self.any,
        token: token)
      #expect(iban.status == 200, "\(iban.text)")
      let (own, _) = try await server.makeGroup(token, guests: [])
      let before = try await books.get(Page<Entry>.self, "/entries?deleted=true").items
      let comments = try await books.send("GET", "/entries/\(numbers[2])/comments").text

      let done = try await server.send(
        "DELETE", "/v1/me", token: token, json: #"{"password": "a long password"}"#)
      try #require(done.status == 204, "\(done.text)")
      let tables = try await references(in: database)
      #expect(tables.count >= 9, "\(tables)")
      for (table, column) in tables {
        let rows = try await database.read(
          SQL(stringLiteral: "select count(*) from \(table) where \(column) = '\(user.id)'"))
        #expect(try rows[0].decode(Int.self) == 0, "\(table).\(column)")
      }
      #expect(try await server.send("GET", "/v1/groups/\(own.id)", token: books.token).status == 404)
      // The books stay, with the name of a guest.
      let member = try await books.get(Member.self, "/members/\(books.bob)")
      #expect(member.name == "Bob" && member.role == .guest && member.user == nil && member.iban == nil)
      #expect(try await books.get(Page<Entry>.self, "/entries?deleted=true").items == before)
      #expect(try await books.send("GET", "/entries/\(numbers[2])/comments").text == comments)
    }
  }
}
