import KittyShared
import Testing

struct SessionTests {
  @Test(
    arguments: [
      ("curl/8.1", "curl/8.1"), ("  a \t\n b  ", "a b"), ("a\u{202E}b\u{0007}c", "a b c"), ("", nil),
      (" \u{200F} ", nil),
      ("\u{200B}", nil), ("Zoë 井上", "Zoë 井上"),
    ] as [(String, String?)])
  func deviceNameKeepsReadableText(text: String, name: String?) {
    #expect(OpenSession.device(from: text) == name)
  }

  @Test func deviceNameIsCutWithoutTrailingSpace() {
    let long = String(repeating: "a", count: 127) + " b"
    #expect(OpenSession.device(from: long) == String(repeating: "a", count: 127))
    #expect(OpenSession.device(from: String(repeating: "é", count: 500))?.unicodeScalars.count == 128)
  }

  @Test func deviceNameFromAnyTextPassesCheck() throws {
    let device = OpenSession.device(from: String(repeating: "a b\u{202E}", count: 100))
    _ = try NewSession(name: "anna", password: "x", device: device).checked()
  }
}
