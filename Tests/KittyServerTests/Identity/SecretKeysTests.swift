import KittyShared
import Sodium
import Testing

@testable import KittyServer

/// Secrets of second factors at rest.
@Suite struct SecretKeysTests {
  private let old = String(repeating: "0123456789abcdef", count: 4)
  private let new = String(repeating: "fedcba9876543210", count: 4)
  private let secret = Array("twenty bytes of key!".utf8)

  @Test func secretIsOpenedWithItsKeyForItsUserOnly() throws {
    let keys = try SecretKeys(old)
    let (anna, bob) = (ID(at: .now), ID(at: .now))
    let stored = try keys.seal(secret, of: anna)
    #expect(!stored.contains(hex(secret)))
    #expect(try keys.seal(secret, of: anna) != stored)
    #expect(try keys.open(stored, of: anna) == secret)
    #expect(throws: SecretKeys.Unreadable.self) { try keys.open(stored, of: bob) }
    #expect(throws: SecretKeys.Unreadable.self) { try SecretKeys.none.open(stored, of: anna) }
    #expect(throws: SecretKeys.Unreadable.self) { try SecretKeys(new).open(stored, of: anna) }
    for wrong in [
      String(stored.dropLast(2)) + "00", String(stored.dropLast(2)), "v1:", "v1:x", "x", stored + "00",
    ] {
      #expect(throws: SecretKeys.Unreadable.self, "\(wrong)") { try keys.open(wrong, of: anna) }
    }
    // Stored before there was a key.
    #expect(try keys.open(hex(secret), of: anna) == secret)
    #expect(try SecretKeys.none.seal(secret, of: anna) == hex(secret))
  }

  @Test func formerKeyStillOpens() throws {
    let user = ID(at: .now)
    let stored = try SecretKeys(old).seal(secret, of: user)
    let both = try SecretKeys("\(new), \(old)\n")
    #expect(try both.open(stored, of: user) == secret)
    #expect(try SecretKeys(new).open(try both.seal(secret, of: user), of: user) == secret)
  }

  @Test(arguments: ["", ",", "abc", String(repeating: "g", count: 64), String(repeating: "a", count: 62)])
  func otherKeyIsRefused(text: String) {
    #expect(throws: SecretKeys.Invalid.self) { try SecretKeys(text) }
    #expect(throws: SecretKeys.Invalid.self) { try SecretKeys("\(old),\(text)x") }
  }

  @Test func sealedBytesAreAuthenticated() throws {
    let key = [UInt8](repeating: 7, count: SecretBox.keyLength)
    let sealed = try SecretBox.seal(secret, key: key, for: [1])
    #expect(try SecretBox.open(sealed, key: key, for: [1]) == secret)
    for index in sealed.indices {
      var damaged = sealed
      damaged[index] ^= 1
      #expect(try SecretBox.open(damaged, key: key, for: [1]) == nil)
    }
    #expect(try SecretBox.open(sealed, key: key, for: [2]) == nil)
    #expect(try SecretBox.open([], key: key, for: [1]) == nil)
    #expect(throws: SodiumFailure.self) { try SecretBox.seal(secret, key: [1], for: []) }
  }

  @Test(arguments: Backend.available) func storedSecretIsEncryptedAndKeyCanBeReplaced(backend: Backend)
    async throws
  {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    let clock = TestClock()
    func run(_ keys: String?, _ body: (TestServer) async throws -> Void) async throws {
      try await TestServer.run(
        at: location, clock: { clock.now }, settings: keys.map { ["SECRETS_KEY": $0] } ?? [:], body)
    }
    func stored(_ server: TestServer) async throws -> (user: ID, secret: String) {
      try await server.dependencies.database.read("select user_id, secret from second_factors")[0]
        .decode(ID.self, String.self)
    }
    func reseal(_ keys: String?) async throws -> [Int] {
      var outcome: [Int] = []
      try await run(keys) { (server) async throws in
        let before = try await server.dependencies.secondFactors.unreadable()
        let (sealed, unreadable) = try await server.dependencies.secondFactors.reseal(WriteContext())
        #expect(before == unreadable)
        outcome = [sealed, unreadable]
      }
      return outcome
    }
    /// Signs in with the code of the next time step.
    func signIn(_ server: TestServer, _ key: [UInt8]) async throws -> Answer {
      clock.advance(by: .seconds(60))
      let code = try TOTP(key: key).code(at: TOTP.step(at: clock.now))
      return try await server.send(
        "POST", "/v1/sessions", json: #"{"name": "anna", "password": "a long password", "code": "\#(code)"}"#)
    }

    var key: [UInt8] = []
    try await run(old) { (server) async throws in
      let session = try await server.signUp()
      let begun = try await server.send(
        "POST", "/v1/me/second-factor", token: session, json: #"{"password": "a long password"}"#)
      #expect(begun.status == 201)
      let (user, text) = try await stored(server)
      #expect(text.hasPrefix("v1:"))
      key = try SecretKeys(old).open(text, of: user)
      let code = try TOTP(key: key).code(at: TOTP.step(at: clock.now))
      let confirmed = try await server.send(
        "PUT", "/v1/me/second-factor", token: session, json: #"{"code": "\#(code)"}"#)
      #expect(confirmed.status == 200)
      #expect(try await signIn(server, key).status == 201)
      // As an older version stored it.
      try await server.dependencies.database.transact(["update second_factors set secret = \(hex(key))"])
      #expect(try await signIn(server, key).status == 201)
    }
    #expect(try await reseal(nil) == [0, 0])
    #expect(try await reseal(old) == [1, 0])
    #expect(try await reseal(old) == [0, 0])
    #expect(try await reseal(new) == [0, 1])
    #expect(try await reseal(nil) == [0, 1])
    try await run(new) { (server) async throws in
      // An error of the operator, without a word about the key.
      let answer = try await signIn(server, key)
      #expect(answer.status == 503 && !answer.text.contains("SECRETS_KEY"))
    }
    try await run("\(new),\(old)") { (server) async throws in
      #expect(try await signIn(server, key).status == 201)
    }
    #expect(try await reseal("\(new),\(old)") == [1, 0])
    #expect(try await reseal(new) == [0, 0])
    try await run(new) { (server) async throws in
      #expect(try await signIn(server, key).status == 201)
      #expect(try await !stored(server).secret.contains(hex(key)))
    }
  }
}
