import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Rate limits over HTTP.
@Suite struct RequestLimitTests {
  /// The header of a request that a proxy forwards from an address.
  private func from(_ address: String) -> [(String, String)] { [("X-Forwarded-For", address)] }

  /// Makes the first delay after failed sign-ins longer than any test.
  private func slowly(_ settings: inout Settings) { settings.limits.firstWait = 600_000 }

  private func signIn(
    _ server: TestServer, _ name: String, _ password: String, from address: String
  ) async throws -> Answer {
    try await server.send(
      "POST", "/v1/sessions", json: #"{"name": "\#(name)", "password": "\#(password)"}"#,
      headers: from(address))
  }

  @Test func tokenBeyondItsLimitGets429() async throws {
    try await TestServer.run(on: .sqlite, settings: ["RATE_LIMIT": "5", "RATE_LIMIT_ADDRESS": "1000"]) {
      (server) async throws in
      let (token, other) = (try await server.signUp(), try await server.signUp("bob"))
      // One window may end during the loop.
      var answers: [Answer] = []
      for _ in 0..<12 { answers.append(try await server.send("GET", "/v1/me", token: token)) }
      #expect(answers[0].header("RateLimit-Policy") == #""token";q=5;w=60"#)
      #expect(answers[0].header("RateLimit")?.hasPrefix(#""token";r="#) == true)
      let passed = answers.count { $0.status == 200 }
      #expect((5...10).contains(passed))
      let refused = try #require(answers.first { $0.status == 429 })
      #expect(try refused.problem().code == "too_many_requests")
      let seconds = try #require(refused.header("Retry-After").flatMap { Int($0) })
      #expect((1...60).contains(seconds))
      #expect(refused.header("RateLimit")?.hasPrefix(#""token";r=0;t=\#(seconds)"#) == true)
      #expect(try await server.send("GET", "/v1/me", token: other).status == 200)
      // Invalid requests are limited too; health checks are not.
      let wrong = try await server.send("GET", "/v1/nothing", token: other)
      #expect(wrong.status == 404 && wrong.header("RateLimit") != nil)
      for _ in 0..<12 { #expect(try await server.send("GET", "/health/live", token: token).status == 200) }
    }
  }

  @Test func addressBeyondItsLimitGets429WithAnyToken() async throws {
    let settings = ["RATE_LIMIT": "off", "RATE_LIMIT_ADDRESS": "5", "TRUSTED_PROXIES": "127.0.0.1"]
    try await TestServer.run(on: .sqlite, settings: settings) { (server) async throws in
      func ask(_ address: String) async throws -> Int {
        try await server.send("GET", "/v1/me", token: "kitty_\(ID(at: .now))", headers: from(address)).status
      }
      var statuses: [Int] = []
      for number in 0..<12 { statuses.append(try await ask("2001:db8::\(number)")) }
      let passed = statuses.count { $0 == 401 }
      #expect((5...10).contains(passed) && Set(statuses) == [401, 429])
      #expect(try await ask("2001:db8:0:1::1") == 401)
    }
  }

  /// Beside other programs, the address of the proxy proves nothing: each of them could use up the limit of another
  /// address, or escape its own.
  @Test func onlyAProxyWithTheSecretNamesAddresses() async throws {
    let settings = [
      "RATE_LIMIT": "off", "RATE_LIMIT_ADDRESS": "5", "TRUSTED_PROXIES": "127.0.0.1",
      "PROXY_SECRET": "a-secret-of-nginx",
    ]
    try await TestServer.run(on: .sqlite, settings: settings) { (server) async throws in
      func status(_ address: String, _ secret: String?) async throws -> Int {
        let headers = from(address) + (secret.map { [("X-Proxy-Secret", $0)] } ?? [])
        return try await server.send("GET", "/v1/me", token: "x", headers: headers).status
      }
      var refused: [Int] = []
      for number in 0..<20 {
        refused.append(try await status("192.0.2.\(number)", number % 2 == 0 ? nil : "a-secret-of-anyone"))
      }
      // All of these count for 127.0.0.1; one minute may end during the loop.
      #expect(refused.count { $0 == 429 } >= 10, "\(refused)")
      for number in 0..<20 { #expect(try await status("192.0.2.\(number)", "a-secret-of-nginx") == 401) }
    }
  }

  @Test func disabledLimitsLimitNothing() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let answer = try await server.send("GET", "/v1/me", token: "x")
      #expect(answer.header("RateLimit") == nil && answer.header("RateLimit-Policy") == nil)
    }
  }

