import KittyShared
import Testing

@testable import KittyTUI

/// The name before the cursor of a line.
struct QuickCompletionTests {
  private func find(_ line: String, at cursor: Int? = nil) -> QuickCompletion? {
    QuickCompletion(in: Array(line), cursor: cursor ?? line.count)
  }

  @Test func nameBeforeTheCursorIsFound() throws {
    let found = try #require(find("9 tea +ca"))
    #expect(found.sign == .with && found.typed == "ca" && found.range == 6..<9)
    #expect(find("@")?.typed == "" && find("9 @\"Anna M")?.typed == "Anna M")
    #expect(find("9 @\"")?.typed == "" && find("9 tea @bob +ca", at: 10)?.typed == "bob")
    #expect(find("9 -car")?.sign == .without)
  }

  @Test(arguments: [
    "", "9 tea", "9 @bob ", "-5", "9 @bob:12", "9 @\"Anna\"", "9 \"@an", "a@b", "9 @\"Anna\":5",
  ])
  func nothingElseIsCompleted(line: String) {
    #expect(find(line) == nil, "\(line)")
  }

  /// The text that stands for a name means that member.
  @Test func completedNameMeansItsMember() throws {
    let names = ["Anna", "Anna Maria", "me", "Kitty", "a:b", "5 \"inch\"", "Ann", "-5", "Ömer", "\u{200c}x"]
    let members = names.enumerated().map { index, name in
      Member(
        id: Fixtures.id(Int64(index + 1)), name: name, user: nil, role: .guest, photo: nil,
        createdAt: Instant(milliseconds: 0), removedAt: nil)
    }
    let group = QuickGroup(
      currency: Fixtures.eur, members: members, me: members[0].id, today: Day("2026-11-24")!)
    for member in members {
      let text = QuickCompletion.text(of: member, in: members)
      #expect(
        try QuickEntry("9 tea @\(text)", in: group).payers.map(\.account) == [.member(member.id)], "\(text)")
    }
  }
}
