import KittyShared

/// How often a sign-in failed, and until when none is looked at.
struct FailedAttempts: Sendable, Equatable {
  /// Those that count still.
  var count = 0
  /// When the next one is looked at: milliseconds since 1970.
  var until: Int64 = 0
  /// When the last one was: milliseconds since 1970.
  var last: Int64 = 0

  /// After so many failures each further one makes the next wait twice as long. `SignInLimit`'s script says
  /// the same to Redis.
  struct Rule: Sendable {
    /// How many failures cost no time.
    var free: Int
    /// How long the first one waits that costs time: milliseconds.
    var first: Int64 = 1000
    /// How long one waits at most.
    var most: Int64 = 15 * 60_000
    /// For how long failures that cost no time are remembered.
    var short: Int64 = 3_600_000
    /// For how long the others are.
    var long: Int64 = 24 * 3_600_000

    /// How long to wait after the failure with this number.
    func delay(_ count: Int) -> Int64 {
      count <= free ? 0 : min(most, first << Int64(min(count - free - 1, 30)))
    }

    /// When the next one is looked at after the failure with this number. Not a time at all where it costs none:
    /// another copy's clock may be behind.
    func until(_ count: Int, from now: Int64) -> Int64 {
      let delay = delay(count)
      return delay == 0 ? 0 : now + delay
    }
  }

  /// How long to wait before an attempt: milliseconds; 0 or less for not at all.
  func wait(_ now: Int64) -> Int64 { until - now }

  /// Counts an attempt as a failure, before it is known whether it is one: so that many at once are no way
  /// around the limit.
  mutating func begin(_ now: Int64, _ rule: Rule) {
    if now - last > (count > rule.free ? rule.long : rule.short) { count = 0 }
    count += 1
    last = now
    until = rule.until(count, from: now)
  }

  /// Takes an attempt back that was no failure.
  /// - Parameter counted: The count that it was given.
  mutating func takeBack(_ counted: Int) {
    // Only if nothing came after it, the wait is its own.
    if count == counted { until = 0 }
    count = max(0, count - 1)
  }

  /// How much there is in remembering it.
  func weight(_ now: Int64, _ rule: Rule) -> Int {
    now - last > (count > rule.free ? rule.long : rule.short) ? 0 : count
  }
}
