import FoundationEssentials
import KittyShared
import Testing

struct JSONTests {
  private func decode(_ text: String) throws(Rejection) -> NewExpense {
    try JSON.decodeRequest(NewExpense.self, from: Data(text.utf8)).checked()
  }
  private static let payer = "01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6c1"
  private func expense(_ fields: String) -> String {
    "{\"description\": \"Dinner\", \"payer\": \"\(Self.payer)\", \(fields)}"
  }

  @Test func amountIsReadInBothForms() throws {
    #expect(try decode(expense("\"amount\": 4250")).amount == .minorUnits(4250))
    #expect(try decode(expense("\"amount\": \"42.50\"")).amount == .decimal("42.50"))
  }

  @Test(arguments: [
    ("\"amount\": 42.5", "amount", "fraction"), ("\"amount\": 42.0", "amount", "fraction"),
    ("\"amount\": 1e3", "amount", "fraction"), ("\"amount\": 1E3", "amount", "fraction"),
    ("\"amount\": 1, \"rate\": 1.1", "rate", "fraction"),
    (
      "\"amount\": 1, \"split\": {\"method\": \"shares\", \"parts\": [{\"weight\": 1}, {\"a,b\": [[2, 3], {}], \"weight\": 1.5}]}",
      "split.parts.1.weight", "fraction"
    ),
    ("\"participants\": [\"a\", 1e2]", "participants.1", "fraction"),
    ("\"amount\": 99999999999999999999", "amount", "not_an_amount"),
    ("\"amount\": null", "amount", "missing"), ("\"amount\": 1, \"note\": null", "note", "missing"),
    ("\"amount\": 1, \"split\": {\"method\": \"equally\", \"parts\": null}", "split.parts", "missing"),
    (
      "\"amount\": 1, \"split\": {\"method\": \"percentages\", \"parts\": [{\"member\": \"\(payer)\", \"percent\": \"-0\"}]}",
      "split.parts.0.percent", "not_a_percentage"
    ),
    ("\"amount\": true", "amount", "not_an_amount"), ("\"amount\": [1]", "amount", "not_an_amount"),
    ("\"amount\": 1, \"amuont\": 2", "amuont", "unknown_field"),
    ("\"amount\": 1, \"currency\": \"EURO\"", "currency", "unknown_currency"),
    ("\"amount\": 1, \"date\": \"2026-02-30\"", "date", "not_a_date"),
    ("\"amount\": 1, \"id\": \"7\"", "id", "not_an_id"),
    ("\"amount\": 1, \"id\": \"c0ffee07-a0b1-4cc2-b7a5-6fd0a2f6a6cf\"", "id", "not_version_7"),
    ("\"amount\": 1, \"participants\": \"all\"", "participants", "wrong_type"),
    ("\"amount\": 1, \"participants\": []", "participants", "nobody"),
    ("\"amount\": 1, \"participants\": [\"\(payer)\", \"x\"]", "participants.1", "not_an_id"),
    ("\"amount\": 1, \"participants\": [\"\(payer)\", \"\(payer)\"]", "participants", "twice"),
  ]) func badFieldIsNamed(fields: String, field: String, code: String) {
    let problem = #expect(throws: Rejection.self) { try decode(expense(fields)) }
    #expect(problem?.reason == .invalid)
    #expect(problem?.errors?.first?.field == field)
    #expect(problem?.errors?.first?.code == code)
  }

