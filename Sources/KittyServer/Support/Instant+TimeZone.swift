import Foundation
import KittyShared

extension Instant {
  /// The day in a time zone; in UTC without one, and in a zone that this system does not know.
  func day(in zone: String?) -> Day {
    guard let zone = zone.flatMap(TimeZone.init(identifier:)) else { return day }
    let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
    return Instant(milliseconds: milliseconds + Int64(offset) * 1000).day
  }
}
