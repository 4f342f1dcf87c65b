/// A day of the week. A week begins on Monday.
package enum Weekday: Int, Sendable, CaseIterable {
  case monday, tuesday, wednesday, thursday, friday, saturday, sunday

  /// The English name.
  package var name: String {
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][rawValue]
  }

  /// The first three letters of the name.
  package var short: String { String(name.prefix(3)) }

  /// Returns the number of days since the latest such weekday: 0 to 6.
  package func days(since other: Weekday) -> Int64 { Int64((rawValue - other.rawValue + 7) % 7) }
}

extension Day {
  /// The day of the week.
  package var weekday: Weekday {
    // The first of January 1970 was a Thursday.
    let day = Int(daysSince1970 % 7) + 7 + Weekday.thursday.rawValue
    return Weekday.allCases[day % 7]
  }

  /// The English name of the month.
  package var month: String {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
      "November", "December",
    ]
    return names[Int(parts.month - 1)]
  }

  /// The first three letters of the name of the month.
  package var shortMonth: String { String(month.prefix(3)) }

  /// Returns the day that is some days later, or earlier for a negative number.
  package func moved(by days: Int64) -> Day { Day(daysSince1970: daysSince1970 + days) }
}
