import Foundation
import KittyShared
import POSIX

extension Day {
  /// Returns the date of a user at a moment: in the time zone of the account, else in that of this machine.
  static func of(_ moment: Instant, in zone: String?) -> Day {
    let seconds = Double(moment.milliseconds) / 1000
    if let zone = zone.flatMap(TimeZone.init(identifier:)) {
      let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: seconds))
      return Instant(milliseconds: moment.milliseconds + Int64(offset) * 1000).day
    }
    func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (year, month, day) = CurrentProcess.localDate(at: Int(seconds))
    return Day("\(year)-\(pad(month))-\(pad(day))") ?? moment.day
  }
}
