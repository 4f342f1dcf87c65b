import KittyShared
import TestSupport
import Testing

/// Values in the query of an address.
struct QueryTextTests {
  @Test(arguments: [
    ("a+b%20c", "a b c"), ("%C3%a9t%C3%A9", "été"), ("100%", "100%"), ("%zz%4", "%zz%4"), ("%2B%25", "+%"),
    ("%FF", "\u{fffd}"), ("", ""), ("date%3A2026..", "date:2026.."),
  ]) func valueIsDecoded(part: String, value: String) {
    #expect(QueryText.decoded(part) == value)
  }

  @Test func encodedValueIsReadAgain() {
    var random = Seeded(5)
    for _ in 0..<200 {
      let scalars = (0..<20).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0...0x500, using: &random)) }
      var view = String.UnicodeScalarView()
      view.append(contentsOf: scalars)
      let text = String(view)
      let parameters = QueryText.parameters(of: "q=\(QueryText.encoded(text))&limit=5")
      #expect(parameters.map(\.name) == ["q", "limit"] && parameters.map(\.value) == [text, "5"])
    }
  }

  @Test func parametersAreSplitAtTheFirstSign() {
    let parameters = QueryText.parameters(of: "a=b=c&&d&=e")
    #expect(parameters.map(\.name) == ["a", "d", ""] && parameters.map(\.value) == ["b=c", "", "e"])
  }
}
