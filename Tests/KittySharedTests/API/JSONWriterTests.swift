import Foundation
import Testing

@testable import KittyShared

struct JSONWriterTests {
  private struct Everything: Codable, Equatable {
    var text = "Zoë's \"table\" \\ \n\r\t\u{0}\u{1f}\u{7f} 井上 🍕 /"
    var empty = ""
    var yes = true
    var no = false
    var smallest = Int64.min
    var largest = UInt64.max
    var byte: UInt8 = 255
    var fraction = 0.1
    var nothing: Int?
    var something: Int? = 7
    var list = [1, 2, 3]
    var none: [String] = []
    var lists = [[1], [], [2, 3]]
    var maybe: [Int?] = [1, nil]
    var words = ["a\"b": "c", "d": "e"]
    var numbers = [1: "one"]
    var inner = Inner()
    var inners = [Inner(), Inner(children: [Inner()])]
    var choice = Choice.other(name: "x")
    var id = ID(at: Instant(milliseconds: 1_700_000_000_000))
  }

  private struct Inner: Codable, Equatable {
    var children: [Inner] = []
  }

  private enum Choice: Codable, Equatable {
    case one
    case other(name: String)
  }

  @Test func foundationDecodesWrittenJSON() throws {
    let value = Everything()
    let bytes = try JSON.encode(value)
    #expect(try JSONDecoder().decode(Everything.self, from: bytes) == value)
    // The JSON equals the output of Foundation's encoder.
    let ours = try #require(try JSONSerialization.jsonObject(with: bytes) as? NSDictionary)
    let theirs = try JSONSerialization.jsonObject(with: try JSONEncoder().encode(value))
    #expect(ours == theirs as? NSDictionary)
  }

  @Test func scalarsAndListsAreWritten() throws {
    #expect(try JSON.text(of: "x") == "\"x\"")
    #expect(try JSON.text(of: 7) == "7")
    #expect(try JSON.text(of: [0, 9, 10, -1, -10, 1_000_203]) == "[0,9,10,-1,-10,1000203]")
    #expect(try JSON.text(of: [Int64.min, .max]) == "[-9223372036854775808,9223372036854775807]")
    #expect(try JSON.text(of: [true, false]) == "[true,false]")
    #expect(try JSON.text(of: Empty()) == "{}")
    #expect(try JSON.text(of: [Int]()) == "[]")
    #expect(try JSON.text(of: [Empty(), Empty()]) == "[{},{}]")
    #expect(try JSON.text(of: Int?.none) == "null")
  }

  @Test func keysAreInDeclarationOrder() throws {
    let money = Money(amount: 5, currency: try #require(Currency(code: "EUR")))
    #expect(try JSON.text(of: money) == #"{"amount":5,"currency":"EUR"}"#)
  }

  @Test(arguments: [Double.infinity, -.infinity, .nan]) func nonFiniteNumberIsAnError(number: Double) {
    #expect(throws: EncodingError.self) { try JSON.encode(number) }
  }

  /// Containers inside of containers, and two for the same value.
  private struct ByHand: Encodable {
    enum Key: String, CodingKey { case a, b, c, d }
    func encode(to encoder: any Encoder) throws {
      var object = encoder.container(keyedBy: Key.self)
      var inner = object.nestedContainer(keyedBy: Key.self, forKey: .a)
      try inner.encode(1, forKey: .b)
      var list = object.nestedUnkeyedContainer(forKey: .b)
      try list.encode(2)
      var deep = list.nestedContainer(keyedBy: Key.self)
      try deep.encodeNil(forKey: .c)
      try list.encode("after")
      var again = encoder.container(keyedBy: Key.self)
      try again.encode(3, forKey: .c)
      try [4].encode(to: object.superEncoder(forKey: .d))
    }
  }

  @Test func nestedContainersAreWritten() throws {
    #expect(try JSON.text(of: ByHand()) == #"{"a":{"b":1},"b":[2,{"c":null},"after"],"c":3,"d":[4]}"#)
  }

  /// An entry whose content is JSON already is written, read and compared as any other.
  @Test func writtenContentIsWrittenAsItIs() throws {
    let content = EntryContent(
      kind: .payment, description: "Zoë's \"table\"", amount: Amount(1250, .init(code: "EUR")!), rate: nil,
      booked: Amount(1250, .init(code: "EUR")!), date: .first, note: "井上\n", from: .kitty, to: .member(.first)
    )
    let now = Instant(milliseconds: 1_700_000_000_000)
    func entry(_ written: String?) -> Entry {
      Entry(
        id: .first, number: 7, content: content, createdBy: .first, createdAt: now, changedAt: now,
        deletedAt: nil, commentCount: 0, version: 1, writtenContent: written)
    }
    let (plain, written) = (entry(nil), entry(try JSON.text(of: content)))
    #expect(try JSON.text(of: [written, plain]) == JSON.text(of: [plain, written]))
    #expect(try JSON.text(of: Entered.entry(written)) == JSON.text(of: plain))
    #expect(written == plain && Set([written, plain]).count == 1)
    // Another encoder writes the content itself.
    #expect(try JSONEncoder().encode(entry("{}")).count > 200)
  }
}
