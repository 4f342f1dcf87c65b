import KittyShared
import Testing

struct DayTests {
  @Test func everyDayReadsBack() throws {
    for number in stride(from: Int64(-25_567), through: 2_932_896, by: 37) {
      let day = Day(daysSince1970: number)
      #expect(Day(day.description) == day)
    }
    #expect(Day.last.description == "9999-12-31")
  }

  @Test(arguments: [
    "2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "26-01-01", "2026-01-32", "", "2026/01/01",
    "1899-12-31", "+026-01-01",
  ])
  func dayOutsideCalendarIsRejected(text: String) {
    #expect(Day(text) == nil)
  }

  @Test func dateUpToTenYearsAheadIsAccepted() throws {
    let today = try #require(Day("2026-11-24"))
    for text in ["1900-01-01", "2026-11-24", "2036-11-24"] {
      try #require(Day(text)).requireNear(today, "date")
    }
    for text in ["2036-11-25", "9999-12-31"] {
      #expect(throws: Rejection.self, "\(text)") { try #require(Day(text)).requireNear(today, "date") }
    }
  }
}
