import KittyShared
import Testing

/// Weekdays, months and the parts of days.
struct CalendarTests {
  @Test func partsMakeTheDay() throws {
    var day = try #require(Day("1899-12-31") ?? Day("1900-01-01"))
    for _ in 0..<60_000 {
      let (year, month, number) = day.parts
      func padded(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
      #expect(Day("\(year)-\(padded(month))-\(padded(number))") == day)
      let next = day.moved(by: 1)
      #expect(next.weekday.rawValue == (day.weekday.rawValue + 1) % 7)
      day = next
    }
  }

  @Test func weekdaysAndMonthsHaveTheirNames() throws {
    let day = try #require(Day("2026-11-24"))
    #expect(day.weekday == .tuesday && day.weekday.name == "Tuesday" && day.weekday.short == "Tue")
    #expect(day.month == "November" && day.shortMonth == "Nov")
    #expect(Day.first.weekday == .monday)
    #expect(day.weekday.days(since: .monday) == 1 && day.weekday.days(since: .wednesday) == 6)
    #expect(day.moved(by: -24).description == "2026-10-31")
  }
}
