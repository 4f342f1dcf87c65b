import KittyShared
import Sodium
import Testing

@testable import KittyServer

/// Keys of ssh: added, listed, removed; and signing in with them.
@Suite struct SSHKeyTests {
  private static let path = "/v1/me/keys"

  private func add(_ line: String, _ server: TestServer, _ token: String) async throws -> Answer {
    try await server.send(
      "POST", Self.path, token: token,
      json: String(decoding: JSON.encode(NewSSHKey(key: line)), as: UTF8.self))
  }

  private func challenge(_ server: TestServer) async throws -> String {
    let answer = try await server.send("POST", "/v1/sessions/challenges")
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(SignInChallenge.self).challenge
  }

  private func signIn(
    _ server: TestServer, name: String = "anna", code: String? = nil,
    _ sign: (_ message: String) async throws -> String
  ) async throws -> Answer {
    let challenge = try await challenge(server)
    let message = SignInChallenge.message(host: "127.0.0.1", name: name, challenge: challenge)
    let input = NewKeySession(
      name: name, challenge: challenge, signature: try await sign(message), code: code, device: "laptop")
    return try await send(input, server)
  }

  private func send(_ input: NewKeySession, _ server: TestServer) async throws -> Answer {
    try await server.send(
      "POST", "/v1/sessions/by-key", json: String(decoding: JSON.encode(input), as: UTF8.self))
  }

  @Test(arguments: Backend.available) func keySignsInUntilItIsRemoved(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let session = try await server.signUp()
      let pair = try await SSHKeyPair()
      let added = try await add(pair.line, server, session)
      #expect(added.status == 201, "\(added.text)")
      let key = try added.decode(SSHKey.self)
      #expect(key.name == "anna@laptop" && key.type == "ssh-ed25519" && key.lastUsedAt == nil)
      #expect(try await key.fingerprint == pair.fingerprint())
      #expect(added.header("Location") == "\(Self.path)/\(key.id)")
      #expect(
        try await server.send("GET", "\(Self.path)/\(key.id)", token: session).decode(SSHKey.self) == key)

      let signedIn = try await signIn(server, name: "Anna") { try await pair.sign($0) }
      #expect(signedIn.status == 201, "\(signedIn.text)")
      let begun = try signedIn.decode(Session.self)
      #expect(begun.user.name == "anna" && begun.deviceToken != nil)
      #expect(try await server.send("GET", "/v1/me", token: begun.token).status == 200)
      let list = try await server.send("GET", Self.path, token: begun.token).decode(Page<SSHKey>.self).items
      #expect(list.map(\.id) == [key.id] && list[0].lastUsedAt != nil)

      let secret = try await add(try pair.privateText(), server, session)
      #expect(try secret.problem().errors?.first?.code == "private_key" && secret.status == 422)
      // An API token does not reach the keys.
      let token = try await server.send(
        "POST", "/v1/me/tokens", token: session, json: #"{"name": "x", "scopes": ["read", "write"]}"#
      ).decode(APIToken.self)
      #expect(try await server.send("GET", Self.path, token: token.token).status == 403)
      // The key of another user is not there.
      let bob = try await server.signUp("bob")
      for method in ["GET", "DELETE"] {
        #expect(try await server.send(method, "\(Self.path)/\(key.id)", token: bob).status == 404)
      }
      try expectProblem(try await add(pair.line, server, bob), 409, "key_taken")

