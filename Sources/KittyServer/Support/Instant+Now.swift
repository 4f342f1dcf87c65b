import FoundationEssentials
import KittyShared

extension Instant {
  /// The present moment.
  static var now: Instant { Instant(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }
}

extension Duration {
  /// The duration in milliseconds, to the microsecond.
  var milliseconds: Double {
    let (seconds, attoseconds) = components
    return (Double(seconds) * 1e6 + (Double(attoseconds) / 1e12).rounded()) / 1000
  }
}
