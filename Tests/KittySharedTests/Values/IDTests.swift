import KittyShared
import TestSupport
import Testing

struct IDTests {
  @Test func idReadsBackAsPrinted() throws {
    var random = Seeded(7)
    for _ in 0..<1000 {
      let id = ID(
        at: Instant(milliseconds: Int64.random(in: 0...4_000_000_000_000, using: &random)), using: &random)
      #expect(ID("\(id)") == id)
      #expect(ID("\(id)".uppercased()) == id)
      #expect(id.version == 7)
    }
  }

  @Test func laterIDsSortLater() {
    let early = ID(at: Instant(milliseconds: 1000))
    let late = ID(at: Instant(milliseconds: 1001))
    #expect(early < late)
    #expect("\(early)" < "\(late)")
    #expect(ID.first < early && late < ID.last)
  }

  @Test func idsOfDaysSortByTheirDays() throws {
    let group = ID(at: Instant(milliseconds: 1_700_000_000_000))
    let days = try ["1970-01-01", "1970-01-02", "2026-12-01", "9999-12-31"].map { try #require(Day($0)) }
    let ids = days.enumerated().map { ID(of: group, number: Int64($0), on: $1) }
    #expect(ids == ids.sorted() && ids.allSatisfy { $0.version == 7 })
    #expect(ids.map { ID("\($0)") } == ids)
    #expect(ID(of: group, number: 1, on: days[2]) != ID(of: group, number: 2, on: days[2]))
    // A day before 1970 has no instant in an id.
    #expect("\(ID(of: group, number: 1, on: try #require(Day("1900-01-01"))))".hasPrefix("00000000-0000-7"))
  }

  @Test(arguments: [
    "", "01932c07", "01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6c", "01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6cff",
    "01932c07a0b17cc2b7a56fd0a2f6a6cf", "01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6cg",
    "{01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6}",
    "01932c07-a0b1-7cc2-b7a5_6fd0a2f6a6cf", "é1932c07-a0b1-7cc2-b7a5-6fd0a2f6a6c",
  ]) func invalidIDIsRejected(text: String) {
    #expect(ID(text) == nil)
  }
}
