import CommonPasswords
import Foundation
import KittyShared
import Sodium
import Testing

@testable import KittyServer

/// New passwords that are easy to guess.
@Suite struct PasswordRuleTests {
  private let user = User(
    id: .first, name: "annabel", displayName: "Annabel B. Öxle", email: "a.oexle@example.org", photo: nil,
    createdAt: .now)

  private func code(_ password: String, _ user: User? = nil) -> String? {
    PasswordRule.error(password, "password", of: user ?? self.user)?.code
  }

  @Test func listIsSortedAndFoundCompletely() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/CommonPasswords/common-passwords.txt")
    let lines = try String(decoding: Data(contentsOf: file), as: UTF8.self).split(separator: "\n")
    #expect(lines.count > 10_000)
    #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    #expect(lines.allSatisfy { $0.unicodeScalars.count >= 8 && $0 == $0.lowercased() })
    #expect(lines.allSatisfy { CommonPasswords.contains(String($0)) })
    for line in lines where line.utf8.count < 60 {
      #expect(!CommonPasswords.contains(line + "\u{1}") && !CommonPasswords.contains("\u{1}" + line))
    }
    for other in ["", "\n", "~~~~~~~~~~~~~~", "        ", "a long password", "passwor", "password\n"] {
      #expect(!CommonPasswords.contains(other), "\(other)")
    }
  }

  @Test(arguments: [
    "password", "PassWord", "12345678", "iloveyou", "Qwerty123", "        ", "aaaaaaaaaa", "1212121212",
    "ÖÖÖÖöööö",
  ])
  func commonPasswordIsRefused(password: String) { #expect(code(password) == "password_common") }

  @Test(arguments: [
    "annabel1", "ANNABEL!?", "annabelannabel", "Annabel B. Öxle", "annabel b. o\u{308}xle",
    "a.oexle@example.org",
    "a.oexle12", "1annabel2",
  ])
  func ownNameOrAddressIsRefused(password: String) { #expect(code(password) == "password_personal") }

  @Test(arguments: [
    "a long password", "annabel likes tea", "correct horse battery", "Tr0ub4dor&3x", "pässwörd!", "井上 雄彦 北海",
  ])
  func otherPasswordIsAccepted(password: String) { #expect(code(password) == nil) }

  @Test func shortNameForbidsNoPassword() {
    let user = User(id: .first, name: "al", displayName: "A", photo: nil, createdAt: .now)
    #expect(code("balalaika nights", user) == nil)
    #expect(code("alalalal2", user) == "password_common" || code("alalalal2", user) == "password_personal")
  }

  @Test(arguments: Backend.available) func everyWayToSetPasswordRefusesCommonOne(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      for (name, password, code) in [
        ("anna", "password1", "password_common"), ("annabella", "Annabella7", "password_personal"),
      ] {
        let answer = try await server.send(
          "POST", "/v1/users", json: #"{"name": "\#(name)", "password": "\#(password)"}"#)
        try expectFirstError(answer, 422, code, field: "password")
      }
      let session = try await server.signUp("annabella")
      let changed = try await server.send(
        "PUT", "/v1/me/password", token: session,
        json: #"{"current": "a long password", "new": "iloveyou"}"#)
      try expectFirstError(changed, 422, "password_common", field: "new")
      let user = try await server.send("GET", "/v1/me", token: session).decode(User.self).id
      try await PasswordResetStore(database: server.dependencies.database).insert(
        .init(user: user, hash: BearerToken("mailed").hash, expires: Instant.now.advanced(by: .seconds(60))),
        WriteContext())
      let reset = try await server.send(
        "PUT", "/v1/password", json: #"{"token": "mailed", "password": "xAnnabellax"}"#)
      try expectFirstError(reset, 422, "password_personal", field: "password")
      // The token was not used up, and the old password still works.
      #expect(try await server.signIn("annabella").hasPrefix("kitty_"))
      let better = try await server.send(
        "PUT", "/v1/password", json: #"{"token": "mailed", "password": "a better password"}"#)
      #expect(better.status == 204)
    }
  }

  @Test(arguments: Backend.available) func existingCommonPasswordStillWorks(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      _ = try await server.signUp()
      let found = try await UserStore(database: server.dependencies.database).find(name: "anna")
      let user = try #require(found).user
      // As an older version stored it.
      try await server.dependencies.database.transact([
        "update users set password_hash = \(try Password.hash("password")) where id = \(user.id)"
      ])
      let answer = try await server.send(
        "POST", "/v1/sessions", json: #"{"name": "anna", "password": "password"}"#)
      #expect(answer.status == 201)
    }
  }
}
