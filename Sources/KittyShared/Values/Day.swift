/// A moment, with a resolution of a millisecond; RFC 3339 in UTC on the wire.
package struct Instant: Hashable, Comparable, Sendable {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  package let milliseconds: Int64

  /// Makes the instant that is `milliseconds` after 1970-01-01T00:00:00Z.
  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// The instant that is `duration` later.
  package func advanced(by duration: Duration) -> Instant {
    let (seconds, attoseconds) = duration.components
    return Instant(milliseconds: milliseconds + seconds * 1000 + attoseconds / 1_000_000_000_000_000)
  }

  /// The day in UTC.
  package var day: Day { Day(daysSince1970: milliseconds.flooredDivision(by: 86_400_000)) }

  /// Earlier is less.
  package static func < (left: Instant, right: Instant) -> Bool { left.milliseconds < right.milliseconds }
}

extension Instant: CustomStringConvertible {
  /// Such as `2026-11-24T08:15:30.250Z`.
  package var description: String {
    let ofDay = milliseconds - day.daysSince1970 * 86_400_000
    func pad(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let time = "\(pad(ofDay / 3_600_000, 2)):\(pad(ofDay / 60_000 % 60, 2)):\(pad(ofDay / 1000 % 60, 2))"
    return "\(day)T\(time).\(pad(ofDay % 1000, 3))Z"
  }
}

extension Instant: Codable {
  /// Reads RFC 3339 in UTC. The fraction is optional, and truncated to milliseconds.
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let instant = Instant(text) else {
      throw FieldError(
        decoder, code: "not_an_instant", message: "Write an instant in UTC, such as 2026-11-24T08:15:30Z.")
    }
    self = instant
  }

  private init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, let day = Day(String(text.prefix(10))), bytes[10] == UInt8(ascii: "T"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"), bytes.last == UInt8(ascii: "Z"),
      let hour = Self.number(bytes[11..<13]), let minute = Self.number(bytes[14..<16]),
      let second = Self.number(bytes[17..<19]), hour < 24, minute < 60, second < 61
    else { return nil }
    var fraction: Int64 = 0
    let rest = bytes[19..<(bytes.count - 1)]
    if let point = rest.first {
      let digits = rest.dropFirst()
      guard point == UInt8(ascii: "."), (1...9).contains(digits.count), Self.number(digits) != nil,
        let milliseconds = Self.number((Array(digits) + [0x30, 0x30])[..<3])
      else { return nil }
      fraction = milliseconds
    }
    milliseconds = day.daysSince1970 * 86_400_000 + (hour * 3600 + minute * 60 + second) * 1000 + fraction
  }

  /// Returns the number that consists of `digits` alone.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(String(decoding: digits, as: UTF8.self))
  }

  /// Writes RFC 3339 in UTC.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// A day of the calendar, `2026-11-24`, between the years 1900 and 9999.
package struct Day: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01.
  package let daysSince1970: Int64

  /// Makes the day that is `daysSince1970` days after 1970-01-01.
  package init(daysSince1970: Int64) { self.daysSince1970 = daysSince1970 }

  /// Reads `YYYY-MM-DD`; `nil` for another format or a day that does not exist.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 0x2d, bytes[7] == 0x2d,
      bytes.enumerated().allSatisfy({ $0 == 4 || $0 == 7 || (0x30...0x39).contains($1) }),
      let year = Int64(text.prefix(4)), let month = Int64(text.dropFirst(5).prefix(2)),
      let day = Int64(text.suffix(2)), year >= 1900, (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    let candidate = Day(year: year, month: month, day: day)
    guard candidate.description == text else { return nil }
    self = candidate
  }

  // Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
  private init(year: Int64, month: Int64, day: Int64) {
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted.flooredDivision(by: 400)
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    daysSince1970 = era * 146_097 + dayOfEra - 719_468
  }

  /// Earlier is less.
  package static func < (left: Day, right: Day) -> Bool { left.daysSince1970 < right.daysSince1970 }
}

extension Day: CustomStringConvertible {
  /// `YYYY-MM-DD`.
  package var description: String {
    // Source: as above, civil_from_days.
    let shifted = daysSince1970 + 719_468
    let era = shifted.flooredDivision(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    func pad(_ value: Int64, _ width: Int) -> String {
      let digits = String(value)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
  }
}

extension Day: Codable {
  /// Reads `YYYY-MM-DD`.
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let day = Day(text) else {
      throw FieldError(
        decoder, code: "not_a_date", message: "Write a valid date such as 2026-11-24, not before 1900."
      )
    }
    self = day
  }

  /// Writes `YYYY-MM-DD`.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
    self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
  }
}

extension Day {
  /// 9999-12-31: the start of a descending list.
  package static let last = Day(daysSince1970: 2_932_896)
  /// 1900-01-01: the start of an ascending list.
  package static let first = Day(daysSince1970: -25_567)

  /// Maximum days between today and the date of an entry: ten years.
  private static let horizon: Int64 = 3653

  /// Checks that the books can have this date. A rent may be entered years ahead; a later year is a
  /// typing error, and its entry would be first in every list. (A `Day` is never before 1900.)
  /// - Throws: `Rejection.invalid` for a day more than ten years after `today`.
  package func requireNear(_ today: Day, _ field: String) throws(Rejection) {
    guard daysSince1970 - today.daysSince1970 <= Self.horizon else {
      throw .invalid(field, "too_far_ahead", "\(self) is more than ten years ahead: check the year.")
    }
  }
}
