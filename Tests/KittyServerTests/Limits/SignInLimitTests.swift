import KittyShared
import Redis
import TestSupport
import Testing

@testable import KittyServer

/// The delay after failed sign-ins, in process and in Redis.
struct SignInLimitTests {
  private let rule = FailedAttempts.Rule(free: 3)

  /// Sends attempts at given times, right or wrong.
  private struct SignInFixture {
    let limit: SignInLimit
    var now = Instant(milliseconds: 1_800_000_000_000)
    /// Makes names unique, since the tests share one Redis.
    let suffix = "\(ID(at: .now))"

    /// - Returns: `nil` when the attempt was checked, otherwise the seconds to wait.
    func attempt(
      _ name: String, _ address: String, device: String? = nil, isRight: Bool = false
    ) async throws -> Int? {
      let address = try #require(ClientAddress(address))
      do {
        let guess = try await limit.attempt(name + suffix, from: address, device: device, at: now) {
          isRight ? Guess.right(true) : .wrong(.signInNeeded)
        }
        #expect((try? guess.value()) == (isRight ? true : nil))
        return nil
      } catch let problem as Rejection {
        #expect(problem.reason == .rateLimited && problem.code == "too_many_sign_ins")
        return problem.retryAfter
      }
    }

    mutating func pass(_ seconds: Int) { now = now.advanced(by: .seconds(seconds)) }
  }

  /// Calls `body` with a limit that counts in process, and with one that counts in Redis.
  private func forBothCounters(_ body: (inout SignInFixture) async throws -> Void) async throws {
    var inProcess = SignInFixture(limit: SignInLimit(rule))
    try await body(&inProcess)
    guard let url = Backend.redisURL else { return }
    let client = try RedisClient(url: url)
    var inRedis = SignInFixture(limit: SignInLimit(rule, redis: client))
    try await body(&inRedis)
    await client.close()
  }

  /// Returns an address that no other test uses in Redis.
  private func freshAddress() -> String {
    "2001:db8:\(String(UInt16.random(in: 1...0xffff), radix: 16)):\(String(UInt16.random(in: 1...0xffff), radix: 16))::1"
  }

