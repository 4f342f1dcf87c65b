import KittyShared
import Redis
import Synchronization

/// A limit of requests per sender in a window of time, over all servers. Each server counts in its own memory, and adds
/// its count to Redis, beside the request, each time another sixteenth of the limit was used. So a request never waits
/// for Redis, and beyond the limit each server lets through at most a sixteenth of it, and the requests that come while
/// Redis answers. Without Redis each server counts alone.
final class RateLimit: Sendable {
  /// The count of one sender in one window.
  private struct Tally: Sendable {
    var window: Int64
    /// The count of all servers, by the last answer of Redis.
    var shared = 0
    /// The count on its way to Redis.
    var sending = 0
    /// The count that was not sent to Redis.
    var unsent = 0
    /// The value of `unsent` at which it is sent.
    var threshold: Int
    var used: Int { shared + sending + unsent }
  }

  private let name: String
  // Every response has these, so they are made once.
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
  ///   - name: The name of the limit, for clients and in Redis.
  ///   - limit: The number of requests of a sender in a window.
  ///   - seconds: The length of a window.
  ///   - capacity: The maximum number of senders with a count; the least busy ones are dropped first.
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
  ///   - sender: The sender. Only its hash is kept, which Swift seeds in each process, so that no client can foresee it.
  ///   - shared: The name of the sender in Redis; asked for only when the count is sent.
  func count(
    _ sender: some Hashable, shared: @autoclosure () -> String, at now: Instant = .now
  ) -> RateLimitStatus {
    let (key, window) = (sender.hashValue, self.window(now))
    let (status, amount) = tallies.withLock { tallies in
      update(&tallies, key, window) { tally in
        let isExceeded = tally.used >= limit
        if !isExceeded { tally.unsent += 1 }
        var amount = 0
        if redis != nil, tally.sending == 0, tally.unsent >= tally.threshold {
          swap(&amount, &tally.unsent)
          tally.sending = amount
        }
        return (self.status(used: tally.used, isExceeded: isExceeded, at: now), amount)
      }
    }
    if amount > 0 {
      let shared = shared()
      Task {
        var amount = amount
        while amount > 0 {
          await send(amount, of: key, shared, in: window)
          amount = nextAmount(of: key, in: window)
        }
      }
    }
    return status
  }

  /// Counts a request among those of all servers before it returns: one round trip to Redis.
  /// - Parameters:
  ///   - sender: The sender, as in `count`.
  ///   - shared: The name of the sender in Redis.
  func countExactly(
    _ sender: some Hashable, shared: String, at now: Instant = .now
  ) async -> RateLimitStatus {
    let (key, window) = (sender.hashValue, self.window(now))
    let (used, amount) = tallies.withLock { tallies in
      update(&tallies, key, window) { tally in
        tally.unsent += 1
        guard redis != nil else { return (tally.used, 0) }
        var amount = 0
        swap(&amount, &tally.unsent)
        tally.sending += amount
        return (tally.used, amount)
      }
    }
    let total = amount > 0 ? await send(amount, of: key, shared, in: window) ?? used : used
    return status(used: total, isExceeded: total > limit, at: now)
  }

  /// Adds a count to Redis.
  /// - Returns: The count of all servers; `nil` when Redis does not answer.
  @discardableResult private func send(
    _ amount: Int, of sender: Int, _ shared: String, in window: Int64
  ) async -> Int? {
    let key = "kittycash:rate:\(name):\(window):\(shared)"
    var total: Int?
    // The reason of a failure is in the log, once each time that Redis becomes unavailable.
    if case .integer(let used)? = try? await redis?.command([
      "EVAL", Self.script, "1", key, "\(amount)", "\(2 * seconds)",
    ]) {
      total = Int(used)
    }
    tallies.withLock { tallies in
      tallies.update(sender) { tally in
        guard tally.window == window else { return }
        tally.sending -= amount
        if let total {
          tally.shared = max(tally.shared, total)
          tally.threshold = share
        } else {
          tally.unsent += amount
          // Retried after as many further requests.
          tally.threshold = tally.unsent + share
        }
      }
    }
    return total
  }

  /// Returns the count that became due to be sent while Redis answered, or 0.
  private func nextAmount(of sender: Int, in window: Int64) -> Int {
    tallies.withLock { tallies in
      var amount = 0
      tallies.update(sender) { tally in
        guard tally.window == window, tally.sending == 0, tally.unsent >= tally.threshold else { return }
        swap(&amount, &tally.unsent)
        tally.sending = amount
      }
      return amount
    }
  }

  private func window(_ now: Instant) -> Int64 { now.milliseconds / 1000 / Int64(seconds) }

  private func update<Result>(
    _ tallies: inout EvictingTable<Tally>, _ sender: Int, _ window: Int64, _ change: (inout Tally) -> Result
  ) -> Result {
    tallies.update(
      sender, or: Tally(window: window, threshold: share), weight: { $0.window == window ? $0.used : 0 }
    ) { tally in
      if tally.window != window { tally = Tally(window: window, threshold: share) }
      return change(&tally)
    }
  }

  private func status(used: Int, isExceeded: Bool, at now: Instant) -> RateLimitStatus {
    let passed = Int(now.milliseconds / 1000 % Int64(seconds))
    return RateLimitStatus(
      policy: policy, quotedName: quotedName, limit: limit, window: seconds, remaining: max(0, limit - used),
      reset: seconds - passed, isExceeded: isExceeded)
  }
}
