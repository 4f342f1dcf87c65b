import FoundationEssentials
import KittyShared

extension Instant {
  /// The present moment.
  static var now: Instant { Instant(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }
}