      #expect(try await server.send("DELETE", "\(Self.path)/\(key.id)", token: session).status == 204)
      #expect(try await server.send("DELETE", "\(Self.path)/\(key.id)", token: session).status == 404)
      #expect(try await server.send("GET", "/v1/me", token: begun.token).status == 401)
      #expect(try await server.send("GET", "/v1/me", token: session).status == 200)
      try expectProblem(
        try await signIn(server) { try await pair.sign($0) }, 401, "wrong_credentials")
    }
  }

  @Test(arguments: Backend.available) func signInsThatAreWrongGetTheSameAnswer(backend: Backend) async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let session = try await server.signUp()
      _ = try await server.signUp("bob")
      let (pair, other) = (try await SSHKeyPair(), try await SSHKeyPair())
      #expect(try await add(pair.line, server, session).status == 201)
      var answers: [Answer] = []
      // Another key, another purpose, another account, and no account.
      answers.append(try await signIn(server) { try await other.sign($0) })
      answers.append(try await signIn(server) { try await pair.sign($0, namespace: "git") })
      answers.append(try await signIn(server, name: "bob") { try await pair.sign($0) })
      answers.append(try await signIn(server, name: "nobody") { try await pair.sign($0) })
      // A signature for another server, or for another name.
      answers.append(
        try await signIn(server) { try await pair.sign($0.replacing("127.0.0.1", with: "evil.example")) })
      answers.append(try await signIn(server) { try await pair.sign($0.replacing("anna", with: "bob")) })
      answers.append(try await signIn(server) { _ in "no signature" })
      // A challenge that the server has not made.
      let made = "kittychal_\(String(repeating: "a", count: 43))"
      let message = SignInChallenge.message(host: "127.0.0.1", name: "anna", challenge: made)
      answers.append(
        try await send(
          NewKeySession(name: "anna", challenge: made, signature: try await pair.sign(message)), server))
      // A challenge that was used.
      let challenge = try await challenge(server)
      let again = NewKeySession(
        name: "anna", challenge: challenge,
        signature: try await pair.sign(
          SignInChallenge.message(host: "127.0.0.1", name: "anna", challenge: challenge)))
      #expect(try await send(again, server).status == 201)
      answers.append(try await send(again, server))
      let details = try answers.map { answer in
        try expectProblem(answer, 401, "wrong_credentials")
        return try answer.problem().detail
      }
      #expect(Set(details).count == 1 && details.count == 9)
    }
  }

  /// A server that passes a challenge on can write any `Host`. What it cannot write is a signature for another host.
  @Test func challengeThatIsPassedOnIsWorthNothing() async throws {
    let settings = ["PUBLIC_URL": "https://pay.example.org/kitty"]
    for settings in [[:], settings] {
      try await TestServer.run(on: .sqlite, settings: settings) { (server) async throws in
        let session = try await server.signUp()
        let pair = try await SSHKeyPair()
        #expect(try await add(pair.line, server, session).status == 201)
        func signIn(for signed: String, host: String) async throws -> Answer {
          let challenge = try await challenge(server)
          let message = SignInChallenge.message(host: signed, name: "anna", challenge: challenge)
          let input = NewKeySession(
            name: "anna", challenge: challenge, signature: try await pair.sign(message))
          return try await server.send(
            "POST", "/v1/sessions/by-key", json: String(decoding: JSON.encode(input), as: UTF8.self),
            headers: [("Host", host)])
        }
        try expectProblem(
          try await signIn(for: "evil.example", host: "evil.example"), 401, "wrong_credentials")
        // A proxy may write another host than the client had.
        let proxied = try await signIn(for: "pay.example.org", host: "kittycash:8080")
        #expect(proxied.status == (settings.isEmpty ? 401 : 201))
        #expect(try await signIn(for: "localhost", host: "localhost:8080").status == 201)
        let foreign = try await server.send(
          "POST", "/v1/sessions/challenges", headers: [("Host", "192.168.1.5")])
        #expect(foreign.status == (settings.isEmpty ? 409 : 201))
        if settings.isEmpty { try expectProblem(foreign, 409, "no_public_url") }
      }
    }
  }

  @Test func secondFactorIsAskedForUnlessTheKeyIsASecurityKey() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let session = try await server.signUp()
      let (pair, soft) = (try await SSHKeyPair(), try await SoftSecurityKey())
      for line in [pair.line, soft.line] { #expect(try await add(line, server, session).status == 201) }
      let begun = try await server.send(
        "POST", "/v1/me/second-factor", token: session, json: #"{"password": "a long password"}"#)
      #expect(begun.status == 201)
      let user = try await server.send("GET", "/v1/me", token: session).decode(User.self).id
      let found = try await SecondFactorStore(database: server.dependencies.database).find(of: user)
      let factor = try #require(found)
      let totp = TOTP(key: try #require(bytes(hex: factor.secret)))
      let code = try totp.code(at: TOTP.step(at: .now))
      let confirmed = try await server.send(
        "PUT", "/v1/me/second-factor", token: session, json: #"{"code": "\#(code)"}"#)
      let recovery = try #require(confirmed.decode(RecoveryCodes.self).recoveryCodes.first)
      try expectProblem(try await signIn(server) { try await pair.sign($0) }, 401, "second_factor_needed")
      try expectProblem(
        try await signIn(server, code: "000000") { try await pair.sign($0) }, 401, "wrong_code")
      #expect(try await signIn(server, code: recovery) { try await pair.sign($0) }.status == 201)
      #expect(try await signIn(server) { try await soft.sign($0) }.status == 201)
      try expectProblem(
        try await signIn(server) { try await soft.sign($0, flags: 0) }, 401, "wrong_credentials")
    }
  }

  @Test func keysEndWithWhatMayBeInForeignHands() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let session = try await server.signUp()
      let pair = try await SSHKeyPair()
      #expect(try await add(pair.line, server, session).status == 201)
      // A user who knows the password keeps the keys; the sessions of keys end as all others.
      let begun = try await signIn(server) { try await pair.sign($0) }.decode(Session.self)
      let changed = try await server.send(
        "PUT", "/v1/me/password", token: session,
        json: #"{"current": "a long password", "new": "another long password"}"#)
      #expect(changed.status == 200, "\(changed.text)")
      #expect(try await server.send("GET", "/v1/me", token: begun.token).status == 401)
      #expect(try await signIn(server) { try await pair.sign($0) }.status == 201)
      // A disabled user does not sign in, and an administrator's new password removes the keys.
      let users = UserStore(database: server.dependencies.database)
      _ = try await users.setPassword(
        of: "anna", to: "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo", at: .now, WriteContext())
      try expectProblem(try await signIn(server) { try await pair.sign($0) }, 401, "wrong_credentials")
    }
  }

  @Test(arguments: Backend.available) func numberOfKeysIsLimited(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let session = try await server.signUp()
      let lines = (0..<SSHKeyStore.limit + 4).map { number in
        let blob =
          SSHWire.string("ssh-ed25519") + SSHWire.string([UInt8](repeating: UInt8(number), count: 32))
        return "ssh-ed25519 \(Base64URL.encode(blob).replacing("-", with: "+").replacing("_", with: "/"))="
      }
      // Several at once: the limit holds, and one key is added once.
      let outcomes = try await withThrowingTaskGroup(of: String.self) { group in
        for line in lines + lines.prefix(3) {
          group.addTask {
            let answer = try await add(line, server, session)
            return answer.status == 201 ? "201" : try answer.problem().code
          }
        }
        return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
      }
      #expect(outcomes["201"] == SSHKeyStore.limit, "\(outcomes)")
      #expect(Set(outcomes.keys).isSubset(of: ["201", "too_many_keys", "key_taken"]), "\(outcomes)")
      #expect(
        try await server.send("DELETE", "/v1/me", token: session, json: #"{"password": "a long password"}"#)
          .status == 204)
      #expect(try await server.dependencies.database.read("select 1 from ssh_keys").isEmpty)
    }
  }

  @Test func challengesOfAnAddressAreLimitedAndExpire() async throws {
    try await TestServer.run(on: .sqlite, settings: ["SIGN_IN_LIMIT": "2"]) { (server) async throws in
      // The window of a minute slides, so a slow machine makes some more.
      var count = 0
      while count < 60, try await server.send("POST", "/v1/sessions/challenges").status == 201 { count += 1 }
      #expect((20..<60).contains(count))
      let store = SSHKeyStore(database: server.dependencies.database)
      let now = Instant.now
      let later = now.advanced(by: .seconds(121))
      #expect(try await !store.use(challengeHash: "none", at: now, WriteContext()))
      try await store.insert(
        challengeHash: "a", at: now, expires: now.advanced(by: .seconds(120)), WriteContext())
      #expect(try await !store.use(challengeHash: "a", at: later, WriteContext()))
      #expect(try await store.use(challengeHash: "a", at: now, WriteContext()))
      #expect(try await !store.use(challengeHash: "a", at: now, WriteContext()))
      // The next challenge deletes those that have expired.
      try await store.insert(challengeHash: "b", at: later, expires: later, WriteContext())
      #expect(try await server.dependencies.database.read("select 1 from sign_in_challenges").count == 1)
    }
  }
}
