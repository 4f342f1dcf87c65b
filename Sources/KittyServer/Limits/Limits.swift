import KittyShared
import Redis

/// The limits of what a client may ask for.
struct Limits: Sendable {
  private let tokens: RateLimit?
  private let addresses: RateLimit?
  private let signUps: RateLimit?
  private let mails: RateLimit?
  private let challenges: RateLimit?
  private let keys: RateLimit?
  private let keyAddresses: RateLimit?
  private let signIns: SignInLimit?

  /// The sizes of the limits; `nil` turns one off.
  struct Settings: Hashable, Sendable {
    /// Requests with one token in a minute.
    var token: Int? = 6000
    /// Requests from one address in a minute, with any tokens.
    var address: Int? = 12_000
    /// Sign-ups from one address in an hour, and as many requests for a mail to replace a password or to confirm an address.
    var signUps: Int? = 20
    /// Failed sign-ins for one account or from one address before the next ones have to wait.
    var signIns: Int? = 10
    /// Duration of the first wait, in milliseconds.
    var firstWait: Int64 = 1000
  }

  /// - Parameter redis: The Redis in which all servers count together.
  init(_ settings: Settings, redis: RedisClient?) {
    tokens = settings.token.map { RateLimit(name: "token", limit: $0, seconds: 60, redis: redis) }
    addresses = settings.address.map { RateLimit(name: "address", limit: $0, seconds: 60, redis: redis) }
    signUps = settings.signUps.map { RateLimit(name: "signup", limit: $0, seconds: 3600, redis: redis) }
    // Both are for people, who do neither often.
    mails = settings.signUps.map { RateLimit(name: "reset", limit: $0, seconds: 3600, redis: redis) }
    // A sign-in takes one, and each is a row.
    challenges = settings.signIns.map {
      RateLimit(name: "challenge", limit: 10 * $0, seconds: 60, redis: redis)
    }
    // Each command over ssh is a session, and programs run them.
    keys = settings.signIns.map { RateLimit(name: "key", limit: 30 * $0, seconds: 60, redis: redis) }
    keyAddresses = settings.signIns.map {
      RateLimit(name: "keyaddress", limit: 60 * $0, seconds: 60, redis: redis)
    }
    signIns = settings.signIns.map {
      SignInLimit(FailedAttempts.Rule(free: $0, first: settings.firstWait), redis: redis)
    }
  }

  /// Counts a request, before its token is checked: a client that makes up tokens is held to the limit of its address.
  /// - Returns: The limit of the address if it is exceeded or the request has no token, otherwise that of the token;
  ///   `nil` without any limit.
  func count(token: @autoclosure () -> String?, address: ClientAddress) -> RateLimitStatus? {
    let block = address.block
    let ofAddress = addresses?.count(block, shared: block.description)
    if let ofAddress, ofAddress.isExceeded { return ofAddress }
    guard let tokens, let token = token() else { return ofAddress }
    return tokens.count(token, shared: BearerToken(token).hash)
  }

  /// Counts a sign-up.
  /// - Throws: `Rejection` beyond the limit.
  func signUp(from address: ClientAddress) async throws { try await Self.count(address, signUps) }

  /// Counts a request for a mail: to replace a password, or to confirm an address.
  /// - Throws: `Rejection` beyond the limit.
  func mail(from address: ClientAddress) async throws { try await Self.count(address, mails) }

  /// Counts a challenge.
  /// - Throws: `Rejection` beyond ten times the limit of failed sign-ins in a minute.
  func challenge(from address: ClientAddress) async throws { try await Self.count(address, challenges) }

  /// Counts a session over ssh.
  /// - Throws: `Rejection` beyond 30 times the limit of failed sign-ins in a minute for the key, and 60 times for the
  ///   address.
  func ssh(_ fingerprint: String, from address: ClientAddress) async throws {
    try await Self.count(address, keyAddresses)
    let status = await keys?.countExactly(fingerprint, shared: fingerprint)
    if let status, status.isExceeded { throw status.rejection }
  }

  private static func count(_ address: ClientAddress, _ limit: RateLimit?) async throws {
    let block = address.block
    let status = await limit?.countExactly(block, shared: block.description)
    if let status, status.isExceeded { throw status.rejection }
  }

  /// Checks a guess at a password or a code, and counts it if it is wrong; see `SignInLimit.attempt`.
  /// - Parameters:
  ///   - device: The device token of the client, if it belongs to the account.
  ///   - check: Rejects a wrong guess. A returned value must mean that the whole sign-in was right.
  /// - Throws: `Rejection` when the client must wait, and the errors of `check`.
  func guess<Value: Sendable>(
    _ name: String, from address: ClientAddress, device: String? = nil, _ check: () async throws -> Value
  ) async throws -> Value {
    guard let signIns else { return try await check() }
    return try await signIns.attempt(name, from: address, device: device) { try await Guess(check) }.value()
  }
}
