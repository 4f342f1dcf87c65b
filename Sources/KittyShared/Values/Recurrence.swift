/// The days on which something recurs: every so many days, weeks, months or years from a first day.
///
/// Each day is computed from the first one, never from the one before it, so that nothing drifts: the 31st of January
/// is followed by the 28th of February and then by the 31st of March, and a 29th of February comes back in the next leap
/// year.
package struct Recurrence: Hashable, Sendable {
  /// The unit of the step.
  package enum Unit: String, Codable, CaseIterable, Sendable {
    case day, week, month, year

    /// Reads one of the words.
    package init(from decoder: any Decoder) throws {
      let word = try decoder.singleValueContainer().decode(String.self)
      guard let unit = Unit(rawValue: word) else {
        throw FieldError(
          decoder, code: "unknown_unit", message: "The unit must be day, week, month or year.")
      }
      self = unit
    }
  }

  /// The largest number of units in a step.
  package static let maxStep: Int64 = 1000

  /// The first day.
  package var from: Day
  /// The number of units between two days: 1 to `maxStep`.
  package var step: Int64
  /// The unit of the step.
  package var unit: Unit
  /// The day of the month, where `from` is in a month that does not have it; that of `from` when `nil`.
  package var dayOfMonth: Int64?
  /// The number of the first day, `k`. It is greater than 0 where the rule was changed after some of its days.
  package var first: Int64
  /// The last possible day.
  package var until: Day?
  /// The number of days in total, those before a change among them.
  package var times: Int64?

  package init(
    from: Day, step: Int64, unit: Unit, dayOfMonth: Int64? = nil, first: Int64 = 0, until: Day? = nil,
    times: Int64? = nil
  ) {
    self.from = from
    self.step = step
    self.unit = unit
    self.dayOfMonth = dayOfMonth
    self.first = first
    self.until = until
    self.times = times
  }

  /// Returns the day with the number `number`; `nil` when the rule ends before it. O(1).
  package func day(_ number: Int64) -> Day? {
    guard number >= first, times.map({ number < $0 }) ?? true else { return nil }
    let (steps, overflow) = (number - first).multipliedReportingOverflow(by: step)
    // Ten thousand years of days.
    guard !overflow, steps <= 4_000_000, let day = day(after: steps) else { return nil }
    return until.map { day <= $0 } ?? true ? day : nil
  }

  /// The wished day of the month.
  package var wishedDay: Int64 { dayOfMonth ?? from.parts.day }

  private func day(after steps: Int64) -> Day? {
    let day: Day
    switch unit {
    case .day: day = from.moved(by: steps)
    case .week: day = from.moved(by: steps * 7)
    case .month, .year:
      let start = from.parts
      let months = start.year * 12 + start.month - 1 + steps * (unit == .year ? 12 : 1)
      let (year, month) = (months / 12, months % 12 + 1)
      let next = Day(year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1)
      let length = next.daysSince1970 - Day(year: year, month: month, day: 1).daysSince1970
      day = Day(year: year, month: month, day: min(wishedDay, length))
    }
    return day <= Day.last ? day : nil
  }

  /// Returns the rule that goes on with another step from the day with the number `number`, and keeps the wished day of
  /// the month: after a 28th of February in place of a 31st, the 31st comes back.
  package func continued(at number: Int64, step: Int64, unit: Unit) -> Recurrence {
    var changed = self
    var open = self
    (open.until, open.times) = (nil, nil)
    guard let day = open.day(number) else { return self }
    let wished = self.unit == .month || self.unit == .year ? wishedDay : day.parts.day
    changed.from = day
    changed.dayOfMonth = wished > day.parts.day && (unit == .month || unit == .year) ? wished : nil
    (changed.first, changed.step, changed.unit) = (number, step, unit)
    return changed
  }
}
