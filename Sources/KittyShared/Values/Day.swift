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
  init(year: Int64, month: Int64, day: Int64) {
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

extension Day {
  /// The year, the month and the day of the month.
  package var parts: (year: Int64, month: Int64, day: Int64) {
    // Source: as above, civil_from_days.
    let shifted = daysSince1970 + 719_468
    let era = shifted.flooredDivision(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

extension Day: CustomStringConvertible {
  /// `YYYY-MM-DD`.
  package var description: String {
    let (year, month, day) = parts
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
  package func flooredDivision(by divisor: Int64) -> Int64 {
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
