import KittyShared
import Redis
import Synchronization

/// A limit of requests per sender in a sliding window of time, over all servers. The rule is that of two windows: the
/// requests of the present fixed window count in full, those of the one before in proportion to the part of it that the
/// sliding window still covers. So no turn of a window gives a sender a second allowance at once.
///
/// Each server counts in its own memory, and adds its count to Redis, beside the request, each time another sixteenth of
/// the limit was used. So a request never waits for Redis, and beyond the limit each server lets through at most a
/// sixteenth of it, and the requests that come while Redis answers. Without Redis each server counts alone.
final class RateLimit: Sendable {
  /// The counts of one sender, in a fixed window and the one before.
  private struct Tally: Sendable {
    var window: Int64
    /// The count of the window before.
    var previous = 0
    /// The count of all servers, by the last answer of Redis.
    var shared = 0
    /// The count on its way to Redis.
    var sending = 0
    /// The count that was not sent to Redis.
    var unsent = 0
    /// The value of `unsent` at which it is sent.
    var threshold: Int
    var used: Int { shared + sending + unsent }

    init(window: Int64, previous: Int = 0, threshold: Int) {
      (self.window, self.previous, self.threshold) = (window, previous, threshold)
    }

    /// Returns the tally in a window: a later one, or an earlier one after the clock went back.
    func moved(to window: Int64, threshold: Int) -> Tally {
      window == self.window
        ? self : Tally(window: window, previous: window == self.window + 1 ? used : 0, threshold: threshold)
    }
  }

  /// The place of an instant in the fixed windows.
  private struct Moment {
    let window: Int64
    /// Time since the begin of the window, in milliseconds.
    let passed: Int64
  }

  private let name: String
  // Every response has these, so they are made once.
  private let policy: String
  private let quotedName: String
  private let limit: Int
  private let seconds: Int
  /// The length of a window in milliseconds.
  private var length: Int64 { Int64(seconds) * 1000 }
  private let redis: RedisClient?
  private let share: Int
  private let tallies: Mutex<EvictingTable<Tally>>

