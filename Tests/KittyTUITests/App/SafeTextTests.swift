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

  @Test func numberIsNeverCut() {
    #expect(SafeText("Rent 1,234.50 EUR").fitted(to: 10).string == "Rent …")
    #expect(SafeText("Rent 1,234.50 EUR").fitted(to: 14).string == "Rent 1,234.50…")
    #expect(SafeText("-481.42").fitted(to: 5).string == "…")
    #expect(SafeText("on 2026-11-24").fitted(to: 9).string == "on …")
    #expect(SafeText("a-b-c-d-e").fitted(to: 5).string == "a-b-…")
  }

  @Test(arguments: [
    "\u{200b}", "\u{ad}", "\u{2060}", "\u{3164}", "\u{115f}", "\u{1160}", "\u{ffa0}", "\u{34f}",
    "\u{fe0f}", "\u{e0100}", "\u{200c}", "\u{e0061}",
  ])
  func invisibleLetterIsShown(letter: String) {
    #expect(SafeText("anna\(letter)").string == "anna·")
  }

  /// A literal is not cleaned.
  private static func safe(_ text: String) -> SafeText { SafeText(text) }

  @Test func joinersOfPersianAndEmojiDrawNothing() {
    #expect(Self.safe("علی\u{200c}رضا").width == 6)
    #expect(!Self.safe("علی\u{200c}رضا").string.contains("·"))
    #expect(!Self.safe("\"خوب\"\u{200c}ها").string.contains("·"))
    #expect(Self.safe("ක්\u{200d}ර").string.unicodeScalars.contains("\u{200d}"))
    #expect(Self.safe("👨\u{200d}👩\u{200d}👧 week").string == "👨👩👧 week")
    #expect(Self.safe("❤\u{fe0f} 1\u{fe0f}\u{20e3}").string == "❤ 1\u{20e3}")
  }

  @Test func everyLetterOfASyllableHasItsCells() {
    for (text, cells) in [
      ("किराया", ["क", "ि", "र", "ा", "य", "ा"]), ("क्षि", ["क्", "ष", "ि"]), ("น้ำ", ["น้", "ำ"]),
      ("🇩🇪", ["🇩🇪"]), ("🇩🇪🇫🇷🇩", ["🇩🇪", "🇫🇷", "🇩"]), ("👍🏽", ["👍🏽"]),
      ("\u{1112}\u{1161}\u{11ab}", ["\u{1112}\u{1161}\u{11ab}"]),
    ] {
      let found = Self.safe(text).cells
      #expect(found.map { String($0.character) } == cells, "\(text)")
      var canvas = Canvas(width: 20, height: 1)
      canvas.draw(Self.safe(text), row: 0, column: 0)
      #expect(canvas.text == text)
    }
    #expect(Self.safe("🇩🇪🇫🇷").width == 4 && Self.safe("नमस्ते").width == 4)
  }

  @Test func flagIsNeverHalved() {
    #expect(Self.safe("🇩🇪🇫🇷🇮🇹").fitted(to: 4).string == "🇩🇪…")
    var field = TextField()
    for scalar in "🇩🇪e\u{301}न\u{94d}".unicodeScalars { _ = field.edit(.character(Character(scalar))) }
    #expect(field.text == "🇩🇪é" + "न\u{94d}" && field.characters.count == 3)
    _ = field.edit(.backspace)
    _ = field.edit(.backspace)
    #expect(field.text == "🇩🇪")
  }

  @Test func tableOfWidthsIsInOrder() {
    let ranges = WideCharacters.ranges
    #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    for (text, width) in [
      ("⌚", 2), ("㐀", 2), ("𠀀", 2), ("🪿", 2), ("〿", 1), ("ᄀ", 2), ("☀", 1), ("ｱ", 1), ("Ａ", 2),
    ] {
      #expect(SafeText(text).width == width, "\(text)")
    }
  }

  @Test func lookalikeInALatinWordIsMarked() {
    // The first letter is from Cyrillic.
    #expect(Self.safe("аnna owes").string == "‹а›nna owes")
    #expect(Self.safe("Βob, Ηans").string == "‹Β›ob, ‹Η›ans")
    for text in ["Анна", "Νίκος", "5 μm", "Zoë", "Müller-Čapek", "Анна and Bob", "αβ", "Ωmega"] {
      #expect(Self.safe(text).string == text)
    }
    #expect(SafeText(Self.safe("аnna").string).string == "‹а›nna")
  }

  @Test func wraps() {
    #expect(("one two three" as SafeText).wrapped(to: 7).map(\.string) == ["one two", "three"])
    // The secret of an address is not cut off.
    #expect(
      ("at unbreakable words" as SafeText).wrapped(to: 4).map(\.string) == [
        "at", "unbr", "eaka", "ble", "word", "s",
      ])
    #expect(("日本語" as SafeText).wrapped(to: 5).map(\.string) == ["日本", "語"])
  }
}
