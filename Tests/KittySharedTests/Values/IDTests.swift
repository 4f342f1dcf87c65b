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

  @Test(arguments: [
    "", "01932c07", "01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6c", "01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6cff",
    "01932c07a0b17cc2b7a56fd0a2f6a6cf", "01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6cg",
    "{01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6}",
    "01932c07-a0b1-7cc2-b7a5_6fd0a2f6a6cf", "é1932c07-a0b1-7cc2-b7a5-6fd0a2f6a6c",
  ]) func invalidIDIsRejected(text: String) {
    #expect(ID(text) == nil)
  }
}
