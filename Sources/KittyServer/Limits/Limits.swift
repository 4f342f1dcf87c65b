import HTTPTypes
import Hummingbird
import KittyShared
import Redis

/// How much anybody may ask for.
struct Limits: Sendable {
  private let tokens: RateLimit?
  private let addresses: RateLimit?
  private let signUps: RateLimit?
  private let resets: RateLimit?
  private let signIns: SignInLimit?

  /// The limits; `nil` switches one off.
  struct Settings: Hashable, Sendable {
    /// Requests with one token in a minute.
    var token: Int? = 6000
    /// Requests from one address in a minute, with whatever tokens.
    var address: Int? = 12_000
    /// Sign-ups from one address in an hour, and as many requests for a mail to replace a password.
    var signUps: Int? = 20
    /// Sign-ins that may fail, for one account or from one address, before the next ones have to wait.
    var signIns: Int? = 10
    /// How long the first of those waits: milliseconds.
    var firstWait: Int64 = 1000
  }

  /// - Parameter redis: Where the copies of the server count together.
  init(_ settings: Settings, redis: RedisClient?) {
    tokens = settings.token.map { RateLimit(name: "token", limit: $0, seconds: 60, redis: redis) }
    addresses = settings.address.map { RateLimit(name: "address", limit: $0, seconds: 60, redis: redis) }
    signUps = settings.signUps.map { RateLimit(name: "signup", limit: $0, seconds: 3600, redis: redis) }
    // Both are for people, who do neither often.
    resets = settings.signUps.map { RateLimit(name: "reset", limit: $0, seconds: 3600, redis: redis) }
    signIns = settings.signIns.map {
      SignInLimit(FailedAttempts.Rule(free: $0, first: settings.firstWait), redis: redis)
    }
  }

  /// Counts a request, before anybody is asked who it is from: whoever makes up tokens is held to the limit of
  /// the address.
  /// - Returns: The limit that the sender has come nearest to, by the token if there is one; `nil` without any.
  func count(token: @autoclosure () -> String?, address: ClientAddress) -> RateLimit.RateLimitStatus? {
    let block = address.block
    let place = addresses?.count(block.hashValue, shared: block.description)
    if let place, place.isExceeded { return place }
    guard let tokens, let token = token() else { return place }
    return tokens.count(token.hashValue, shared: BearerToken(token).hash)
  }

  /// Counts a sign-up.
  /// - Throws: `Rejection`.
  func signUp(from address: ClientAddress) async throws { try await Self.count(address, signUps) }

  /// Counts a request for a mail to replace a password.
  /// - Throws: `Rejection`.
  func reset(from address: ClientAddress) async throws { try await Self.count(address, resets) }

  private static func count(_ address: ClientAddress, _ limit: RateLimit?) async throws {
    let block = address.block
    let standing = await limit?.countExactly(block.hashValue, shared: block.description)
    if let standing, standing.isExceeded { throw standing.problem }
  }

  /// Has a sign-in looked at; see `SignInLimit.attempt`.
  /// - Throws: `Rejection`, or what `look` throws.
  func signIn<Value: Sendable>(
    _ name: String, from address: ClientAddress, _ look: () async throws -> Value?
  ) async throws -> Value? {
    guard let signIns else { return try await look() }
    return try await signIns.attempt(name, from: address, look)
  }

  /// Has a guess at a password or a code looked at, and counts it when it is wrong.
  /// - Throws: `Rejection`, or what `look` throws.
  func guess<Value: Sendable>(
    _ name: String, from address: ClientAddress, _ look: () async throws -> Value
  ) async throws -> Value {
    var wrong = Rejection.signInNeeded
    let value: Value? = try await signIn(name, from: address) {
      do { return try await look() } catch let problem as Rejection
        where problem.isWrongGuess
      {
        wrong = problem
        return nil
      }
    }
    guard let value else { throw wrong }
    return value
  }
}

extension RateLimit.RateLimitStatus {
  /// 429.
  var problem: Rejection {
    Rejection(
      .rateLimited, "too_many_requests", "Too many requests",
      "At most \(limit) in \(window) seconds are taken. Nothing was done; try again in \(reset) seconds.",
      retryAfter: reset)
  }

  /// Tells the client, by the IETF's draft "RateLimit header fields for HTTP".
  func write(to headers: inout HTTPFields) {
    // Appended, because nobody else sets them, and looking for that takes time on every request.
    headers.append(HTTPField(name: .rateLimitPolicy, value: policy))
    headers.append(
      HTTPField(name: .rateLimit, value: quotedName + ";r=" + String(remaining) + ";t=" + String(reset)))
  }
}

extension Rejection {
  /// Whether it says that a password or a code was not the right one.
  fileprivate var isWrongGuess: Bool {
    ["wrong_credentials", "wrong_password", "wrong_code"].contains(errors?.first?.code ?? code)
  }
}
