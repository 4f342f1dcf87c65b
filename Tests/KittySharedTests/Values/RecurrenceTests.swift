import TestSupport
import Testing

@testable import KittyShared

@Suite struct RecurrenceTests {
  /// A calendar that counts days one by one, and knows nothing of the one that is tested.
  private struct CountedCalendar {
    var (year, month, day) = (1900, 1, 1)
    /// The days since 1970-01-01 of this day.
    var number: Int64 = -25_567

    static func length(_ year: Int, _ month: Int) -> Int {
      let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
      return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    mutating func advance() {
      number += 1
      day += 1
      guard day > Self.length(year, month) else { return }
      (day, month) = (1, month + 1)
      if month == 13 { (month, year) = (1, year + 1) }
    }
  }

  /// The numbers of all days from 1900 to 2300, by year, month and day.
  private static let numbers: [Int: Int64] = {
    var calendar = CountedCalendar()
    var numbers: [Int: Int64] = [:]
    while calendar.year < 2300 {
      numbers[(calendar.year * 100 + calendar.month) * 100 + calendar.day] = calendar.number
      calendar.advance()
    }
    return numbers
  }()

  /// Returns the first days of a rule, by walking from each month to the next one.
  private func walked(_ year: Int, _ month: Int, _ day: Int, step: Int, unit: Recurrence.Unit, count: Int)
    -> [Int64]
  {
    func number(_ year: Int, _ month: Int, _ day: Int) -> Int64? {
      Self.numbers[(year * 100 + month) * 100 + day]
    }
    var days: [Int64] = []
    var (year, month) = (year, month)
    var next = number(year, month, day)
    while days.count < count, let found = next {
      days.append(found)
      switch unit {
      case .day: next = found + Int64(step)
      case .week: next = found + 7 * Int64(step)
      case .month, .year:
        for _ in 0..<(unit == .year ? 12 * step : step) {
          month += 1
          if month > 12 { (month, year) = (1, year + 1) }
        }
        next = number(year, month, min(day, CountedCalendar.length(year, month)))
      }
      if let next, next > Self.numbers[2299_12_31] ?? 0 { break }
    }
    return days
  }

  @Test func tenThousandRandomRulesEqualAnotherCalendar() {
    var random = Seeded(571)
    for _ in 0..<10_000 {
      let (year, month) = (
        Int.random(in: 1900...2100, using: &random), Int.random(in: 1...12, using: &random)
      )
      let length = CountedCalendar.length(year, month)
      // The ends of months are the interesting ones.
      let day = Bool.random(using: &random) ? length : Int.random(in: 1...length, using: &random)
      let unit = Recurrence.Unit.allCases.randomElement(using: &random) ?? .day
      let step = Int.random(in: 1...(unit == .year ? 5 : 40), using: &random)
      let expected = walked(year, month, day, step: step, unit: unit, count: 30)
      let from = Day(daysSince1970: Self.numbers[(year * 100 + month) * 100 + day] ?? 0)
      let rule = Recurrence(from: from, step: Int64(step), unit: unit)
      let days = expected.indices.map { rule.day(Int64($0))?.daysSince1970 }
      #expect(days == expected, "\(from) every \(step) \(unit)")
      // A day alone is that of the list, whatever is asked before it.
      let index = Int.random(in: expected.indices, using: &random)
      #expect(
        Recurrence(from: from, step: Int64(step), unit: unit).day(Int64(index))?.daysSince1970
          == expected[index])
    }
  }

  @Test func endOfMonthClampsAndComesBack() throws {
    let rule = Recurrence(from: try #require(Day("2026-01-31")), step: 1, unit: .month)
    #expect(
      (0..<4).map { rule.day($0)?.description } == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"])
    let leap = Recurrence(from: try #require(Day("2024-02-29")), step: 1, unit: .year)
    #expect(
      (0..<5).map { leap.day($0)?.description.suffix(5) } == ["02-29", "02-28", "02-28", "02-28", "02-29"])
  }

  @Test func ruleEndsAtItsLastDayAndAfterItsCount() throws {
    let from = try #require(Day("2026-01-01"))
    let until = Recurrence(from: from, step: 7, unit: .day, until: Day("2026-01-15"))
    #expect((0..<4).map { until.day($0)?.description } == ["2026-01-01", "2026-01-08", "2026-01-15", nil])
    let times = Recurrence(from: from, step: 7, unit: .day, times: 2)
    #expect((0..<3).map { times.day($0) != nil } == [true, true, false])
    #expect(times.day(-1) == nil)
    #expect(Recurrence(from: from, step: 1000, unit: .year).day(8) == nil)
    #expect(Recurrence(from: from, step: 1000, unit: .year).day(.max) == nil)
  }

  @Test func changedStepKeepsTheWishedDayOfTheMonth() throws {
    let rule = Recurrence(from: try #require(Day("2026-01-31")), step: 1, unit: .month, times: 4)
    let changed = rule.continued(at: 1, step: 2, unit: .month)
    #expect(
      (0..<5).map { changed.day($0)?.description } == [nil, "2026-02-28", "2026-04-30", "2026-06-30", nil])
    let third = rule.continued(at: 1, step: 1, unit: .month)
    #expect((1..<4).map { third.day($0) } == (1..<4).map { rule.day($0) })
    #expect(rule.continued(at: 1, step: 10, unit: .day).day(2)?.description == "2026-03-10")
  }
}
