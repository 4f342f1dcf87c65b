import KittyShared
import Sodium
import Testing

@testable import KittyServer

/// The token of a device, with which a sign-in is not held up by the failures of others.
@Suite struct DeviceTokenTests {
  private func slowly(_ settings: inout Settings) { settings.limits.firstWait = 600_000 }

  private let settings = ["SIGN_IN_LIMIT": "3", "TRUSTED_PROXIES": "127.0.0.1"]

  private func signIn(
    _ server: TestServer, _ name: String = "anna", password: String = "a long password",
    device: String? = nil,
    from address: String
  ) async throws -> Answer {
    let field = device.map { #", "deviceToken": "\#($0)""# } ?? ""
    return try await server.send(
      "POST", "/v1/sessions", json: #"{"name": "\#(name)", "password": "\#(password)"\#(field)}"#,
      headers: [("X-Forwarded-For", address)])
  }

  /// Others guess at the password of an account until it must wait.
  private func lockOut(_ server: TestServer, _ name: String = "anna") async throws {
    // Addresses that no other account was guessed at from.
    let network = Int(name.utf8.first ?? 0)
    for number in 0..<4 {
      let wrong = try await signIn(
        server, name, password: "wrong password", from: "198.51.\(network).\(number)")
      #expect(wrong.status == 401)
    }
    #expect(try await signIn(server, name, from: "203.0.\(network).1").status == 429)
  }

  /// The memory of the process is lost with it; the token of the device is not.
  @Test(arguments: Backend.available) func knownDeviceSignsInWhileTheAccountMustWait(backend: Backend)
    async throws
  {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    var (device, bobs) = ("", "")
    try await TestServer.run(at: location, settings: settings, adjust: slowly) { (server) async throws in
      _ = try await server.signUp()
      _ = try await server.signUp("bob")
      device = try #require(try await signIn(server, from: "192.0.2.1").decode(Session.self).deviceToken)
      bobs = try #require(try await signIn(server, "bob", from: "192.0.2.1").decode(Session.self).deviceToken)
      #expect(device.hasPrefix("kittydev_") && device != bobs)
      // It opens nothing.
      #expect(try await server.send("GET", "/v1/me", token: device).status == 401)
    }
    try await TestServer.run(at: location, settings: settings, adjust: slowly) { (server) async throws in
      try await lockOut(server)
      let signedIn = try await signIn(server, "Anna", device: device, from: "203.0.113.2")
      #expect(try signedIn.decode(Session.self).deviceToken == device)
      // A token that is not of this user is none, and tells nothing.
      for other in [bobs, "kittydev_x", "x"] {
        #expect(try await signIn(server, device: other, from: "203.0.113.3").status == 429)
      }
      try expectProblem(try await signIn(server, device: "a b", from: "203.0.113.3"), 422, "not_a_code")
      // A guess with the token is a guess: it gets three, and those are not the user's elsewhere.
      for _ in 0..<4 {
        let wrong = try await signIn(server, password: "wrong password", device: device, from: "203.0.113.4")
        #expect(wrong.status == 401)
      }
      #expect(try await signIn(server, device: device, from: "203.0.113.4").status == 429)
    }
  }

  @Test(arguments: Backend.available) func newPasswordAfterALossEndsDevices(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: settings, adjust: slowly) { (server) async throws in
      let users = UserStore(database: server.dependencies.database)
      func device(_ name: String) async throws -> String {
        let answer = try await signIn(server, name, from: "192.0.2.\(Int.random(in: 1...250))")
        return try #require(try answer.decode(Session.self).deviceToken)
      }
      for name in ["anna", "bob", "carl", "dora"] { _ = try await server.signUp(name) }
      let tokens = try await [device("anna"), device("bob"), device("carl"), device("dora")]
      // A password that its user replaces keeps them, and all else ends them.
      let session = try await server.signIn("anna")
      let change = #"{"current": "a long password", "new": "another password"}"#
      #expect(try await server.send("PUT", "/v1/me/password", token: session, json: change).status == 200)
      let hash = try Password.hash("a long password")
      _ = try await users.setPassword(of: "bob", to: hash, at: .now, WriteContext())
      _ = try await users.setDisabled(true, name: "carl", at: .now, WriteContext())
      _ = try await users.setDisabled(false, name: "carl", at: .now, WriteContext())
      try await server.dependencies.database.transact([
        "update device_tokens set expires_at = 1 where user_id = (select id from users where name = 'dora')"
      ])
      for (name, token) in zip(["anna", "bob", "carl", "dora"], tokens) {
        try await lockOut(server, name)
        let password = name == "anna" ? "another password" : "a long password"
        let answer = try await signIn(server, name, password: password, device: token, from: "203.0.113.7")
        #expect(answer.status == (name == "anna" ? 201 : 429), "\(name)")
      }
      let store = DeviceTokenStore(database: server.dependencies.database)
      try await store.deleteExpired(at: .now, WriteContext())
      let left = try await server.dependencies.database.read(
        "select count(*) from device_tokens where expires_at <= 1")
      #expect(try left[0].decode(Int.self) == 0)
    }
  }

  @Test(arguments: Backend.available) func userHasAtMostTwentyDevices(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      _ = try await server.signUp()
      var devices: [String] = []
      for number in 0..<22 {
        let answer = try await signIn(server, from: "192.0.2.\(number)").decode(Session.self)
        devices.append(try #require(answer.deviceToken))
      }
      let rows = try await server.dependencies.database.read("select token_hash from device_tokens")
      let stored = try rows.map { try $0.decode(String.self) }
      #expect(stored.count == 20)
      #expect(devices.suffix(10).allSatisfy { stored.contains(BearerToken($0).hash) })
      #expect(!devices.contains(where: stored.contains))
    }
  }
}
