import KittyShared
import Redis
import TestSupport
import Testing

@testable import KittyServer

/// The rule of guessed passwords, in process and in Redis.
struct SignInLimitTests {
  private let rule = FailedAttempts.Rule(free: 3)

  /// Attempts at given times, with who they are and whether they would be right.
  private struct Desk {
    let limit: SignInLimit
    var now = Instant(milliseconds: 1_800_000_000_000)
    /// So that no two tests count under the same names in Redis.
    let suffix = "\(ID(at: .now))"

    /// - Returns: `nil` when it was looked at, else how many seconds to wait.
    func attempt(_ name: String, _ address: String, isRight: Bool = false) async throws -> Int? {
      let address = try #require(ClientAddress(address))
      do {
        let guess = try await limit.attempt(name + suffix, from: address, at: now) {
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

  /// Both ways of counting; in Redis, two copies of the server take turns.
  private func desks(_ body: (inout Desk) async throws -> Void) async throws {
    var here = Desk(limit: SignInLimit(rule))
    try await body(&here)
    guard let url = Backend.redisURL else { return }
    let client = try RedisClient(url: url)
    var shared = Desk(limit: SignInLimit(rule, redis: client))
    try await body(&shared)
    await client.close()
  }

  /// An address that no other test uses in Redis.
  private func somewhere() -> String {
    "2001:db8:\(String(UInt16.random(in: 1...0xffff), radix: 16)):\(String(UInt16.random(in: 1...0xffff), radix: 16))::1"
  }

  @Test func delayGrowsToFifteenMinutes() async throws {
    try await desks { (desk: inout Desk) async throws in
      let address = somewhere()
      for _ in 0..<3 { #expect(try await desk.attempt("anna", address) == nil) }
      for wait in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
        #expect(try await desk.attempt("anna", address) == nil)
        #expect(try await desk.attempt("anna", address) == wait)
        // A right one is not even looked at.
        #expect(try await desk.attempt("anna", address, isRight: true) == wait)
        desk.pass(wait)
      }
      // What was refused has not counted; what has, is forgotten after a day.
      desk.pass(24 * 3600 + 1)
      for _ in 0..<3 { #expect(try await desk.attempt("anna", address) == nil) }
      #expect(try await desk.attempt("anna", address) == nil)
      #expect(try await desk.attempt("anna", address) == 1)
    }
  }

  @Test func failuresOfAccountCountFromAllAddresses() async throws {
    try await desks { (desk: inout Desk) async throws in
      for _ in 0..<4 { #expect(try await desk.attempt("anna", somewhere()) == nil) }
      #expect(try await desk.attempt("anna", somewhere()) == 1)
      #expect(try await desk.attempt("bob", somewhere()) == nil)
    }
  }

  @Test func failuresOfAddressCountForAllAccounts() async throws {
    try await desks { (desk: inout Desk) async throws in
      let address = somewhere()
      for name in ["anna", "bob", "carl", "dora"] { #expect(try await desk.attempt(name, address) == nil) }
      #expect(try await desk.attempt("emil", address) == 1)
      // Nor does another address of the same 64 bits help.
      #expect(try await desk.attempt("emil", address.replacing("::1", with: "::2")) == 1)
      #expect(try await desk.attempt("emil", somewhere()) == nil)
    }
  }

  @Test func userAtKnownAddressIsNotLockedOut() async throws {
    try await desks { (desk: inout Desk) async throws in
      let home = somewhere()
      #expect(try await desk.attempt("anna", home, isRight: true) == nil)
      for _ in 0..<4 { #expect(try await desk.attempt("anna", somewhere()) == nil) }
      #expect(try await desk.attempt("anna", somewhere(), isRight: true) == 1)
      #expect(try await desk.attempt("anna", home, isRight: true) == nil)
      // Nor by who guesses at other accounts beside them.
      for name in ["bob", "carl", "dora", "emil"] { #expect(try await desk.attempt(name, home) == nil) }
      #expect(try await desk.attempt("fred", home) == 1)
      #expect(try await desk.attempt("anna", home, isRight: true) == nil)
      // But from there too one guesses ever more slowly.
      for _ in 0..<4 { #expect(try await desk.attempt("anna", home) == nil) }
      #expect(try await desk.attempt("anna", home, isRight: true) == 1)
      desk.pass(1)
      #expect(try await desk.attempt("anna", home, isRight: true) == nil)
      for _ in 0..<4 { #expect(try await desk.attempt("anna", home) == nil) }
    }
  }

  @Test func successRemovesOnlyItsOwnAttempt() async throws {
    try await desks { (desk: inout Desk) async throws in
      let address = somewhere()
      // An own account is no way to go on guessing at others.
      for name in ["anna", "bob", "carl"] { #expect(try await desk.attempt(name, address) == nil) }
      for _ in 0..<5 { #expect(try await desk.attempt("own", address, isRight: true) == nil) }
      #expect(try await desk.attempt("dora", address) == nil)
      #expect(try await desk.attempt("dora", address) == 1)
    }
  }

  @Test func successDoesNotDelayNextAttempt() async throws {
    try await desks { (desk: inout Desk) async throws in
      let address = somewhere()
      for name in ["anna", "bob", "carl"] { #expect(try await desk.attempt(name, address) == nil) }
      #expect(try await desk.attempt("dora", address, isRight: true) == nil)
      #expect(try await desk.attempt("emil", address) == nil)
    }
  }

  @Test func undecidedAttemptDoesNotCount() async throws {
    try await desks { (desk: inout Desk) async throws in
      struct Down: Error {}
      let address = try #require(ClientAddress(somewhere()))
      for _ in 0..<20 {
        await #expect(throws: Down.self) {
          try await desk.limit.attempt("anna" + desk.suffix, from: address, at: desk.now) {
            () -> Guess<Bool> in throw Down()
          }
        }
      }
      #expect(try await desk.attempt("anna", address.description) == nil)
    }
  }

  @Test func concurrentAttemptsAreLimited() async throws {
    let client = try Backend.redisURL.map { try RedisClient(url: $0) }
    for redis in client.map({ [nil, $0] }) ?? [nil] {
      let copies = (0..<2).map { _ in SignInLimit(FailedAttempts.Rule(free: 3, first: 600_000), redis: redis)
      }
      // In process each copy counts for itself.
      let used = redis == nil ? Array(copies.prefix(1)) : copies
      let (name, address) = ("\(ID(at: .now))", try #require(ClientAddress(somewhere())))
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

  /// Random attempts are decided alike in process and in Redis.
  @Test(.enabled(if: Backend.redisURL != nil, "KITTY_TEST_REDIS is not set"))
  func redisAndProcessCountAlike() async throws {
    let client = try RedisClient(url: #require(Backend.redisURL))
    var random = Seeded(7)
    let suffix = "\(ID(at: .now))"
    let places = (0..<3).map { _ in somewhere() }
    var here = Desk(limit: SignInLimit(rule))
    var shared = Desk(limit: SignInLimit(rule, redis: client))
    for number in 0..<300 {
      let name = "\(["anna", "bob"].randomElement(using: &random) ?? "")\(suffix)"
      let place = try #require(places.randomElement(using: &random))
      let isRight = Int.random(in: 0..<5, using: &random) == 0
      let answers = [
        try await here.attempt(name, place, isRight: isRight),
        try await shared.attempt(name, place, isRight: isRight),
      ]
      #expect(answers[0] == answers[1], "\(number)")
      let pause = [0, 0, 1, 3, 20, 1000].randomElement(using: &random) ?? 0
      here.pass(pause)
      shared.pass(pause)
    }
    await client.close()
  }

  /// The clocks of two copies are never the same.
  @Test func clockDifferenceOfServersDelaysNoAttempt() async throws {
    try await desks { (desk: inout Desk) async throws in
      let address = somewhere()
      desk.pass(5)
      #expect(try await desk.attempt("anna", address) == nil)
      desk.pass(-5)
      #expect(try await desk.attempt("anna", address, isRight: true) == nil)
      desk.pass(5)
      #expect(try await desk.attempt("anna", address) == nil)
      desk.pass(-5)
      #expect(try await desk.attempt("anna", address, isRight: true) == nil)
    }
  }

  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func processContinuesCountWhenRedisIsDown() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let client = try RedisClient(url: redis.url)
    try await until { (try? await client.ping()) != nil }
    let desk = Desk(limit: SignInLimit(rule, redis: client))
    let (home, away) = (somewhere(), somewhere())
    #expect(try await desk.attempt("anna", home, isRight: true) == nil)
    for _ in 0..<3 { #expect(try await desk.attempt("anna", away) == nil) }
    redis.kill()
    #expect(try await desk.attempt("anna", away) == nil)
    #expect(try await desk.attempt("anna", away) == 1)
    #expect(try await desk.attempt("anna", home, isRight: true) == nil)
    await client.close()
  }
}
