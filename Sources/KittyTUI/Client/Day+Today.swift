import KittyShared
import POSIX

extension Day {
  /// The date in the time zone of this process.
  static var today: Day {
    func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (year, month, day) = CurrentProcess.localDate
    return Day("\(year)-\(pad(month))-\(pad(day))") ?? Instant.now.day
  }
}