  @Test func delayGrowsToFifteenMinutes() async throws {
    try await forBothCounters { (fixture: inout SignInFixture) async throws in
      let address = freshAddress()
      for _ in 0..<3 { #expect(try await fixture.attempt("anna", address) == nil) }
      for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
        #expect(try await fixture.attempt("anna", address) == nil)
        #expect(try await fixture.attempt("anna", address) == wait)
        // A correct password is not checked either.
        #expect(try await fixture.attempt("anna", address, isRight: true) == wait)
        fixture.pass(wait)
      }
      // Refused attempts did not count; counted ones expire after a day.
      fixture.pass(24 * 3600 + 1)
      for _ in 0..<3 { #expect(try await fixture.attempt("anna", address) == nil) }
      #expect(try await fixture.attempt("anna", address) == nil)
      #expect(try await fixture.attempt("anna", address) == 1)
    }
  }

  @Test func failuresOfAccountCountFromAllAddresses() async throws {
    try await forBothCounters { (fixture: inout SignInFixture) async throws in
      for _ in 0..<4 { #expect(try await fixture.attempt("anna", freshAddress()) == nil) }
      #expect(try await fixture.attempt("anna", freshAddress()) == 1)
      #expect(try await fixture.attempt("bob", freshAddress()) == nil)
    }
  }

  @Test func failuresOfAddressCountForAllAccounts() async throws {
    try await forBothCounters { (fixture: inout SignInFixture) async throws in
      let address = freshAddress()
      for name in ["anna", "bob", "carl", "dora"] { #expect(try await fixture.attempt(name, address) == nil) }
      #expect(try await fixture.attempt("emil", address) == 1)
      // Another address of the same /64 network counts too.
      #expect(try await fixture.attempt("emil", address.replacing("::1", with: "::2")) == 1)
      #expect(try await fixture.attempt("emil", freshAddress()) == nil)
    }
  }

  @Test func userAtKnownAddressIsNotLockedOut() async throws {
    try await forBothCounters { (fixture: inout SignInFixture) async throws in
      let home = freshAddress()
      #expect(try await fixture.attempt("anna", home, isRight: true) == nil)
      for _ in 0..<4 { #expect(try await fixture.attempt("anna", freshAddress()) == nil) }
      #expect(try await fixture.attempt("anna", freshAddress(), isRight: true) == 1)
      #expect(try await fixture.attempt("anna", home, isRight: true) == nil)
      // Failures for other accounts from the same address do not lock the user out.
      for name in ["bob", "carl", "dora", "emil"] { #expect(try await fixture.attempt(name, home) == nil) }
      #expect(try await fixture.attempt("fred", home) == 1)
      #expect(try await fixture.attempt("anna", home, isRight: true) == nil)
      // Failures at the known address are delayed too.
      for _ in 0..<4 { #expect(try await fixture.attempt("anna", home) == nil) }
      #expect(try await fixture.attempt("anna", home, isRight: true) == 1)
      fixture.pass(1)
      #expect(try await fixture.attempt("anna", home, isRight: true) == nil)
      for _ in 0..<4 { #expect(try await fixture.attempt("anna", home) == nil) }
    }
  }

  /// A device of the account has a count of its own: others neither reach it nor use it up, and its holder can guess no
  /// more often than others.
  @Test func deviceIsCountedAlone() async throws {
    try await forBothCounters { (fixture: inout SignInFixture) async throws in
      let (device, other) = ("\(ID(at: .now))", "\(ID(at: .now))")
      for _ in 0..<4 { #expect(try await fixture.attempt("anna", freshAddress()) == nil) }
      #expect(try await fixture.attempt("anna", freshAddress(), isRight: true) == 1)
      let away = freshAddress()
      for name in ["bob", "carl", "dora", "emil"] { #expect(try await fixture.attempt(name, away) == nil) }
      #expect(try await fixture.attempt("anna", away, device: device, isRight: true) == nil)
      // Its failures are delayed, and neither the account nor the address is.
      fixture.pass(1)
      for _ in 0..<4 { #expect(try await fixture.attempt("anna", away, device: device) == nil) }
      #expect(try await fixture.attempt("anna", freshAddress(), device: device, isRight: true) == 1)
      #expect(try await fixture.attempt("anna", freshAddress(), device: other, isRight: true) == nil)
      #expect(try await fixture.attempt("anna", freshAddress()) == nil)
      fixture.pass(1)
      #expect(try await fixture.attempt("anna", away, device: device) == nil)
      #expect(try await fixture.attempt("anna", away, device: device) == 2)
      // A right password clears its count.
      fixture.pass(2)
      #expect(try await fixture.attempt("anna", away, device: device, isRight: true) == nil)
      for _ in 0..<4 { #expect(try await fixture.attempt("anna", away, device: device) == nil) }
    }
  }

  @Test func successRemovesOnlyItsOwnAttempt() async throws {
    try await forBothCounters { (fixture: inout SignInFixture) async throws in
      let address = freshAddress()
      // Signing in to an own account does not reset the failures of the address.
      for name in ["anna", "bob", "carl"] { #expect(try await fixture.attempt(name, address) == nil) }
      for _ in 0..<5 { #expect(try await fixture.attempt("own", address, isRight: true) == nil) }
      #expect(try await fixture.attempt("dora", address) == nil)
      #expect(try await fixture.attempt("dora", address) == 1)
    }
  }

  @Test func successDoesNotDelayNextAttempt() async throws {
    try await forBothCounters { (fixture: inout SignInFixture) async throws in
      let address = freshAddress()
      for name in ["anna", "bob", "carl"] { #expect(try await fixture.attempt(name, address) == nil) }
      #expect(try await fixture.attempt("dora", address, isRight: true) == nil)
      #expect(try await fixture.attempt("emil", address) == nil)
    }
  }

  @Test func undecidedAttemptDoesNotCount() async throws {
    try await forBothCounters { (fixture: inout SignInFixture) async throws in
      struct Down: Error {}
      let address = try #require(ClientAddress(freshAddress()))
      for _ in 0..<20 {
        await #expect(throws: Down.self) {
          try await fixture.limit.attempt("anna" + fixture.suffix, from: address, at: fixture.now) {
            () -> Guess<Bool> in throw Down()
          }
        }
      }
      #expect(try await fixture.attempt("anna", address.description) == nil)
    }
  }

  @Test func concurrentAttemptsAreLimited() async throws {
    let client = try Backend.redisURL.map { try RedisClient(url: $0) }
    for redis in client.map({ [nil, $0] }) ?? [nil] {
      let servers = (0..<2).map { _ in SignInLimit(FailedAttempts.Rule(free: 3, first: 600_000), redis: redis)
      }
      // In process each server counts alone.
      let used = redis == nil ? Array(servers.prefix(1)) : servers
      let (name, address) = ("\(ID(at: .now))", try #require(ClientAddress(freshAddress())))
      let looked = await withTaskGroup(of: Bool.self) { tasks in
        for number in 0..<100 {
          tasks.addTask {
            var isLookedAt = false
            _ = try? await used[number % used.count].attempt(name, from: address) { () -> Guess<Bool> in
              isLookedAt = true
              return .wrong(.signInNeeded)
            }
            return isLookedAt
          }
        }
        return await tasks.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(looked == 4)
    }
    await client?.close()
  }

  /// Random attempts get the same result in process and in Redis.
  @Test(.enabled(if: Backend.redisURL != nil, "KITTY_TEST_REDIS is not set"))
  func redisAndProcessCountAlike() async throws {
    let client = try RedisClient(url: #require(Backend.redisURL))
    var random = Seeded(7)
    let suffix = "\(ID(at: .now))"
    let addresses = (0..<3).map { _ in freshAddress() }
    var inProcess = SignInFixture(limit: SignInLimit(rule))
    var inRedis = SignInFixture(limit: SignInLimit(rule, redis: client))
    for number in 0..<300 {
      let name = "\(["anna", "bob"].randomElement(using: &random) ?? "")\(suffix)"
      let address = try #require(addresses.randomElement(using: &random))
      let isRight = Int.random(in: 0..<5, using: &random) == 0
      let answers = [
        try await inProcess.attempt(name, address, isRight: isRight),
        try await inRedis.attempt(name, address, isRight: isRight),
      ]
      #expect(answers[0] == answers[1], "\(number)")
      let pause = [0, 0, 1, 3, 20, 1000].randomElement(using: &random) ?? 0
      inProcess.pass(pause)
      inRedis.pass(pause)
    }
    await client.close()
  }

  /// The clocks of two servers are never equal.
  @Test func clockDifferenceOfServersDelaysNoAttempt() async throws {
    try await forBothCounters { (fixture: inout SignInFixture) async throws in
      let address = freshAddress()
      fixture.pass(5)
      #expect(try await fixture.attempt("anna", address) == nil)
      fixture.pass(-5)
      #expect(try await fixture.attempt("anna", address, isRight: true) == nil)
      fixture.pass(5)
      #expect(try await fixture.attempt("anna", address) == nil)
      fixture.pass(-5)
      #expect(try await fixture.attempt("anna", address, isRight: true) == nil)
    }
  }

  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func processContinuesCountWhenRedisIsDown() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let client = try RedisClient(url: redis.url)
    try await until { (try? await client.ping()) != nil }
    let fixture = SignInFixture(limit: SignInLimit(rule, redis: client))
    let (home, away) = (freshAddress(), freshAddress())
    #expect(try await fixture.attempt("anna", home, isRight: true) == nil)
    for _ in 0..<3 { #expect(try await fixture.attempt("anna", away) == nil) }
    redis.kill()
    #expect(try await fixture.attempt("anna", away) == nil)
    #expect(try await fixture.attempt("anna", away) == 1)
    #expect(try await fixture.attempt("anna", home, isRight: true) == nil)
    await client.close()
  }

  @Test func clockThatGoesBackMakesNoWaitLonger() async throws {
    try await forBothCounters { (fixture: inout SignInFixture) async throws in
      let address = freshAddress()
      for _ in 0..<6 {
        if let wait = try await fixture.attempt("anna", address) {
          fixture.pass(wait)
          #expect(try await fixture.attempt("anna", address) == nil)
        }
      }
      let wait = try #require(try await fixture.attempt("anna", address))
      fixture.pass(-86_400)
      let after = try #require(try await fixture.attempt("anna", address))
      #expect(after <= wait)
      fixture.pass(after)
      #expect(try await fixture.attempt("anna", address) == nil)
    }
  }
}
