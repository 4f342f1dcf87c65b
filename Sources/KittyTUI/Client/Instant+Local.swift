import Foundation
import KittyShared
import POSIX

extension Instant {
  /// Returns the reading of a user's clock as if it were in UTC: in the time zone of the account, else in that of this
  /// machine.
  func local(in zone: String?) -> Instant {
    let seconds = Int(milliseconds.flooredDivision(by: 1000))
    let ahead =
      zone.flatMap(TimeZone.init(identifier:))?.secondsFromGMT(
        for: Date(timeIntervalSince1970: Double(seconds))) ?? CurrentProcess.secondsAheadOfUTC(at: seconds)
    return advanced(by: .seconds(ahead))
  }
}

extension Day {
  /// Returns the date of a user at a moment.
  static func of(_ moment: Instant, in zone: String?) -> Day { moment.local(in: zone).day }
}
