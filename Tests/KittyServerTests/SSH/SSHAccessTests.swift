import Curl
import FoundationEssentials
import KittyShared
import ServiceLifecycle
import Sodium
import Testing

@testable import KittyServer

/// The server for ssh gateways: what keys may do, sessions of keys, and unknown keys.
@Suite struct SSHAccessTests {
  static let secret = "a-secret-of-an-operator"

  /// Runs a server with its port for gateways.
  static func run(
    on backend: Backend, welcome: Bool = true, settings: [String: String] = [:],
    _ body: (TestServer, SSHGatewayClient) async throws -> Void
  ) async throws {
    let ssh = [
      "SSH_SECRET": secret, "SSH_GATEWAY_PORT": "0", "SSH_UNKNOWN_KEYS": welcome ? "welcome" : "refuse",
    ]
    try await TestServer.run(on: backend, settings: ssh.merging(settings) { $1 }) { (server) async throws in
      let (ports, report) = AsyncStream.makeStream(of: Int.self)
      let gateway = try #require(server.dependencies.sshGateway { report.yield($0) })
      let group = ServiceGroup(
        configuration: .init(services: [.init(service: gateway)], logger: .silent))
      let running = Task { try await group.run() }
      var iterator = ports.makeAsyncIterator()
      let port = try #require(await iterator.next())
      let client = SSHGatewayClient(url: "http://127.0.0.1:\(port)", secret: secret)
      let outcome: Result<Void, any Error>
      do { outcome = .success(try await body(server, client)) } catch { outcome = .failure(error) }
      client.close()
      await group.triggerGracefulShutdown()
      try await running.value
      try outcome.get()
    }
  }

  /// The type and the base64 of a key, as sshd passes them.
  static func line(_ pair: SSHKeyPair) -> String {
    pair.line.split(separator: " ").prefix(2).joined(separator: " ")
  }

  private func state(_ key: String, _ client: SSHGatewayClient) async throws -> KeyState.State {
    let state: KeyState = try await client.send(.lookup, KeyLookup(key: key))
    return state.state
  }

  private func problem(_ body: () async throws -> Void) async -> Problem? {
    do {
      try await body()
      return nil
    } catch { return error as? Problem }
  }

  private func add(_ pair: SSHKeyPair, _ server: TestServer, _ token: String) async throws -> SSHKey {
    try await server.send(
      "POST", "/v1/me/keys", token: token,
      json: String(decoding: JSON.encode(NewSSHKey(key: pair.line)), as: UTF8.self)
    ).decode(SSHKey.self)
  }

  @Test(arguments: Backend.available) func knownKeyOpensItsAccount(backend: Backend) async throws {
    try await Self.run(on: backend, welcome: false) { (server, client) async throws in
      let anna = try await server.signUp()
      let (pair, other) = (try await SSHKeyPair(), try await SSHKeyPair())
      let key = try await add(pair, server, anna)
      #expect(try await state(Self.line(pair), client) == .known)
      #expect(try await state(Self.line(other), client) == .refused)
      #expect(try await state("ssh-ed25519 AAAA", client) == .refused)

      let opening = KeyOpening(key: Self.line(pair), address: "192.0.2.7")
      let session: Session = try await client.send(.open, opening)
      #expect(session.user.name == "anna" && session.deviceToken == nil)
      let open = try await server.send("GET", "/v1/me/sessions", token: session.token).decode(
        Page<OpenSession>.self)
      #expect(open.items.contains { $0.id == session.id && $0.device == "ssh from 192.0.2.7" })
      for path in [GatewayPath.open, .signUp, .link] {
        let refused = await problem {
          switch path {
          case .signUp:
            let _: Session = try await client.send(path, KeySignUp(key: Self.line(other), name: "cleo"))
          case .link:
            let _: Session = try await client.send(
              path, KeyLink(key: Self.line(other), name: "anna", password: "a long password"))
          default: let _: Session = try await client.send(path, KeyOpening(key: Self.line(other)))
          }
        }
        #expect(refused?.status == 401 && refused?.code == "wrong_credentials", "\(path)")
      }

      // The end of the key ends the session, which the gateway learns.
      var list: SessionList = try await client.send(
        .openSessions, SessionList(sessions: [session.id, key.id]))
      #expect(list.sessions == [session.id])
      #expect(try await server.send("DELETE", "/v1/me/keys/\(key.id)", token: anna).status == 204)
      list = try await client.send(.openSessions, SessionList(sessions: [session.id]))
      #expect(list.sessions.isEmpty)
      #expect(try await state(Self.line(pair), client) == .refused)
    }
  }

