import KittyShared
import Sodium
import Testing

@testable import KittyServer

/// The second factor over HTTP: set up, used, removed.
@Suite struct SecondFactorTests {
  private static let path = "/v1/me/second-factor"

  /// A server with a test clock, and a session of Anna's.
  private struct SecondFactorFixture {
    let server: TestServer
    let clock: TestClock
    let session: String

    func send(_ method: String, _ json: String? = nil) async throws -> Answer {
      guard let json else {
        return try await server.send(method, SecondFactorTests.path, token: session)
      }
      return try await server.send(method, SecondFactorTests.path, token: session, json: json)
    }

    func signIn(
      _ code: String? = nil, name: String = "anna", password: String = "a long password"
    ) async throws -> Answer {
      let field = code.map { #", "code": "\#($0)""# } ?? ""
      return try await server.send(
        "POST", "/v1/sessions", json: #"{"name": "\#(name)", "password": "\#(password)"\#(field)}"#)
    }

    /// Returns the code of the authenticator app, `offset` steps from now.
    func code(_ offset: Int64 = 0) async throws -> String {
      let user = try await server.send("GET", "/v1/me", token: session).decode(User.self).id
      let factor = try await SecondFactorStore(database: server.dependencies.database).find(of: user)
      let secret = try #require(factor).secret
      let key = try #require(bytes(hex: secret))
      return try TOTP(key: key).code(at: TOTP.step(at: clock.now) + offset)
    }

    /// Enables the second factor.
    /// - Returns: The recovery codes.
    func enable() async throws -> [String] {
      #expect(try await send("POST", #"{"password": "a long password"}"#).status == 201)
      let answer = try await send("PUT", #"{"code": "\#(try await code())"}"#)
      let codes = try answer.decode(RecoveryCodes.self).recoveryCodes
      // The code that enabled it cannot be used again.
      clock.advance(by: .seconds(30))
      return codes
    }

    func state() async throws -> SecondFactor { try await send("GET").decode(SecondFactor.self) }
  }

  private func run(on backend: Backend, _ body: (SecondFactorFixture) async throws -> Void) async throws {
    let clock = TestClock()
    try await TestServer.run(on: backend, clock: { clock.now }) { (server) async throws in
      try await body(SecondFactorFixture(server: server, clock: clock, session: try await server.signUp()))
    }
  }

  @Test(arguments: Backend.available) func secondFactorIsEnabledByItsFirstCode(backend: Backend) async throws
  {
    try await run(on: backend) { (test) async throws in
      #expect(try await test.state() == SecondFactor(enabledAt: nil, recoveryCodesLeft: 0))
      let early = try await test.send("PUT", #"{"code": "123456"}"#)
      #expect(try early.problem().code == "second_factor_not_begun" && early.status == 409)

      let answer = try await test.send("POST", #"{"password": "a long password"}"#)
      #expect(answer.status == 201 && answer.header("Cache-Control") == "no-store")
      let first = try answer.decode(PendingSecondFactor.self)
      // A second request gets another secret and invalidates the first.
      let old = try await test.code()
      let pending = try await test.send("POST", #"{"password": "a long password"}"#)
        .decode(PendingSecondFactor.self)
      #expect(pending.secret.utf8.count == 32 && pending.secret != first.secret)
      #expect(
        pending.uri.hasPrefix("otpauth://totp/KittyCash:anna?secret=\(pending.secret)&issuer=KittyCash"))
      let stale = try await test.send("PUT", #"{"code": "\#(old)"}"#).problem()
      #expect(stale.status == 422 && stale.errors?.map(\.field) == ["code"])
      #expect(stale.errors?.map(\.code) == ["wrong_code"])
      // No code is required before it is enabled.
      #expect(try await test.signIn().status == 201)
      #expect(try await !test.state().enabled)

      let code = try await test.code()
      let confirmed = try await test.send("PUT", #"{"code": "\#(code)"}"#)
      #expect(confirmed.status == 200)
      let codes = try confirmed.decode(RecoveryCodes.self).recoveryCodes
      #expect(codes.count == 10 && Set(codes).count == 10)
      let form = try Regex("[a-z2-7]{4}(-[a-z2-7]{4}){5}")
      #expect(codes.allSatisfy { $0.wholeMatch(of: form) != nil })
      let state = try await test.state()
      #expect(state.enabled && state.enabledAt == test.clock.now && state.recoveryCodesLeft == 10)

      for (method, json) in [
        ("POST", #"{"password": "a long password"}"#), ("PUT", #"{"code": "\#(code)"}"#),
      ] {
        #expect(try await test.send(method, json).problem().code == "second_factor_on")
      }
      // The session stays valid; the next sign-in needs a new code.
      #expect(try await test.server.send("GET", "/v1/me", token: test.session).status == 200)
      #expect(try await test.signIn().problem().code == "second_factor_needed")
      #expect(try await test.signIn(code).problem().code == "wrong_code")
    }
  }

  @Test(arguments: Backend.available) func codeSignsInOnce(backend: Backend) async throws {
    try await run(on: backend) { (test) async throws in
      _ = try await test.enable()
      let needed = try await test.signIn()
      #expect(needed.status == 401)
      #expect(try needed.problem().errors?.map(\.field) == ["code"])
      for wrong in ["000000x", "12345", "", String(repeating: "1", count: 65)] {
        #expect(try await test.signIn(wrong).status == (wrong.isEmpty || wrong.count > 64 ? 422 : 401))
      }
      // Codes two steps away are refused.
      for offset in [-2, 2] as [Int64] {
        let answer = try await test.signIn(try await test.code(offset))
        #expect(try answer.status == 401 && answer.problem().code == "wrong_code")
        #expect(try answer.problem().errors?.map(\.field) == ["code"])
      }
      let code = try await test.code()
      #expect(try await test.signIn("\(code.prefix(3)) \(code.suffix(3))").status == 201)
      #expect(try await test.signIn(code).problem().code == "wrong_code")
      // An earlier code is refused too, although it was never used.
      #expect(try await test.signIn(try await test.code(-1)).problem().code == "wrong_code")
      // A clock half a minute fast is accepted.
      let next = try await test.code(1)
      #expect(try await test.signIn(next).status == 201)
      test.clock.advance(by: .seconds(30))
      #expect(try await test.signIn(next).problem().code == "wrong_code")
      test.clock.advance(by: .seconds(30))
      // A clock half a minute slow is accepted.
      test.clock.advance(by: .seconds(30))
      #expect(try await test.signIn(try await test.code(-1)).status == 201)
    }
  }

  @Test(arguments: Backend.available) func concurrentSignInsWithOneCodeSucceedOnce(backend: Backend)
    async throws
  {
    try await run(on: backend) { (test) async throws in
      let recovery = try await test.enable()[0]
      for code in [try await test.code(), recovery] {
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
          for _ in 0..<8 { group.addTask { try await test.signIn(code).status } }
          return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 201 }.count == 1)
        #expect(statuses.filter { $0 == 401 }.count == 7)
      }
    }
  }

  @Test(arguments: Backend.available) func recoveryCodeSignsInOnce(backend: Backend) async throws {
    try await run(on: backend) { (test) async throws in
      let codes = try await test.enable()
      #expect(try await test.signIn(codes[0]).status == 201)
      #expect(try await test.signIn(codes[0]).problem().code == "wrong_code")
      // Case, hyphens and white space do not matter.
      let other = codes[1].uppercased().filter { $0 != "-" }
      #expect(try await test.signIn(" \(other) ").status == 201)
      #expect(try await test.signIn(codes[1]).problem().code == "wrong_code")
      #expect(try await test.state().recoveryCodesLeft == 8)
      #expect(try await test.signIn("aaaa-bbbb-cccc-dddd").problem().code == "wrong_code")
      let rows = try await test.server.dependencies.database.read("select code_hash from recovery_codes")
      #expect(rows.count == 8 && codes.allSatisfy { !"\(rows)".contains($0) })
      // The codes are valid for Anna only.
      let bob = SecondFactorFixture(
        server: test.server, clock: test.clock, session: try await test.server.signUp("bob"))
      _ = try await bob.enable()
      #expect(try await test.signIn(codes[2], name: "bob").problem().code == "wrong_code")
      #expect(try await test.signIn(codes[2]).status == 201)
    }
  }

  @Test(arguments: Backend.available) func wrongPasswordDoesNotRevealSecondFactor(
    backend: Backend
  ) async throws {
    try await run(on: backend) { (test) async throws in
      let recovery = try await test.enable()[0]
      _ = try await test.server.signUp("bob")
      let code = try await test.code()
      for name in ["anna", "bob", "zoe"] {
        for code in [nil, code, recovery, "123456"] {
          var problem = try await test.signIn(code, name: name, password: "not the password").problem()
          problem.requestId = nil
          #expect(problem.status == 401 && problem.code == "wrong_credentials" && problem.errors == nil)
        }
      }
      // A wrong password does not use a code up.
      for code in [code, recovery] { #expect(try await test.signIn(code).status == 201) }
      // A user without a second factor needs no code, but may send one.
      for code in [nil, "123456"] { #expect(try await test.signIn(code, name: "bob").status == 201) }
    }
  }

  @Test(arguments: Backend.available) func setupRequiresPasswordAndRemovalRequiresCode(
    backend: Backend
  ) async throws {
    try await run(on: backend) { (test) async throws in
      for (method, json) in [
        ("POST", #"{"password": "not the password"}"#),
        ("DELETE", #"{"password": "not the password", "code": "123456"}"#),
      ] {
        let problem = try await test.send(method, json).problem()
        #expect(problem.status == 403 && problem.errors?.map(\.field) == ["password"])
        #expect(problem.errors?.map(\.code) == ["wrong_password"])
      }
      let none = try await test.send("DELETE", #"{"password": "a long password", "code": "123456"}"#)
      #expect(try none.problem().code == "not_found")
      let codes = try await test.enable()
      let code = try await test.code()
      let refused: [(json: String, field: String, code: String)] = [
        (#"{"password": "not the password", "code": "\#(code)"}"#, "password", "wrong_password"),
        (#"{"password": "a long password", "code": "x"}"#, "code", "wrong_code"),
        (#"{"password": "a long password"}"#, "code", "missing"),
        (#"{"code": "\#(code)"}"#, "password", "password_needed"),
        (#"{"password": "a long password", "code": ""}"#, "code", "code_length"),
      ]
      for (json, field, code) in refused {
        let problem = try await test.send("DELETE", json).problem()
        #expect(problem.status == (code == "wrong_password" ? 403 : 422), "\(json)")
        #expect(problem.errors?.map(\.field) == [field] && problem.errors?.map(\.code) == [code], "\(json)")
      }
      #expect(try await test.state().enabled)
      let removed = try await test.send("DELETE", #"{"password": "a long password", "code": "\#(code)"}"#)
      #expect(removed.status == 204 && removed.text.isEmpty)
      #expect(try await test.state() == SecondFactor(enabledAt: nil, recoveryCodesLeft: 0))
      #expect(try await test.signIn().status == 201)
      // A new setup invalidates the old recovery codes.
      let again = try await test.enable()
      #expect(try await test.signIn(codes[0]).problem().code == "wrong_code")
      let json = #"{"password": "a long password", "code": "\#(again[0])"}"#
      #expect(try await test.send("DELETE", json).status == 204)
    }
  }

  @Test(arguments: Backend.available) func administratorCanRemoveSecondFactor(backend: Backend) async throws {
    try await run(on: backend) { (test) async throws in
      _ = try await test.enable()
      let user = try await test.server.send("GET", "/v1/me", token: test.session).decode(User.self).id
      let store = SecondFactorStore(database: test.server.dependencies.database)
      #expect(try await store.remove(of: user, at: .now, WriteContext()))
      #expect(try await test.signIn().status == 201)
      #expect(try await !store.remove(of: user, at: .now, WriteContext()))
    }
  }
}
