import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Resetting a password with a token from a mail.
@Suite struct PasswordResetTests {
  private func run(
    on backend: Backend, refusing: Int = 0, _ body: (TestServer, SMTPSink) async throws -> Void
  ) async throws { try await TestServer.runWithMail(on: backend, refusing: refusing, body) }

  private func signUp(_ server: TestServer, _ name: String, _ email: String) async throws -> String {
    try await server.signUp(name, email: email)
  }

  private func request(_ server: TestServer, _ email: String) async throws -> Answer {
    try await server.send("POST", "/v1/password-resets", json: #"{"email": "\#(email)"}"#)
  }

  private func reset(_ server: TestServer, _ token: String, to password: String = "another password")
    async throws
    -> Answer
  {
    try await server.send(
      "PUT", "/v1/password", json: #"{"token": "\#(token)", "password": "\#(password)"}"#)
  }

  private func signIn(_ server: TestServer, _ name: String, _ password: String) async throws -> Int {
    try await server.send("POST", "/v1/sessions", json: #"{"name": "\#(name)", "password": "\#(password)"}"#)
      .status
  }

  /// Requests a mail for one user and returns the token in it.
  private func token(_ server: TestServer, _ sink: SMTPSink, for email: String) async throws -> String {
    let count = sink.messages.count
    #expect(try await request(server, email).status == 202)
    try await server.runJobs()
    return try #require(sink.messages.dropFirst(count).compactMap(\.token).last).value
  }

  private func count(_ server: TestServer, _ table: SQL) async throws -> Int {
    try await server.dependencies.database.read("select count(*) from \(part: table)")[0].decode(Int.self)
  }

  @Test(arguments: Backend.available) func tokenFromMailSetsPassword(backend: Backend) async throws {
    try await run(on: backend) { server, sink in
      let session = try await signUp(server, "anna", "Home@Example.org")
      _ = try await signUp(server, "bob", "home@example.org")
      #expect(try await request(server, "hOME@example.org").status == 202)
      while try await server.dependencies.worker().runNext() {}
      // A mail for each account, in the order of their sign-up.
      #expect(sink.messages.map(\.to) == [["<Home@Example.org>"], ["<home@example.org>"]])
      #expect(sink.messages.allSatisfy { $0.text.contains("https://kitty.example.org") })
      let tokens = sink.messages.compactMap(\.token)
      try #require(tokens.map(\.account) == ["anna", "bob"])
      let (anna, bob) = (tokens[0].value, tokens[1].value)
      // The token itself is not stored.
      let kept = try await server.dependencies.database.read("select token_hash from password_resets")
      #expect(try kept.allSatisfy { try ![anna, bob].contains($0.decode(String.self)) })

      #expect(try await server.send("GET", "/v1/me", token: session).status == 200)
      #expect(try await reset(server, anna, to: "short").status == 422)
      #expect(try await reset(server, anna).status == 204)
      #expect(try await server.send("GET", "/v1/me", token: session).status == 401)
      #expect(try await signIn(server, "anna", "a long password") == 401)
      #expect(try await signIn(server, "anna", "another password") == 201)
      #expect(try await signIn(server, "bob", "a long password") == 201)
      let twice = try await reset(server, anna, to: "a third password")
      #expect(twice.status == 403)
      #expect(try twice.problem().code == "useless_token")
      #expect(try await signIn(server, "anna", "another password") == 201)
      #expect(try await reset(server, bob).status == 204)
      #expect(try await count(server, "password_resets") == 0)
      try await server.runJobs()
      #expect(try await count(server, "jobs") == 0)
    }
  }

  /// The lines of the mail send the password as it was typed, and no argument of a program has it or the token.
  @Test func linesOfTheMailKeepSecretsOutOfArguments() async throws {
    try await run(on: .sqlite) { server, sink in
      _ = try await signUp(server, "anna", "anna@example.org")
      let token = try await token(server, sink, for: "anna@example.org")
      let text = try #require(sink.messages.last).text
      let lines = text.split(whereSeparator: \.isNewline).filter {
        $0.contains("read -rsp") || $0.contains("curl")
      }
      try #require(lines.count == 2, "\(text)")
      let script = """
        curl() { printf 'arguments: %s\\n' "$*"; cat; }
        exec <<<"$TYPED"
        \(lines.joined(separator: "\n"))
        """
      let password = #"it's "mine" \o/ $HOME"#
      let outcome = try await runProgram(
        "/bin/bash", ["-c", script], ["TYPED": "\(token)\n\(password)", "PATH": "/usr/bin:/bin"])
      let arguments = try #require(outcome.output.firstMatch(of: /arguments: (.*)/)).1
      #expect(arguments == "-X PUT https://kitty.example.org/v1/password --json @-")
      let body = try #require(outcome.output.firstIndex(of: "{").map { outcome.output[$0...] })
      let sent = try JSON.decode(PasswordReset.self, from: Data(body.utf8))
      #expect(sent.token == token && sent.password == password)
    }
  }

  @Test(arguments: Backend.available) func answerDoesNotRevealUsers(backend: Backend) async throws {
    try await run(on: backend) { server, sink in
      for name in ["anna", "bob"] { _ = try await signUp(server, name, "\(name)@example.org") }
      _ = try await UserStore(database: server.dependencies.database).setDisabled(
        true, name: "bob", at: .now, WriteContext())
      var seen: Set<String> = []
      for (number, name) in ["anna", "bob", "carl"].enumerated() {
        let answer = try await request(server, "\(name)@example.org")
        #expect(answer.status == 202 && answer.text.isEmpty)
        let headers = answer.response.headers.filter { !["x-request-id", "date"].contains($0.key) }
        seen.insert("\(headers.sorted { $0.key < $1.key })")
        // The time does not reveal it either: each request writes one row.
        #expect(try await count(server, "jobs") == number + 1)
      }
      #expect(seen.count == 1)
      while try await server.dependencies.worker().runNext() {}
      #expect(sink.messages.flatMap(\.to) == ["<anna@example.org>"])
      #expect(try await count(server, "jobs") == 0)
    }
  }

  @Test(arguments: Backend.available) func resetTokenIsValidOnceForThirtyMinutes(backend: Backend)
    async throws
  {
    try await run(on: backend) { server, sink in
      _ = try await signUp(server, "anna", "anna@example.org")
      let session = try await server.signIn()
      let user = try await server.send("GET", "/v1/me", token: session).decode(User.self).id
      let resets = server.dependencies.passwordResets
      try await resets.write(to: user, at: Instant.now.advanced(by: .seconds(-1801)), WriteContext())
      let old = try #require(sink.messages.last?.token).value
      #expect(try await reset(server, old).problem().code == "useless_token")
      let users = UserStore(database: server.dependencies.database)
      #expect(
        try await users.setPassword(token: BearerToken(old).hash, to: "x", at: .now, WriteContext()) == nil)
      try await resets.store.deleteExpired(at: .now, WriteContext())
      #expect(try await count(server, "password_resets") == 0)

      try await resets.write(to: user, at: Instant.now.advanced(by: .seconds(-1700)), WriteContext())
      let token = try #require(sink.messages.last?.token).value
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<6 {
          group.addTask { try await reset(server, token, to: "password \(number)").status }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.sorted() == [204, 403, 403, 403, 403, 403])
    }
  }

  @Test(arguments: Backend.available) func changedUserInvalidatesResetToken(backend: Backend)
    async throws
  {
    try await run(on: backend) { server, sink in
      let session = try await signUp(server, "anna", "anna@example.org")
      let first = try await token(server, sink, for: "anna@example.org")
      let moved = try await server.send(
        "PATCH", "/v1/me", token: session,
        json: #"{"email": "a@example.org", "password": "a long password"}"#,
        headers: [("If-Match", "*")])
      #expect(moved.status == 200)
      try await server.confirmEmail(of: "anna")
      #expect(try await reset(server, first).status == 403)
      let second = try await token(server, sink, for: "a@example.org")
      let changed = try await server.send(
        "PUT", "/v1/me/password", token: session,
        json: #"{"current": "a long password", "new": "a new password"}"#)
      #expect(changed.status == 200)
      #expect(try await reset(server, second).status == 403)
      let third = try await token(server, sink, for: "a@example.org")
      let users = UserStore(database: server.dependencies.database)
      _ = try await users.setDisabled(true, name: "anna", at: .now, WriteContext())
      #expect(try await reset(server, third).status == 403)
      _ = try await users.setDisabled(false, name: "anna", at: .now, WriteContext())
      #expect(try await signIn(server, "anna", "a new password") == 201)
    }
  }

  @Test(arguments: Backend.available) func refusedMailIsRetried(backend: Backend) async throws {
    try await run(on: backend, refusing: 2) { server, sink in
      _ = try await signUp(server, "anna", "anna@example.org")
      #expect(try await request(server, "anna@example.org").status == 202)
      // The first job enqueues one for each account.
      #expect(try await server.dependencies.worker().runNext())
      var now = Instant.now
      for attempt in 1...3 {
        #expect(try await server.dependencies.worker().runNext(at: now))
        #expect(sink.messages.count == (attempt == 3 ? 1 : 0))
        // A mail that was not sent leaves no token.
        #expect(try await count(server, "password_resets") == (attempt == 3 ? 1 : 0))
        now = now.advanced(by: .seconds(60))
      }
      #expect(try await count(server, "jobs") == 0)
      let token = try #require(sink.messages[0].token).value
      #expect(try await reset(server, token).status == 204)
    }
  }

  @Test(arguments: Backend.available) func mailsPerAddressAreLimited(backend: Backend) async throws {
    try await run(on: backend) { server, sink in
      _ = try await signUp(server, "anna", "anna@example.org")
      for _ in 0..<6 { #expect(try await request(server, "anna@example.org").status == 202) }
      while try await server.dependencies.worker().runNext() {}
      #expect(sink.messages.count == 3)
      #expect(try await count(server, "jobs") == 0)
    }
  }

  @Test(arguments: Backend.available) func otherAccountsCannotCrowdOutTheOwner(backend: Backend) async throws
  {
    try await run(on: backend) { server, sink in
      _ = try await signUp(server, "anna", "anna@example.org")
      // Accounts with ids before hers, and her address, which they cannot confirm.
      for number in 0..<12 {
        let id = ID(at: Instant(milliseconds: Int64(number)))
        let made = try await server.send(
          "POST", "/v1/users",
          json: #"{"id": "\#(id)", "name": "x\#(number)", "password": "a long password"}"#)
        try #require(made.status == 201, "\(made.text)")
        try await server.setEmail("ANNA@example.org", try await server.signIn("x\(number)"))
      }
      try await server.dependencies.database.transact(["delete from jobs"])
      #expect(try await request(server, "anna@example.org").status == 202)
      try await server.runJobs()
      #expect(sink.messages.compactMap { $0.token?.account } == ["anna"])
    }
  }

  @Test(arguments: Backend.available) func mailedResetRevokesAPITokens(backend: Backend) async throws {
    try await run(on: backend) { server, sink in
      let session = try await signUp(server, "anna", "anna@example.org")
      let left = try #require(try await server.makeToken(session).token)
      let others = try #require(try await server.makeToken(try await server.signUp("bob")).token)
      let token = try await token(server, sink, for: "anna@example.org")
      #expect(try await server.send("GET", "/v1/me", token: left).status == 200)
      #expect(try await reset(server, token).status == 204)
      #expect(try await server.send("GET", "/v1/me", token: left).status == 401)
      #expect(try await server.send("GET", "/v1/me", token: others).status == 200)
    }
  }

  @Test func missingMailSettingIsExplained() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let problem = try await request(server, "anna@example.org").problem()
      #expect(problem.status == 409 && problem.code == "no_mail")
      #expect(try await reset(server, "x").status == 403)
    }
  }
}
