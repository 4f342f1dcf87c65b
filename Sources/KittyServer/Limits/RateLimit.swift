import KittyShared
import Redis
import Synchronization

/// So many requests from one sender in a window of time, over all copies of the server. Each copy counts in
/// its own memory, and tells Redis, beside the request, whenever another sixteenth of the limit was used: so
/// a request never waits for Redis, and all copies together let through a sixteenth of the limit more per
/// copy than they should at most, and what comes while Redis answers. Without Redis each copy counts alone.
final class RateLimit: Sendable {
  /// Where a sender stands.
  struct RateLimitStatus: Sendable, Equatable {
    /// The limit's name and size, as `RateLimit-Policy` says it.
    let policy: String
    /// The limit's name, as `RateLimit` begins.
    let quotedName: String
    let limit: Int
    /// The length of the window in seconds.
    let window: Int
    /// How many more requests are let through in this window.
    let remaining: Int
    /// In how many seconds the next window begins.
    let reset: Int
    /// Whether this request is one too many.
    let isExceeded: Bool
  }

  /// The count of one sender in one window.
  private struct Tally: Sendable {
    var window: Int64
    /// What the copies have told Redis, by its last answer.
    var shared = 0
    /// What is on its way to Redis.
    var telling = 0
    /// What Redis has not been told.
    var mine = 0
    /// How much of that there is when Redis is told.
    var next: Int
    var used: Int { shared + telling + mine }
  }

  private let name: String
  // Every answer says these, so they are made once.
  private let policy: String
  private let quotedName: String
  private let limit: Int
  private let seconds: Int
  private let redis: RedisClient?
  private let share: Int
  private let tallies: Mutex<EvictingTable<Tally>>

  private static let script = """
    local used = redis.call('INCRBY', KEYS[1], ARGV[1])
    if used == tonumber(ARGV[1]) then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
    return used
    """

  /// - Parameters:
  ///   - name: What the limit is called, to a client and in Redis.
  ///   - limit: How many requests a sender has in a window.
  ///   - seconds: The length of a window.
  ///   - capacity: Of how many senders it keeps a count at most; the least busy ones are forgotten first.
  init(name: String, limit: Int, seconds: Int, redis: RedisClient? = nil, capacity: Int = 1 << 14) {
    self.name = name
    quotedName = "\"\(name)\""
    policy = "\"\(name)\";q=\(limit);w=\(seconds)"
    self.limit = limit
    self.seconds = seconds
    self.redis = redis
    share = max(1, limit / 16)
    tallies = Mutex(EvictingTable(capacity: capacity))
  }

  /// Counts a request.
  /// - Parameters:
  ///   - sender: A hash that Swift made of the sender; it means nothing outside of this process.
  ///   - shared: What the copies of the server call the sender.
  func count(_ sender: Int, shared: @autoclosure () -> String, at now: Instant = .now) -> RateLimitStatus {
    let window = self.window(now)
    let (standing, told) = tallies.withLock { tallies in
      update(&tallies, sender, window) { tally in
        let isExceeded = tally.used >= limit
        if !isExceeded { tally.mine += 1 }
        var told = 0
        if redis != nil, tally.telling == 0, tally.mine >= tally.next {
          swap(&told, &tally.mine)
          tally.telling = told
        }
        return (self.standing(used: tally.used, isExceeded: isExceeded, at: now), told)
      }
    }
    if told > 0 {
      let shared = shared()
      Task {
        var told = told
        while told > 0 {
          await tell(told, of: sender, shared, in: window)
          told = more(of: sender, in: window)
        }
      }
    }
    return standing
  }

  /// Counts a request among those of all copies before it returns: one round trip to Redis.
  func countExactly(_ sender: Int, shared: String, at now: Instant = .now) async -> RateLimitStatus {
    let window = self.window(now)
    let (used, told) = tallies.withLock { tallies in
      update(&tallies, sender, window) { tally in
        tally.mine += 1
        guard redis != nil else { return (tally.used, 0) }
        var told = 0
        swap(&told, &tally.mine)
        tally.telling += told
        return (tally.used, told)
      }
    }
    let known = told > 0 ? await tell(told, of: sender, shared, in: window) ?? used : used
    return standing(used: known, isExceeded: known > limit, at: now)
  }

  /// - Returns: What all copies have counted; `nil` when Redis does not answer.
  @discardableResult private func tell(
    _ told: Int, of sender: Int, _ shared: String, in window: Int64
  ) async -> Int? {
    let key = "kittycash:rate:\(name):\(window):\(shared)"
    var total: Int?
    // Why Redis cannot be reached is in the log, once for each time it goes away.
    if case .integer(let used)? = try? await redis?.command([
      "EVAL", Self.script, "1", key, "\(told)", "\(2 * seconds)",
    ]) {
      total = Int(used)
    }
    tallies.withLock { tallies in
      tallies.update(sender) { tally in
        guard tally.window == window else { return }
        tally.telling -= told
        if let total {
          tally.shared = max(tally.shared, total)
          tally.next = share
        } else {
          tally.mine += told
          // It is told once more when as much again was used.
          tally.next = tally.mine + share
        }
      }
    }
    return total
  }

  /// What came up to be told while Redis answered.
  private func more(of sender: Int, in window: Int64) -> Int {
    tallies.withLock { tallies in
      var told = 0
      tallies.update(sender) { tally in
        guard tally.window == window, tally.telling == 0, tally.mine >= tally.next else { return }
        swap(&told, &tally.mine)
        tally.telling = told
      }
      return told
    }
  }

  private func window(_ now: Instant) -> Int64 { now.milliseconds / 1000 / Int64(seconds) }

  private func update<Result>(
    _ tallies: inout EvictingTable<Tally>, _ sender: Int, _ window: Int64, _ change: (inout Tally) -> Result
  ) -> Result {
    tallies.update(
      sender, or: Tally(window: window, next: share), weight: { $0.window == window ? $0.used : 0 }
    ) { tally in
      if tally.window != window { tally = Tally(window: window, next: share) }
      return change(&tally)
    }
  }

  private func standing(used: Int, isExceeded: Bool, at now: Instant) -> RateLimitStatus {
    let passed = Int(now.milliseconds / 1000 % Int64(seconds))
    return RateLimitStatus(
      policy: policy, quotedName: quotedName, limit: limit, window: seconds, remaining: max(0, limit - used),
      reset: seconds - passed,
      isExceeded: isExceeded)
  }
}
