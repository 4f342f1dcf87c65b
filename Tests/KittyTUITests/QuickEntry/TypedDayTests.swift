import KittyShared
import Testing

@testable import KittyTUI

/// Dates as people type them, in forms and in lines.
struct TypedDayTests {
  /// A Tuesday.
  private let today = Day("2026-11-24")!

  private func refusal(_ text: String) -> String {
    #expect(throws: TypedDay.Refusal.self, "\(text)") { try TypedDay(text, today: today) }?.description ?? ""
  }

  @Test(arguments: [
    ("today", "2026-11-24"), ("Yesterday", "2026-11-23"), (" today ", "2026-11-24"),
    // The last such day, also today.
    ("fri", "2026-11-20"), ("Friday", "2026-11-20"), ("tue", "2026-11-24"), ("tues", "2026-11-24"),
    ("wed", "2026-11-18"), ("sun", "2026-11-22"), ("thurs", "2026-11-19"),
    ("-2", "2026-11-22"), ("\u{2212}30", "2026-10-25"), ("-0", "2026-11-24"),
    ("28.11.2025", "2025-11-28"), ("1.2.2026", "2026-02-01"), ("01.02.2026", "2026-02-01"),
    // The last such day, or the next within a month.
    ("28.11.", "2026-11-28"), ("24.12.", "2026-12-24"), ("28.12.", "2025-12-28"), ("1.1.", "2026-01-01"),
    ("29.2.", "2024-02-29"),
    ("28/11/2026", "2026-11-28"), ("11/28/2026", "2026-11-28"), ("5/5/2026", "2026-05-05"),
    ("28/11", "2026-11-28"), ("2026-11-20", "2026-11-20"),
  ]) func isRead(text: String, day: String) throws {
    #expect(try TypedDay(text, today: today)?.day == Day(day))
  }

  @Test(arguments: [
    "", "tea", "28.11", "fr", "friendly", "tomorrow", "28.", "1.2.3.4", "99.99.", "+2", "-", "-12345", "0/0",
  ])
  func otherTextIsNoDate(text: String) throws {
    #expect(try TypedDay(text, today: today) == nil)
  }

  @Test func dayAndMonthThatCouldBeSwappedAreRefusedWithBothReadings() {
    #expect(
      refusal("3/4/2026")
        == "\"3/4/2026\" could be Fri 3 April or Wed 4 March. Write 3.4.2026 or 4.3.2026.")
    #expect(refusal("3/4").contains("3 April") && refusal("3/4").contains("4 March"))
  }

  @Test(arguments: [
    ("31.11.", "not in the calendar"), ("29.2.2026", "not in the calendar"),
    ("31/11/2026", "not in the calendar"),
    ("11.28.", "There is no month 28. Write the day first: 28.11."), ("28.11.26", "four digits"),
    ("2026-02-30", "2026-02-30"), ("1899-12-31", "before 1900"),
  ]) func impossibleDateIsRefused(text: String, words: String) {
    #expect(refusal(text).contains(words), "\(refusal(text))")
  }

  @Test func everyDayIsReadInBothNotations() throws {
    for step in Int64(-1200)...1200 {
      let day = today.moved(by: step)
      let parts = day.description.split(separator: "-").compactMap { Int($0) }
      #expect(try TypedDay("\(parts[2]).\(parts[1]).\(parts[0])", today: today)?.day == day)
      let short = try TypedDay("\(parts[2]).\(parts[1]).", today: today)?.day
      let nearest = try #require(short)
      #expect(nearest <= today.moved(by: 31))
      if step <= 31, step > -334 { #expect(nearest == day) }
    }
  }

  @Test func lineTakesTheSameDates() throws {
    let group = QuickEntryTests.group()
    func read(_ line: String) throws -> (Day, String) {
      let entry = try QuickEntry(line, in: group)
      return (entry.date, entry.description)
    }
    for (line, day) in [
      ("9 tea fri", "2026-11-20"), ("fri 9 tea", "2026-11-20"), ("9 tea fri @bob", "2026-11-20"),
      ("9 tea -2", "2026-11-22"), ("tea 9.50 -2", "2026-11-22"), ("9 tea 28.11.", "2026-11-28"),
      ("9 28.11.2025 tea", "2025-11-28"), ("9 tea 28/11/2026", "2026-11-28"),
    ] {
      let found = try read(line)
      #expect(found.0 == Day(day) && found.1 == "tea", "\(line): \(found)")
    }
    // A refund stays one, and so does a fraction.
    #expect(try read("-2 tea").1 == "tea" && read("-2 tea").0 == today)
    #expect(try read("9 1/2 pizza").1 == "1/2 pizza")
  }

  @Test func weekdayBeforeAWordIsRefusedWithBothReadings() throws {
    let group = QuickEntryTests.group()
    let refusal = #expect(throws: QuickEntry.Refusal.self) { try QuickEntry("9 sun cream", in: group) }
    #expect(refusal?.description.contains("could be Sun 22 November or a word") == true)
    #expect(try QuickEntry("9 \"sun\" cream", in: group).description == "sun cream")
    let dates = #expect(throws: QuickEntry.Refusal.self) { try QuickEntry("9 tea fri -2", in: group) }
    #expect(dates?.description.contains("two dates") == true)
    let swapped = #expect(throws: QuickEntry.Refusal.self) { try QuickEntry("9 tea 3/4/2026", in: group) }
    #expect(swapped?.description.contains("3 April") == true)
  }
}
