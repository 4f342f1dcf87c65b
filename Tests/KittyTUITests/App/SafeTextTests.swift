import Testing

@testable import KittyTUI

struct SafeTextTests {
  @Test(
    arguments: [
      0x00, 0x07, 0x08, 0x1b, 0x7f, 0x85, 0x9b, 0x061c, 0x200b, 0x200d, 0x200e, 0x200f, 0x202a, 0x202e,
      0x2060, 0x2066, 0x2069,
      0x2028, 0x2029, 0xfeff, 0x00ad, 0xe000, 0xe0041, 0xe007f, 0x10fffe,
    ] as [UInt32]) func whatHasPowerIsShownAsADot(scalar: UInt32) throws
  {
    let text = "a\(try #require(Unicode.Scalar(scalar)))b"
    #expect(SafeText(text).string == "a·b")
    let mixed: SafeText = "\(text) owes"
    #expect(mixed.string == "a·b owes")
  }

  @Test func lineEndsAndTabsBecomeSpaces() {
    let untrusted = "a\nb\tc\r"
    #expect(SafeText(untrusted).string == "a b c ")
  }

  @Test func peoplesWordsStay() {
    for text in ["Zoë", "שלום", "井上", "e\u{301}", "Straße", "🍕", "€ 12"] {
      #expect(SafeText(text).string == text)
    }
  }

  @Test func aLetterKeepsFourMarks() {
    let zalgo = SafeText("a" + String(repeating: "\u{301}", count: 50))
    #expect(zalgo.string.unicodeScalars.count == 5 && zalgo.width == 1)
  }

  @Test func widths() {
    for (text, width) in [
      ("abc", 3), ("井上", 4), ("🍕", 2), ("e\u{301}", 1), ("ﾊ", 1), ("한글", 4), ("…", 1), ("█", 1),
    ] {
      #expect(SafeText(text).width == width, "\(text)")
    }
  }

  @Test func fitsToColumns() {
    #expect(SafeText("abcdef").fitted(to: 4).string == "abc…")
    #expect(SafeText("abcd").fitted(to: 4).string == "abcd")
    #expect(SafeText("井上明子").fitted(to: 4).string == "井…")
    #expect(SafeText("abc").fitted(to: 0).string == "")
    #expect(SafeText("abc").fitted(to: 1).string == "…")
  }

  @Test func wraps() {
    #expect(("one two three" as SafeText).wrapped(to: 7).map(\.string) == ["one two", "three"])
    #expect(("unbreakable" as SafeText).wrapped(to: 4).map(\.string) == ["unbreakable"])
  }
}
