/// A unit of the calendar, into which statistics divide time. Each unit of a kind has a number, one more than that of the
/// unit before it.
package enum CalendarUnit: String, Codable, CaseIterable, Sendable {
  case day, week, month, year

  /// Returns the number of the unit that has a day.
  package func number(of day: Day) -> Int64 {
    switch self {
    case .day: day.daysSince1970
    // The first of January 1970 was a Thursday, and a week begins on Monday.
    case .week: (day.daysSince1970 + 3).flooredDivision(by: 7)
    case .month: day.parts.year * 12 + day.parts.month - 1
    case .year: day.parts.year
    }
  }

  /// Returns the first day of the unit with a number.
  package func first(_ number: Int64) -> Day {
    switch self {
    case .day: Day(daysSince1970: number)
    case .week: Day(daysSince1970: number * 7 - 3)
    case .month: Day(year: number / 12, month: number % 12 + 1, day: 1)
    case .year: Day(year: number, month: 1, day: 1)
    }
  }

  /// Returns the last day of the unit with a number.
  package func last(_ number: Int64) -> Day { first(number + 1).moved(by: -1) }

  /// Returns the name of the unit with a number: `2026-03-14`, `2026-W11` (ISO 8601), `2026-03` or `2026`.
  package func name(_ number: Int64) -> String {
    switch self {
    case .day: return first(number).description
    case .week:
      // The year of a week is that of its Thursday.
      let thursday = first(number).moved(by: 3)
      let year = thursday.parts.year
      let week = (thursday.daysSince1970 - Day(year: year, month: 1, day: 1).daysSince1970) / 7 + 1
      return "\(year)-W\(week < 10 ? "0" : "")\(week)"
    case .month: return String(first(number).description.prefix(7))
    case .year: return String(first(number).description.prefix(4))
    }
  }
}
