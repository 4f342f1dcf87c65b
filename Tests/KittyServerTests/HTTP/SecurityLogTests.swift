import Curl
import Foundation
import KittyShared
import Sodium
import TestSupport
import Testing

@testable import KittyServer

/// Security events have a line each in the log.
@Suite struct SecurityLogTests {
  /// Runs a server, and a function that returns the events of the account since its last call.
  private func run(
    on backend: Backend, settings: [String: String] = [:], adjust: (inout Settings) -> Void = { _ in },
    _ body: (TestServer, LogRecorder) async throws -> Void
  ) async throws {
    let recorder = LogRecorder()
    try await TestServer.run(on: backend, settings: settings, logger: recorder.logger, adjust: adjust) {
      (server) async throws in try await body(server, recorder)
    }
  }

  private func id(_ server: TestServer, _ token: String) async throws -> String {
    try await server.send("GET", "/v1/me", token: token).decode(User.self).id.description
  }

  @Test(arguments: Backend.available) func eventsOfAnAccountAreLogged(backend: Backend) async throws {
    try await run(on: backend) { server, log in
      let token = try await server.signUp()
      let user = try await id(server, token)
      #expect(log.security.map { $0.fields["event"] } == ["account.created", "sign_in.ok"])
      let wrong = try await server.send(
        "POST", "/v1/sessions", json: #"{"name": "anna", "password": "a wrong secret"}"#)
      #expect(wrong.status == 401)
      let last = try #require(log.security.last)
      #expect(last.fields["event"] == "sign_in.failed" && last.fields["client"] == "127.0.0.1")
      #expect(last.fields["requestId"] == wrong.header("X-Request-Id") && last.level == .notice)
      #expect(log.security.allSatisfy { $0.fields["user"] == user }, "\(log.security)")
      let unknown = try await server.send(
        "POST", "/v1/sessions", json: #"{"name": "zoe", "password": "a wrong secret"}"#)
      #expect(unknown.status == 401)
      #expect(
        log.security.last?.fields["event"] == "sign_in.failed" && log.security.last?.fields["user"] == nil)

      func events(_ body: () async throws -> Answer) async throws -> [String] {
        let count = log.security.count
        _ = try await body()
        let new = log.security.dropFirst(count)
        #expect(new.allSatisfy { $0.fields["user"] == user && $0.fields["credential"] != nil }, "\(new)")
        return new.compactMap { $0.fields["event"] }
      }
      func send(_ method: String, _ path: String, _ json: String) async throws -> Answer {
        try await server.send(method, path, token: token, json: json, headers: [("If-Match", "*")])
      }
      let made = try await server.makeToken(token)
      #expect(log.security.last?.fields["event"] == "token.created")
      let steps: [(events: [String], method: String, path: String, json: String)] = [
        (
          ["password.failed"], "PUT", "/v1/me/password",
          #"{"current": "a wrong secret", "new": "another password"}"#
        ),
        (["email.changed"], "PATCH", "/v1/me", #"{"email": "a@example.org", "password": "a long password"}"#),
        ([], "PATCH", "/v1/me", #"{"displayName": "Anna"}"#),
        (
          ["password.changed"], "PUT", "/v1/me/password",
          #"{"current": "a long password", "new": "another password"}"#
        ),
        (["mailed_token.failed"], "PUT", "/v1/me/email/confirmation", #"{"token": "x"}"#),
      ]
      for step in steps {
        #expect(
          try await events { try await send(step.method, step.path, step.json) } == step.events, "\(step)")
      }
      let secret = try #require(made.token)
      #expect(
        try await events { try await server.send("DELETE", "/v1/me/tokens/\(made.id)", token: token) }
          == ["token.revoked"])
      #expect(
        try await events { try await server.send("DELETE", "/v1/me/sessions", token: token) } == [
          "session.ended"
        ])
      #expect(
        try await events { try await send("DELETE", "/v1/me", #"{"password": "another password"}"#) }
          == ["account.deleted"])
      for hidden in ["a wrong secret", "another password", "a long password", secret, token, "a@example.org"]
      {
        #expect(!log.text.contains(hidden), "\(hidden)")
      }
    }
  }

  @Test(arguments: Backend.available) func eventsOfSecondFactorAreLogged(backend: Backend) async throws {
    try await run(on: backend) { server, log in
      let token = try await server.signUp()
      let path = "/v1/me/second-factor"
      _ = try await server.send("POST", path, token: token, json: #"{"password": "a long password"}"#)
      let stored = try await server.dependencies.database.read("select secret from second_factors")[0]
        .decode(String.self)
      let totp = TOTP(key: try #require(bytes(hex: stored)))
      let step = TOTP.step(at: .now)
      let confirmed = try await server.send(
        "PUT", path, token: token, json: #"{"code": "\#(try totp.code(at: step))"}"#)
      let recovery = try #require(try confirmed.decode(RecoveryCodes.self).recoveryCodes.first)
      #expect(recovery.wholeMatch(of: /([a-z2-7]{4}-){5}[a-z2-7]{4}/) != nil)
      func signIn(_ code: String) async throws -> [String] {
        let count = log.security.count
        _ = try await server.send(
          "POST", "/v1/sessions",
          json: #"{"name": "anna", "password": "a long password", "code": "\#(code)"}"#)
        return log.security.dropFirst(count).compactMap { $0.fields["event"] }
      }
      let next = try totp.code(at: step + 1)
      #expect(log.security.last?.fields["event"] == "factor.enabled")
      #expect(try await signIn(next) == ["factor.used", "sign_in.ok"])
      #expect(try await signIn(next) == ["factor.replayed", "factor.failed"])
      #expect(try await signIn("x") == ["factor.failed"])
      #expect(try await signIn(recovery) == ["factor.used", "sign_in.ok"])
      for hidden in [next, recovery, stored] { #expect(!log.text.contains(hidden)) }
    }
  }

  @Test(arguments: Backend.available) func eventsOfAGroupAreLogged(backend: Backend) async throws {
    try await run(on: backend) { server, log in
      let (owner, bob) = (try await server.signUp(), try await server.signUp("bob"))
      let (group, _) = try await server.makeGroup(owner, guests: [])
      let member = try await server.join(group.id, bob, invitedBy: owner).me
      func last(_ answer: Answer) -> [String?] {
        #expect((200..<300).contains(answer.status) || answer.status == 403, "\(answer.text)")
        return ["event", "user", "path"].map { log.security.last?.fields[$0] }
      }
      let (ownerID, bobID) = (try await id(server, owner), try await id(server, bob))
      let path = "/v1/groups/\(group.id)"
      #expect(log.security.suffix(2).map { $0.fields["event"] } == ["invite.created", "invite.accepted"])
      let role = try await server.send(
        "PATCH", "\(path)/members/\(member)", token: owner, json: #"{"role": "viewer"}"#,
        headers: [("If-Match", "*")])
      #expect(last(role) == ["role.changed", ownerID, "\(path)/members/\(member)"])
      let denied = try await server.send(
        "PATCH", path, token: bob, json: #"{"name": "Mine"}"#, headers: [("If-Match", "*")])
      #expect(last(denied) == ["access.denied", bobID, path])
      let removed = try await server.send("DELETE", "\(path)/members/\(member)", token: owner)
      #expect(last(removed) == ["member.removed", ownerID, "\(path)/members/\(member)"])
      #expect(last(try await server.send("DELETE", path, token: owner)) == ["group.deleted", ownerID, path])
    }
  }

  @Test func manualNamesEveryEvent() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
      path: "../../../docs/operations.md")
    let manual = try String(contentsOf: file, encoding: .utf8)
    for event in SecurityEvent.allCases { #expect(manual.contains("`\(event.rawValue)`"), "\(event)") }
    for (route, event) in SecurityEvent.ofRoute { #expect(route.method != .get, "\(event)") }
  }

  @Test func attemptRefusedByTheLimitIsLogged() async throws {
    try await run(on: .sqlite, settings: ["SIGN_IN_LIMIT": "1"], adjust: { $0.limits.firstWait = 600_000 }) {
      server, log in
      for _ in 0..<3 {
        _ = try await server.send(
          "POST", "/v1/sessions", json: #"{"name": "zoe", "password": "a wrong secret"}"#)
      }
      #expect(
        log.security.map { $0.fields["event"] } == ["sign_in.failed", "sign_in.failed", "attempt.refused"])
    }
  }

  @Test func requestRefusedBeforeTheRouterIsCounted() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let port = try #require(URLComponents(string: server.url)?.port)
      for head in [
        "nonsense\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
      ] {
        let connection = try RawConnection(port: port)
        connection.send(head)
        #expect(try await connection.isClosed(within: 20))
      }
      let readings = server.dependencies.metrics.refusals.readings
      #expect(readings.map { $0.status } == [400, 431] && readings.map { $0.number } == [1, 1])
      let text = await server.dependencies.collector(of: "test").snapshot().families
        .first { $0.name == "kittycash_http_refused_total" }
      #expect(text?.samples.map(\.value) == [1, 1])
    }
  }
}