  @Test(arguments: Backend.available) func gatewayEndsOnlySessionsOfKeys(backend: Backend) async throws {
    try await Self.run(on: backend) { (server, client) async throws in
      let anna = try await server.signUp()
      let pair = try await SSHKeyPair()
      _ = try await add(pair, server, anna)
      let session: Session = try await client.send(.open, KeyOpening(key: Self.line(pair)))
      let all = try await server.send("GET", "/v1/me/sessions", token: anna).decode(Page<OpenSession>.self)
      let _: SessionList = try await client.send(.endSessions, SessionList(sessions: all.items.map(\.id)))
      #expect(try await server.send("GET", "/v1/me", token: session.token).status == 401)
      #expect(try await server.send("GET", "/v1/me", token: anna).status == 200)
      let _: SessionList = try await client.send(.endSessions, SessionList(sessions: []))
    }
  }

  @Test(arguments: Backend.available) func unknownKeySignsUpWithoutPassword(backend: Backend) async throws {
    try await Self.run(on: backend) { (server, client) async throws in
      let pair = try await SSHKeyPair()
      #expect(try await state(Self.line(pair), client) == .unknown)
      let wrong = await problem {
        let _: Session = try await client.send(.signUp, KeySignUp(key: Self.line(pair), name: "Ä"))
      }
      #expect(wrong?.status == 422 && wrong?.errors?.first?.code == "not_a_user_name")
      let session: Session = try await client.send(
        .signUp, KeySignUp(key: Self.line(pair), name: "Cleo", displayName: "Cléo"))
      #expect(session.user.name == "cleo" && session.user.hasPassword == false)
      #expect(session.user.displayName == "Cléo")
      #expect(try await state(Self.line(pair), client) == .known)
      let again = await problem {
        let _: Session = try await client.send(.signUp, KeySignUp(key: Self.line(pair), name: "dora"))
      }
      #expect(again?.code == "key_taken")
      // Nothing is left of it.
      #expect(try await UserStore(database: server.dependencies.database).find(name: "dora") == nil)
      let taken = await problem {
        let _: Session = try await client.send(
          .signUp, KeySignUp(key: Self.line(try await SSHKeyPair()), name: "cleo"))
      }
      #expect(taken?.code == "name_taken")
      // No password signs in.
      for password in ["", "none", "a long password"] {
        let answer = try await server.send(
          "POST", "/v1/sessions", json: #"{"name": "cleo", "password": "\#(password)"}"#)
        #expect(answer.status == (password.isEmpty ? 422 : 401), "\(password)")
      }
    }
  }

  @Test(arguments: Backend.available) func signUpFollowsThePolicy(backend: Backend) async throws {
    try await Self.run(on: backend, settings: ["SIGN_UP": "invite"]) { (server, client) async throws in
      let pair = try await SSHKeyPair()
      let key = Self.line(pair)
      let without = await problem {
        let _: Session = try await client.send(.signUp, KeySignUp(key: key, name: "cleo"))
      }
      #expect(without?.code == "invite_needed")
      let code = try await server.dependencies.signUpPolicy.invite(
        at: .now, expires: Instant.now.advanced(by: .seconds(60)), WriteContext())
      let session: Session = try await client.send(.signUp, KeySignUp(key: key, name: "cleo", invite: code))
      #expect(session.user.name == "cleo")
      let used = await problem {
        let _: Session = try await client.send(
          .signUp, KeySignUp(key: Self.line(try await SSHKeyPair()), name: "dora", invite: code))
      }
      #expect(used?.code == "invite_used")
    }
  }

  @Test(arguments: Backend.available) func unknownKeyIsAddedByPasswordAndCode(backend: Backend) async throws {
    try await Self.run(on: backend) { (server, client) async throws in
      let anna = try await server.signUp()
      let (pair, second) = (try await SSHKeyPair(), try await SSHKeyPair())
      let wrong = await problem {
        let _: Session = try await client.send(
          .link, KeyLink(key: Self.line(pair), name: "anna", password: "not the password"))
      }
      #expect(wrong?.code == "wrong_credentials")
      #expect(try await state(Self.line(pair), client) == .unknown)
      let session: Session = try await client.send(
        .link, KeyLink(key: Self.line(pair), name: "Anna", password: "a long password"))
      #expect(session.user.name == "anna" && session.user.hasPassword == true)
      #expect(try await state(Self.line(pair), client) == .known)

      // With a second factor, both the key and the password need the code.
      let codes = try await Self.enableFactor(server, anna)
      for attempt in [GatewayPath.link, .open] {
        let needed = await problem {
          if attempt == .link {
            let _: Session = try await client.send(
              .link, KeyLink(key: Self.line(second), name: "anna", password: "a long password"))
          } else {
            let _: Session = try await client.send(.open, KeyOpening(key: Self.line(pair)))
          }
        }
        #expect(needed?.code == "second_factor_needed", "\(attempt)")
      }
      let bad = await problem {
        let _: Session = try await client.send(.open, KeyOpening(key: Self.line(pair), code: "x"))
      }
      #expect(bad?.code == "wrong_code")
      let opened: Session = try await client.send(.open, KeyOpening(key: Self.line(pair), code: codes[0]))
      #expect(opened.user.name == "anna")
      let linked: Session = try await client.send(
        .link, KeyLink(key: Self.line(second), name: "anna", password: "a long password", code: codes[1]))
      #expect(linked.user.name == "anna")
    }
  }

  private static func enableFactor(_ server: TestServer, _ token: String) async throws -> [String] {
    let path = "/v1/me/second-factor"
    let begun = try await server.send("POST", path, token: token, json: #"{"password": "a long password"}"#)
    try #require(begun.status == 201, "\(begun.text)")
    let user = try await server.send("GET", "/v1/me", token: token).decode(User.self).id
    let factor = try #require(
      try await SecondFactorStore(database: server.dependencies.database).find(of: user))
    let code = try TOTP(key: try #require(bytes(hex: factor.secret))).code(at: TOTP.step(at: .now))
    return try await server.send("PUT", path, token: token, json: #"{"code": "\#(code)"}"#)
      .decode(RecoveryCodes.self).recoveryCodes
  }

  @Test func disabledAccountsAndWrongSecretsAreRefused() async throws {
    try await Self.run(on: .sqlite) { (server, client) async throws in
      let anna = try await server.signUp()
      let pair = try await SSHKeyPair()
      _ = try await add(pair, server, anna)
      let other = SSHGatewayClient(url: client.url, secret: "another-secret-of-them")
      let wrong = await problem { _ = try await state(Self.line(pair), other) }
      #expect(wrong?.status == 401 && wrong?.code == "wrong_secret")
      other.close()
      let write = WriteContext()
      _ = try await server.dependencies.sessions.revoking(write) {
        try await UserStore(database: server.dependencies.database).setDisabled(
          true, name: "anna", at: .now, write)
      }
      #expect(try await state(Self.line(pair), client) == .refused)
      let refused = await problem {
        let _: Session = try await client.send(.open, KeyOpening(key: Self.line(pair)))
      }
      #expect(refused?.code == "wrong_credentials")
    }
  }

  /// The requests of all sessions over ssh come from one machine; wrong passwords count for the client that sent them.
  @Test func limitsAreAboutTheClientOfTheSession() async throws {
    try await Self.run(on: .sqlite, settings: ["SIGN_IN_LIMIT": "2"]) { (server, client) async throws in
      var sessions: [Session] = []
      for (name, address) in [("anna", "192.0.2.1"), ("bob", "192.0.2.2")] {
        let token = try await server.signUp(name)
        let pair = try await SSHKeyPair()
        _ = try await add(pair, server, token)
        sessions.append(try await client.send(.open, KeyOpening(key: Self.line(pair), address: address)))
      }
      func guess(_ session: Session) async throws -> Int {
        try await server.send(
          "PUT", "/v1/me/password", token: session.token,
          json: #"{"current": "not the password", "new": "another password"}"#
        ).status
      }
      var statuses: [Int] = []
      for _ in 0..<6 { statuses.append(try await guess(sessions[0])) }
      #expect(statuses.contains(429), "\(statuses)")
      #expect(try await guess(sessions[1]) == 403)
    }
  }

  /// Wrong passwords of others do not keep the owner of a key out.
  @Test func keyIsNoGuess() async throws {
    try await Self.run(on: .sqlite, settings: ["SIGN_IN_LIMIT": "1"]) { (server, client) async throws in
      let token = try await server.signUp()
      let pair = try await SSHKeyPair()
      _ = try await add(pair, server, token)
      for _ in 0..<5 {
        _ = try await server.send("POST", "/v1/sessions", json: #"{"name": "anna", "password": "wrong"}"#)
      }
      let session: Session = try await client.send(
        .open, KeyOpening(key: Self.line(pair), address: "192.0.2.1"))
      #expect(session.user.name == "anna")
    }
  }

  @Test func sessionsAreLimitedByKeyAndAddress() async throws {
    try await Self.run(on: .sqlite, settings: ["SIGN_IN_LIMIT": "1"]) { (server, client) async throws in
      let anna = try await server.signUp()
      let pair = try await SSHKeyPair()
      _ = try await add(pair, server, anna)
      let opening = KeyOpening(key: Self.line(pair), address: "192.0.2.1")
      // One minute may end during the loop.
      var (opened, limited) = (0, Problem?.none)
      while limited == nil, opened < 62 {
        limited = await problem {
          let _: Session = try await client.send(.open, opening)
          opened += 1
        }
      }
      #expect(limited?.status == 429 && (30...60).contains(opened), "\(opened)")
    }
  }
}
