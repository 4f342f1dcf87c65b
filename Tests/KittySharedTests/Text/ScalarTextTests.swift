import KittyShared
import Testing

/// Text is cleaned scalar by scalar: a mark or a joiner is one `Character` with what stands before it.
struct ScalarTextTests {
  @Test(arguments: [
    ("  a  ", "a"), ("\u{a0}a\u{3000}", "a"), (" \t\n", ""), ("", ""), ("a \u{301}", "a \u{301}"),
    (" \u{301}a", "\u{301}a"), ("a\u{200c} ", "a\u{200c}"), (" \u{200c}", "\u{200c}"),
  ]) func markAfterWhiteSpaceIsNotTrimmed(text: String, trimmed: String) {
    #expect(Array(text.trimmed.unicodeScalars) == Array(trimmed.unicodeScalars))
  }

  @Test(arguments: [
    ("a\r\nb", "a\nb"), ("a\rb\r\r\nc", "a\nb\n\nc"), ("a\n\nb", "a\n\nb"), ("\ta\t\u{301}", " a \u{301}"),
    ("a\r\n", "a\n"), ("کتاب\u{200c}ها", "کتاب\u{200c}ها"),
  ]) func lineEndsOfOtherSystemsBecomeLineFeeds(text: String, plain: String) {
    #expect(Array(text.withPlainLines.unicodeScalars) == Array(plain.unicodeScalars))
  }

  @Test(arguments: [
    ("\u{9b}2J", #"\u009b2J"#), ("a\u{7f}", #"a\u007f"#), ("\u{202e}x\u{2066}", #"\u202ex\u2066"#),
    ("\u{1b}[31m", #"\u001b[31m"#), ("\u{e0041}", #"\udb40\udc41"#), ("\u{2028}", #"\u2028"#),
    ("a\nb", "a\nb"), ("Zoë 井上 علی\u{200c}رضا 👨‍👩‍👧", "Zoë 井上 علی\u{200c}رضا 👨‍👩‍👧"),
  ]) func invisibleControlsAreEscaped(text: String, safe: String) {
    #expect(text.withoutInvisibleControls == safe)
  }

  @Test func cutTextHasNoMoreScalarsThanAllowed() {
    #expect(("a" + String(repeating: "\u{301}", count: 100)).cut(to: 5).unicodeScalars.count == 5)
    #expect("ab".cut(to: 5) == "ab")
  }
}
