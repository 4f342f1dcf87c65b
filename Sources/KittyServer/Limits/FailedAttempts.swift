import KittyShared

/// The failed attempts of one account or address, and the time until which the next one must wait: the rule, without
/// any storage.
struct FailedAttempts: Sendable, Equatable {
  /// The number of failures that still count.
  var count = 0
  /// The time of the next permitted attempt, in milliseconds since 1970.
  var until: Int64 = 0
  /// The time of the last attempt, in milliseconds since 1970.
  var last: Int64 = 0

  /// The policy: after some failures each further one makes the next attempt wait twice as long. The script of
  /// `SharedFailedAttempts` applies the same policy in Redis.
  struct Rule: Sendable {
    /// The number of failures without a wait.
    var free: Int
    /// Duration of the first wait, in milliseconds.
    var first: Int64 = 1000
    /// Maximum wait, in milliseconds.
    var most: Int64 = 15 * 60_000
    /// Lifetime of failures without a wait, in milliseconds.
    var short: Int64 = 3_600_000
    /// Lifetime of failures with a wait, in milliseconds.
    var long: Int64 = 24 * 3_600_000

    /// Returns the wait after the failure with this number.
    func delay(_ count: Int) -> Int64 {
      count <= free ? 0 : min(most, first << Int64(min(count - free - 1, 30)))
    }

    /// Returns the time of the next permitted attempt after the failure with this number; 0 for no wait, because the
    /// clock of another server may be behind.
    func until(_ count: Int, from now: Int64) -> Int64 {
      let delay = delay(count)
      return delay == 0 ? 0 : now + delay
    }
  }

  /// Returns the wait before an attempt, in milliseconds; 0 or less for none. When the clock went back, the wait begins
  /// again at the present time: it is never longer than it was meant.
  mutating func wait(_ now: Int64) -> Int64 {
    if now < last {
      if until > 0 { until -= last - now }
      last = now
    }
    return until - now
  }

  /// Counts an attempt as a failure before its outcome is known, so that many attempts at once cannot evade the limit.
  mutating func begin(_ now: Int64, _ rule: Rule) {
    if now - last > (count > rule.free ? rule.long : rule.short) { count = 0 }
    count += 1
    last = now
    until = rule.until(count, from: now)
  }

  /// Removes an attempt that was not a failure.
  /// - Parameter counted: The count that `begin` gave it.
  mutating func takeBack(_ counted: Int) {
    // The wait belongs to this attempt only if none followed it.
    if count == counted { until = 0 }
    count = max(0, count - 1)
  }

  /// Returns the weight against eviction from a full table.
  func weight(_ now: Int64, _ rule: Rule) -> Int {
    now - last > (count > rule.free ? rule.long : rule.short) ? 0 : count
  }
}