  @Test func nullClearsNullableFieldsOnly() throws {
    let change = try JSON.decodeRequest(ExpenseChange.self, from: Data("{\"note\": null}".utf8))
    #expect(change.note == .clear && change.rate == .keep)
    let problem = #expect(throws: Rejection.self) {
      try JSON.decodeRequest(ExpenseChange.self, from: Data("{\"note\": null, \"date\": null}".utf8))
    }
    #expect(problem?.errors?.map(\.field) == ["date"])
  }

  @Test func decimalPointInsideStringIsAccepted() throws {
    let sent = "{\"description\": \"2.5 l \\\"milk\\\" 1.0\", \"payer\": \"\(Self.payer)\", \"amount\": 1}"
    #expect(try decode(sent).description == "2.5 l \"milk\" 1.0")
  }

  @Test(arguments: ["", "{", "[]", "null", "\"x\"", "{\"a\":}", "nonsense", "{} {}", "\u{0}"])
  func nonObjectIsRejected(text: String) {
    let problem = #expect(throws: Rejection.self) { try decode(text) }
    #expect(problem?.reason == .malformed || problem?.reason == .invalid)
  }

  /// In another encoding the decoder would read text that the scan has not checked.
  @Test func otherEncodingsAreRejected() {
    let sent = expense("\"note\": \"\u{122}\", \"amount\": 10.0")
    let little = sent.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    let big = sent.unicodeScalars.flatMap { scalar in
      (0..<4).map { UInt8(scalar.value >> (24 - 8 * $0) & 0xff) }
    }
    for bytes in [little, [0xff, 0xfe] + little, big] {
      let problem = #expect(throws: Rejection.self) {
        try JSON.decodeRequest(NewExpense.self, from: Data(bytes))
      }
      #expect(problem?.code == "malformed_json")
    }
  }

  @Test(arguments: [
    ("100000000000000000000", "out_of_range"), ("9223372036854775808", "out_of_range"),
    ("-9223372036854775809", "out_of_range"), ("1e400", "fraction"), ("1.5", "fraction"),
    ("18446744073709551617", "out_of_range"),
  ]) func numberThatIsNoWholeOneOf64BitsIsRefusedByName(number: String, code: String) {
    for (body, field) in [
      (expense(#""amount": \#(number)"#), "amount"),
      (
        expense(
          #""amount": 1, "split": {"method": "shares", "parts": [{"member": "\#(Self.payer)", "weight": \#(number)}]}"#
        ), "split.parts.0.weight"
      ),
    ] {
      let problem = #expect(throws: Rejection.self) { try decode(body) }
      let found = problem?.errors?.first
      // An amount names its own codes.
      let expected = field == "amount" && code == "out_of_range" ? "not_an_amount" : code
      #expect(found?.code == expected && found?.field == field, "\(body)")
    }
  }

  @Test func largestNumbersOf64BitsAreRead() throws {
    for number in [Int64.min, .max, 0, -7] {
      let sent = expense("\"amount\": \(number)")
      #expect(try decode(sent).amount == .minorUnits(number))
    }
  }

  @Test(arguments: ["[1, ]", "{\"a\": 1,}", "{\"a\": [1,\n]}"]) func trailingCommaIsRejected(text: String) {
    let problem = #expect(throws: Rejection.self) { try decode(text) }
    #expect(problem?.code == "malformed_json")
  }

  @Test func invalidUTF8IsRejected() {
    #expect(throws: Rejection.self) {
      try JSON.decodeRequest(NewGroup.self, from: Data([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))
    }
  }

  @Test func deepNestingIsRejectedWithoutCrash() {
    let deep = String(repeating: "[", count: 60_000)
    #expect(throws: Rejection.self) { try decode(deep) }
  }

  /// A body that no decoder may see.
  private struct Undecoded: KnownFields {
    enum CodingKeys: String, CodingKey, CaseIterable { case x }
    init(from decoder: any Decoder) throws { Issue.record("the decoder was asked") }
    func encode(to encoder: any Encoder) throws {}
  }

  private func rejection(of text: String) -> Rejection? {
    #expect(throws: Rejection.self) { try JSON.decodeRequest(Undecoded.self, from: Data(text.utf8)) }
  }

  @Test(arguments: ["k", "\\n", "\\u0041"]) func objectOfManyFieldsIsRefusedBeforeItIsDecoded(start: String) {
    for count in [65, 1000, 100_000] {
      let fields = (0..<count).map { "\"\(start)\($0)\":1" }.joined(separator: ",")
      let rejection = rejection(of: "{\"split\": [{\"parts\": {\(fields)}}]}")
      #expect(rejection?.errors?.map(\.code) == ["too_many"])
      #expect(rejection?.errors?.map(\.field) == ["split.0.parts"])
    }
    let fields = (0..<64).map { "\"\(start)\($0)\": 1" }.joined(separator: ",")
    let rejection = #expect(throws: Rejection.self) { try decode("{\(fields)}") }
    #expect(rejection?.errors?.first?.code == "unknown_field")
  }

  @Test func bodyOfMillionsOfValuesIsRefusedBeforeItIsDecoded() {
    let list = "{\"x\": [" + String(repeating: "1,", count: 5_000_001) + "1]}"
    #expect(rejection(of: list)?.errors?.map(\.code) == ["too_many"])
  }

  @Test(arguments: [
    ("\\u0061mount", "amount"), ("\\u0061\\u006dount", "amount"), ("a\\/b", "a/b"),
    ("\\ud83c\\udf55", "🍕"), ("q\\\"\\\\\\b\\f\\n\\r\\t", "q\"\\\u{8}\u{c}\n\r\t"),
  ]) func fieldIsRefusedTwiceHoweverItIsWritten(escaped: String, plain: String) throws {
    let again = String(decoding: try JSON.encode([plain: 1]), as: UTF8.self).dropFirst().dropLast()
    let rejection = rejection(of: "{\"\(escaped)\": 1, \(again)}")
    #expect(rejection?.errors?.map(\.code) == ["twice"])
    #expect(rejection?.errors?.map(\.field) == [plain])
  }

  @Test func responseMayHaveUnknownFields() throws {
    let sent = "{\"amount\": 5, \"currency\": \"EUR\", \"new\": 1.5}"
    #expect(try JSON.decode(Money.self, from: Data(sent.utf8)).amount == 5)
  }
}
