import KittyShared
import Testing

/// Tags in texts and in fields.
struct TagsTests {
  @Test(arguments: [
    ("#trip", ["trip"]), ("Dinner #Trip, #sun!", ["trip", "sun"]), ("(#a)", ["a"]), ("#12", []), ("#1a", []),
    ("C# and F#", []), ("a#b", []), ("##b", []), ("https://example.org/#part", []), ("&#x41;", []), ("#", []),
    ("#trip-2026", ["trip-2026"]), ("#trip-", ["trip"]), ("#a_b", ["a_b"]), ("#-a", []), ("#été", ["été"]),
    ("＃夏", ["夏"]), ("#none #NONE #nonesuch", ["nonesuch"]), ("#ÉTÉ", ["été"]), ("#a#b", ["a"]),
    ("#\(String(repeating: "a", count: 51))", []),
    ("#\(String(repeating: "a", count: 50))", [String(repeating: "a", count: 50)]),
  ]) func tagsOfText(text: String, tags: [String]) {
    #expect(Tags.inText(text) == tags)
  }

  @Test func decomposedTagIsComposed() {
    let tag = Tags.normalized("E\u{301}te\u{301}")
    #expect(tag?.unicodeScalars.map(\.value) == [0xE9, 0x74, 0xE9])
  }

  /// Marks that change their order when they are composed, letters that draw nothing, and capitals with a longer small form.
  @Test(arguments: ["\u{345}\u{300}", "\u{3164}", "a\u{34F}b", "\u{301}a", "\u{FFA0}"])
  func invisibleLettersAndMarksBeginNoTag(text: String) {
    #expect(Tags.normalized(text) == nil)
  }

  @Test func storedFormIsTheSameAgain() {
    for value in (0x20...0x2FFFF as ClosedRange<UInt32>) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      for text in ["\(scalar)", "a\(scalar)\u{300}b"] {
        guard let tag = Tags.normalized(text) else { continue }
        let again = Tags.normalized(tag)
        #expect(again.map { $0.utf8.elementsEqual(tag.utf8) } == true, "U+\(String(value, radix: 16))")
      }
    }
  }

  @Test func mergedAreSortedAndOnce() throws {
    #expect(try Tags.merged(["b", "#A"], inText: "x #a #c", "tags") == ["a", "b", "c"])
    #expect(try Tags.merged(nil, inText: "x", "tags") == nil)
    #expect(try Tags.merged([], inText: nil, "tags") == nil)
    #expect(throws: Rejection.self) { try Tags.merged(["a b"], inText: nil, "tags") }
    let ten = (0..<10).map { "t\($0)" }
    #expect(try Tags.merged(ten, inText: "#t1", "tags")?.count == 10)
    #expect(throws: Rejection.self) { try Tags.merged(ten, inText: "#other", "tags") }
  }
}