  /// Adds a count to the window, and one further request if it was asked for and is within the limit. The rule is that of
  /// `isExceeded`.
  private static let script = """
    local add, ask, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
    local passed, length = tonumber(ARGV[4]), tonumber(ARGV[5])
    local used = tonumber(redis.call('GET', KEYS[1]) or '0') + add
    local previous = tonumber(redis.call('GET', KEYS[2]) or '0')
    local refused = 0
    if ask == 1 then
      if used * length + previous * (length - passed) >= limit * length then
        refused = 1
      else
        add, used = add + 1, used + 1
      end
    end
    if add > 0 then
      redis.call('INCRBY', KEYS[1], add)
      redis.call('PEXPIRE', KEYS[1], 2 * length)
    end
    return {used, previous, refused}
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
    let (key, moment) = (sender.hashValue, self.moment(now))
    let (status, amount) = tallies.withLock { tallies in
      update(&tallies, key, moment) { tally in
        let isExceeded = isExceeded(tally, moment)
        if !isExceeded { tally.unsent += 1 }
        var amount = 0
        if redis != nil, tally.sending == 0, tally.unsent >= tally.threshold {
          swap(&amount, &tally.unsent)
          tally.sending = amount
        }
        return (self.status(tally, isExceeded: isExceeded, moment), amount)
      }
    }
    if amount > 0 {
      let shared = shared()
      Task {
        var amount = amount
        while amount > 0 {
          await send(amount, of: key, shared, moment)
          amount = nextAmount(of: key, in: moment.window)
        }
      }
    }
    return status
  }

  /// Counts a request among those of all servers before it returns: one round trip to Redis. A refused request does not
  /// count.
  /// - Parameters:
  ///   - sender: The sender, as in `count`.
  ///   - shared: The name of the sender in Redis.
  func countExactly(
    _ sender: some Hashable, shared: String, at now: Instant = .now
  ) async -> RateLimitStatus {
    let (key, moment) = (sender.hashValue, self.moment(now))
    // Counts from a time without Redis go with the request.
    let unsent = tallies.withLock { tallies in
      update(&tallies, key, moment) { tally in
        var amount = 0
        guard redis != nil else { return amount }
        swap(&amount, &tally.unsent)
        tally.sending += amount
        return amount
      }
    }
    let reply = redis == nil ? nil : await send(unsent, asking: true, of: key, shared, moment)
    return tallies.withLock { tallies in
      update(&tallies, key, moment) { tally in
        if let reply {
          return status(tally, isExceeded: reply.isRefused, moment)
        }
        let isExceeded = isExceeded(tally, moment)
        if !isExceeded { tally.unsent += 1 }
        return status(tally, isExceeded: isExceeded, moment)
      }
    }
  }

  /// Adds a count to Redis.
  /// - Parameter isAsking: `true` for one further request, which counts if it is within the limit.
  /// - Returns: `nil` when Redis does not answer.
  @discardableResult private func send(
    _ amount: Int, asking isAsking: Bool = false, of sender: Int, _ shared: String, _ moment: Moment
  ) async -> (used: Int, isRefused: Bool)? {
    let keys = [moment.window, moment.window - 1].map { "kittycash:rate:\(name):\($0):\(shared)" }
    var counts: [Int] = []
    // The reason of a failure is in the log, once each time that Redis becomes unavailable.
    if case .array(let reply)? = try? await redis?.command(
      ["EVAL", Self.script, "2"] + keys
        + [Int64(amount), isAsking ? 1 : 0, Int64(limit), moment.passed, length].map(String.init))
    {
      counts = reply.compactMap { if case .integer(let number) = $0 { Int(number) } else { nil } }
    }
    let isAnswered = counts.count == 3
    tallies.withLock { tallies in
      tallies.update(sender) { tally in
        guard tally.window == moment.window else { return }
        tally.sending -= amount
        if isAnswered {
          tally.shared = max(tally.shared, counts[0])
          tally.previous = max(tally.previous, counts[1])
          tally.threshold = share
        } else {
          tally.unsent += amount
          // Retried after as many further requests.
          tally.threshold = tally.unsent + share
        }
      }
    }
    return isAnswered ? (counts[0], counts[2] == 1) : nil
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

  private func moment(_ now: Instant) -> Moment {
    Moment(window: now.milliseconds / length, passed: now.milliseconds % length)
  }

  private func update<Result>(
    _ tallies: inout EvictingTable<Tally>, _ sender: Int, _ moment: Moment, _ change: (inout Tally) -> Result
  ) -> Result {
    tallies.update(
      sender, or: Tally(window: moment.window, threshold: share),
      weight: {
        let tally = $0.moved(to: moment.window, threshold: share)
        return tally.used + tally.previous
      }
    ) { tally in
      tally = tally.moved(to: moment.window, threshold: share)
      return change(&tally)
    }
  }

  /// The count in the sliding window, times the length of the window.
  private func load(_ tally: Tally, _ moment: Moment) -> Int64 {
    Int64(tally.used) * length + Int64(tally.previous) * (length - moment.passed)
  }

  private func isExceeded(_ tally: Tally, _ moment: Moment) -> Bool {
    load(tally, moment) >= Int64(limit) * length
  }

  private func status(_ tally: Tally, isExceeded: Bool, _ moment: Moment) -> RateLimitStatus {
    let used = Int((load(tally, moment) + length - 1) / length)
    let wait = isExceeded ? wait(tally, moment) : length - moment.passed
    return RateLimitStatus(
      policy: policy, quotedName: quotedName, limit: limit, window: seconds, remaining: max(0, limit - used),
      reset: max(1, min(seconds, Int((wait + 999) / 1000))), isExceeded: isExceeded)
  }

  /// Returns the time until the next request is within the limit, in milliseconds.
  private func wait(_ tally: Tally, _ moment: Moment) -> Int64 {
    let free = Int64(limit - tally.used)
    if free > 0, tally.previous > 0 {
      // The window before must count for less than what is free.
      return length - free * length / Int64(tally.previous) - moment.passed + 1
    }
    // In the next window this one is the one before.
    return length - moment.passed + max(0, length - Int64(limit) * length / Int64(max(1, tally.used))) + 1
  }
}
