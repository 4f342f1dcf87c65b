import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// Accounts that sign in with keys of ssh only: what protects them is changed in a session that a key began a short time
/// ago, and never with a password.
@Suite struct PasswordlessAccountTests {
  private func run(
    _ backend: Backend, _ body: (TestServer, Session, SSHKeyPair) async throws -> Void
  ) async throws {
    try await SSHAccessTests.run(on: backend) { (server, client) async throws in
      let pair = try await SSHKeyPair()
      let session: Session = try await client.send(
        .signUp, KeySignUp(key: SSHAccessTests.line(pair), name: "cleo"))
      try await body(server, session, pair)
    }
  }

  @Test(arguments: Backend.available) func lastKeyStays(backend: Backend) async throws {
    try await run(backend) { (server, session, _) async throws in
      let path = "/v1/me/keys"
      let first = try await server.send("GET", path, token: session.token).decode(Page<SSHKey>.self).items[0]
      try expectProblem(
        try await server.send("DELETE", "\(path)/\(first.id)", token: session.token), 409, "last_key")
      #expect(try await server.send("GET", "/v1/me", token: session.token).status == 200)
      let second = try await server.send(
        "POST", path, token: session.token, json: #"{"key": "\#(SSHKeyPair.anyLine)"}"#
      ).decode(SSHKey.self)
      #expect(try await server.send("DELETE", "\(path)/\(second.id)", token: session.token).status == 204)
      try expectProblem(
        try await server.send("DELETE", "\(path)/\(first.id)", token: session.token), 409, "last_key")
      // With a password, the last key may go, and its session with it.
      let set = try await server.send(
        "PUT", "/v1/me/password", token: session.token, json: #"{"new": "a long password"}"#)
      #expect(set.status == 200, "\(set.text)")
      let token = try await server.signIn("cleo")
      let user = try await server.send("GET", "/v1/me", token: token).decode(User.self)
      #expect(user.hasPassword == true && user.version == 2)
      #expect(try await server.send("DELETE", "\(path)/\(first.id)", token: token).status == 204)
      #expect(try await server.send("GET", "/v1/me", token: session.token).status == 401)
    }
  }

  @Test(arguments: Backend.available) func accountIsChangedWithoutPassword(backend: Backend) async throws {
    try await run(backend) { (server, session, _) async throws in
      func send(_ method: String, _ path: String, _ json: String) async throws -> Answer {
        try await server.send(
          method, path, token: session.token, json: json,
          headers: method == "PATCH" ? [("If-Match", "*")] : [])
      }
      #expect(try await send("PATCH", "/v1/me", #"{"email": "cleo@example.org"}"#).status == 200)
      #expect(try await send("POST", "/v1/me/second-factor", "{}").status == 201)
      #expect(try await send("DELETE", "/v1/me", "{}").status == 204)
    }
  }

  @Test(arguments: Backend.available) func oldSessionIsNotEnough(backend: Backend) async throws {
    try await run(backend) { (server, session, _) async throws in
      let old = Instant.now.advanced(by: .zero - .seconds(3601))
      try await server.dependencies.database.transact(
        ["update sessions set created_at = \(old) where id = \(session.id)"])
      let requests = [
        ("PUT", "/v1/me/password", #"{"new": "a long password"}"#), ("DELETE", "/v1/me", "{}"),
        ("POST", "/v1/me/second-factor", "{}"), ("PATCH", "/v1/me", #"{"email": "a@example.org"}"#),
        // Nor does an own key: a stolen session could add one, and sign in again with it.
        ("POST", "/v1/me/keys", #"{"key": "\#(SSHKeyPair.anyLine)"}"#),
        // A password does not help.
        ("DELETE", "/v1/me", #"{"password": "none"}"#),
      ]
      for (method, path, json) in requests {
        let answer = try await server.send(
          method, path, token: session.token, json: json,
          headers: method == "PATCH" ? [("If-Match", "*")] : [])
        try expectProblem(answer, 403, "sign_in_again")
      }
    }
  }

  /// A session of a key does not stand for the password of an account that has one.
  @Test func passwordIsStillNeededWhereThereIsOne() async throws {
    try await SSHAccessTests.run(on: .sqlite) { (server, client) async throws in
      _ = try await server.signUp()
      let session: Session = try await client.send(
        .link,
        KeyLink(key: SSHAccessTests.line(try await SSHKeyPair()), name: "anna", password: "a long password"))
      for (method, path, json, field) in [
        ("PUT", "/v1/me/password", #"{"new": "another password"}"#, "current"),
        ("DELETE", "/v1/me", "{}", "password"),
        ("POST", "/v1/me/second-factor", "{}", "password"),
        ("DELETE", "/v1/me/second-factor", #"{"code": "1"}"#, "password"),
      ] {
        let problem = try await server.send(method, path, token: session.token, json: json).problem()
        #expect(problem.status == 422 && problem.errors?.first?.field == field, "\(method) \(path)")
        #expect(problem.errors?.first?.code == "password_needed")
      }
    }
  }
}