  @Test func signUpsPerAddressAreLimited() async throws {
    let settings = ["SIGN_UP_LIMIT": "3", "TRUSTED_PROXIES": "127.0.0.1"]
    try await TestServer.run(on: .sqlite, settings: settings) { (server) async throws in
      func signUp(_ name: String, _ address: String) async throws -> Answer {
        try await server.send(
          "POST", "/v1/users", json: #"{"name": "\#(name)", "password": "a long password"}"#,
          headers: from(address))
      }
      // Invalid requests do not count.
      for _ in 0..<7 { #expect(try await signUp("x", "192.0.2.1").status == 422) }
      var answers: [Answer] = []
      for number in 0..<7 { answers.append(try await signUp("anna\(number)", "192.0.2.1")) }
      // One hour may end during the loop.
      let passed = answers.count { $0.status == 201 }
      #expect((3...6).contains(passed))
      let refused = try #require(answers.last)
      #expect(refused.status == 429 && refused.header("Retry-After") != nil)
      #expect(try await signUp("bob", "192.0.2.2").status == 201)
      #expect(try await signUp("carl", "192.0.2.1, 192.0.2.3").status == 201)
    }
  }

  @Test func failedSignInsAreDelayed() async throws {
    let settings = ["SIGN_IN_LIMIT": "3", "TRUSTED_PROXIES": "127.0.0.1"]
    try await TestServer.run(on: .sqlite, settings: settings, adjust: slowly) { (server) async throws in
      let home = "192.0.2.1"
      _ = try await server.signUp()
      #expect(try await signIn(server, "anna", "a long password", from: home).status == 201)
      // Known and unknown users get the same response.
      for name in ["anna", "zoe"] {
        for number in 0..<4 {
          let wrong = try await signIn(server, name, "wrong password", from: "198.51.100.\(number)")
          #expect(wrong.status == 401)
        }
        let refused = try await signIn(server, name, "a long password", from: "203.0.113.1")
        let problem = try refused.problem()
        #expect(problem.status == 429 && problem.code == "too_many_sign_ins")
        #expect((590...600).contains(problem.retryAfter ?? 0))
        #expect(refused.header("Retry-After") == problem.retryAfter.map { "\($0)" })
      }
      // Upper case is the same account.
      #expect(try await signIn(server, "Anna", "a long password", from: "203.0.113.2").status == 429)
      // A user at a known address can sign in at once.
      #expect(try await signIn(server, "anna", "a long password", from: home).status == 201)
    }
  }

  @Test func floodOfSignInsLeavesPlacesToFamiliarAddresses() async throws {
    let settings = ["SIGN_IN_LIMIT": "1000", "TRUSTED_PROXIES": "127.0.0.1"]
    try await TestServer.run(on: .sqlite, settings: settings) { (server) async throws in
      let home = "192.0.2.1"
      let token = try await server.signUp()
      #expect(try await signIn(server, "anna", "a long password", from: home).status == 201)
      let refused = Counter()
      let flood = (0..<120).map { number in
        Task {
          while !Task.isCancelled {
            let answer = try await signIn(
              server, "n\(number)", "wrong password", from: "198.51.100.\(number)")
            if answer.status == 503 { refused.add() }
          }
        }
      }
      try await until { refused.value > 0 }
      for _ in 0..<5 {
        let answer = try await signIn(server, "anna", "a long password", from: home)
        #expect(answer.status == 201, "\(answer.text)")
        let change = #"{"password": "wrong password", "email": "anna@example.org"}"#
        let changed = try await server.send(
          "PATCH", "/v1/me", token: token, json: change, headers: [("If-Match", "*")])
        #expect(changed.status == 403, "\(changed.text)")
      }
      for client in flood { client.cancel() }
      for client in flood { _ = try? await client.value }
    }
  }

  @Test func codeGuessesAndMailsAreLimited() async throws {
    let settings = [
      "SIGN_IN_LIMIT": "3", "SIGN_UP_LIMIT": "2", "SMTP_URL": "smtp://127.0.0.1:9",
      "SMTP_FROM": "kitty@example.org",
      "PUBLIC_URL": "https://kitty.example.org",
    ]
    try await TestServer.run(on: .sqlite, settings: settings, adjust: slowly) { (server) async throws in
      let token = try await server.signUp()
      let path = "/v1/me/second-factor"
      let begun = try await server.send("POST", path, token: token, json: #"{"password": "a long password"}"#)
      #expect(begun.status == 201)
      var statuses: [Int] = []
      for number in 0..<5 {
        statuses.append(
          try await server.send("PUT", path, token: token, json: #"{"code": "00000\#(number)"}"#).status)
      }
      #expect(statuses == [422, 422, 422, 422, 429])
      var mails: [Answer] = []
      for _ in 0..<6 {
        mails.append(
          try await server.send("POST", "/v1/password-resets", json: #"{"email": "a@example.org"}"#))
      }
      // One hour may end during the loop.
      #expect((2...4).contains(mails.count { $0.status == 202 }))
      let refused = try #require(mails.last)
      #expect(refused.status == 429 && refused.header("Retry-After") != nil)
      // The header would describe another limit.
      #expect(refused.header("RateLimit") == nil)
    }
  }

  @Test(.enabled(if: Backend.postgresURL != nil && Backend.redisURL != nil, "`make test` starts both"))
  func limitsHoldAcrossServers() async throws {
    let redis = try #require(Backend.redisURL)
    let settings = [
      "RATE_LIMIT": "40", "RATE_LIMIT_ADDRESS": "off", "SIGN_UP_LIMIT": "3", "SIGN_IN_LIMIT": "3",
      "TRUSTED_PROXIES": "127.0.0.1",
    ]
    let location = try await TestServer.DataLocation(on: .postgres)
    let second = TestServer.DataLocation(databaseURL: location.databaseURL)
    defer { for location in [location, second] { location.remove() } }
    // Addresses and names that no other test uses in this Redis.
    let net =
      "2001:db8:" + (0..<2).map { _ in String(Int.random(in: 1...0xffff), radix: 16) }.joined(separator: ":")
    try await TestServer.run(at: location, redis: redis, settings: settings, adjust: slowly) {
      (one) async throws in
      try await TestServer.run(at: second, redis: redis, settings: settings, adjust: slowly) {
        (other) async throws in
        let servers = [one, other]
        var made: [Int] = []
        for number in 0..<8 {
          let answer = try await servers[number % 2].send(
            "POST", "/v1/users", json: #"{"name": "anna\#(number)", "password": "a long password"}"#,
            headers: from(net + "::1"))
          made.append(answer.status)
        }
        let signedUp = made.count { $0 == 201 }
        #expect((3...6).contains(signedUp), "\(made)")
        #expect(made.last == 429)

        let name = "n" + "\(ID(at: .now))".suffix(12)
        for number in 0..<4 {
          let wrong = try await signIn(servers[number % 2], name, "wrong password", from: net + "::1")
          #expect(wrong.status == 401)
        }
        for server in servers {
          #expect(try await signIn(server, name, "wrong password", from: net + "::1").status == 429)
        }

        // A limit used up on one server is nearly used up on the other, which has a share of two of the 40. One
        // minute may end during the loop.
        var passed = 40
        for _ in 0..<2 where passed > 20 {
          let session = try await signIn(
            one, "anna0", "a long password", from: net.replacing("db8", with: "db9") + "::1")
          let token = try session.decode(Session.self).token
          passed = 0
          try await until { try await one.send("GET", "/v1/me", token: token).status == 429 }
          while try await other.send("GET", "/v1/me", token: token).status == 200 { passed += 1 }
        }
        #expect(passed <= 20)
      }
    }
  }

  @Test func limitsHoldWithoutRedis() async throws {
    // No server listens on port 9 of the loopback.
    let settings = ["SIGN_IN_LIMIT": "3", "SIGN_UP_LIMIT": "2", "RATE_LIMIT": "20"]
    try await TestServer.run(on: .sqlite, redis: "redis://127.0.0.1:9", settings: settings, adjust: slowly) {
      (server) async throws in
      for _ in 0..<4 {
        let wrong = try await signIn(server, "anna", "wrong password", from: "")
        #expect(wrong.status == 401)
      }
      #expect(try await signIn(server, "anna", "wrong password", from: "").status == 429)
      var statuses: [Int] = []
      for number in 0..<6 {
        let json = #"{"name": "anna\#(number)", "password": "a long password"}"#
        statuses.append(try await server.send("POST", "/v1/users", json: json).status)
      }
      #expect(statuses.last == 429)
      statuses = []
      for _ in 0..<50 { statuses.append(try await server.send("GET", "/v1/me", token: "x").status) }
      #expect(statuses.contains(429))
    }
  }
}
