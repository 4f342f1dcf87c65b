import KittyShared
import Testing

@testable import KittyTUI

/// Meanings and rejections of lines of quick entry.
struct QuickEntryTests {
  static let names = ["Anna", "Bob", "Carl", "Anna Maria", "Hans", "Hanna", "Kitty", "井上 明子"]
  static let members = names.enumerated().map { index, name in
    Member(
      id: Fixtures.id(Int64(index + 1)), name: name, user: nil, role: .guest, photo: nil,
      createdAt: Instant(milliseconds: 0), removedAt: nil)
  }
  /// The group as seen by Bob.
  static func group(_ code: String = "EUR") -> QuickGroup {
    QuickGroup(
      currency: Currency(code: code)!, members: members, me: members[1].id, today: Day("2026-11-24")!)
  }
  static func id(_ name: String) -> ID { members[names.firstIndex(of: name)!].id }
  static func account(_ name: String) -> LedgerAccount { .member(id(name)) }

  private func read(_ line: String, _ code: String = "EUR") throws -> QuickEntry {
    try QuickEntry(line, in: Self.group(code))
  }

  private func refusal(_ line: String, _ code: String = "EUR") -> String {
    #expect(throws: QuickEntry.Refusal.self, "\(line)") { try read(line, code) }?.description ?? ""
  }

  @Test func readsTheExampleOfTheHelp() throws {
    let entry = try read("42.50 dinner @anna +bob +carl")
    #expect(entry.amount == Amount(4250, Fixtures.eur))
    #expect(entry.description == "dinner")
    #expect(entry.date == Day("2026-11-24"))
    #expect(entry.payers == [Payer(Self.account("Anna"), amount: .minorUnits(4250))])
    #expect(entry.participants == [Self.id("Bob"), Self.id("Carl")])
    let request = try entry.expense(id: Fixtures.id(99))
    #expect(request.payer == Self.account("Anna") && request.payers == nil)
  }

  /// The joiner U+200C after a quotation mark is ordinary spelling in Persian.
  @Test func quotationMarkWithAJoinerIsRead() throws {
    #expect(try read("12 \"کتاب 5\"\u{200c}ها").description == "کتاب 5 \u{200c}ها")
  }

  @Test func authorPaysForAllMembersByDefault() throws {
    let entry = try read("12 taxi")
    #expect(entry.payers.map(\.account) == [Self.account("Bob")])
    #expect(entry.participants == nil)
  }

  @Test(arguments: [
    ("42.50 dinner", 4250, "EUR", "dinner"), ("42,50 dinner", 4250, "EUR", "dinner"),
    ("1'200.50 rent", 120_050, "EUR", "rent"), ("1.200,50 rent", 120_050, "EUR", "rent"),
    ("dinner 42.50", 4250, "EUR", "dinner"), ("dinner 42 in town", 4200, "EUR", "dinner in town"),
    ("€12 taxi", 1200, "EUR", "taxi"), ("12€ taxi", 1200, "EUR", "taxi"), (".50 gum", 50, "EUR", "gum"),
    ("42.50 USD dinner", 4250, "USD", "dinner"), ("USD 42.50 dinner", 4250, "USD", "dinner"),
    ("42.50USD dinner", 4250, "USD", "dinner"), ("USD42.50 dinner", 4250, "USD", "dinner"),
    ("5000 JPY sushi", 5000, "JPY", "sushi"), ("1.234 JPY tea", 1234, "JPY", "tea"),
    ("12 eur taxi", 1200, "EUR", "taxi"),
    ("12eur taxi", 1200, "EUR", "taxi"), ("dinner USD 7 x", 700, "USD", "dinner x"),
    ("-42.50 deposit back", -4250, "EUR", "deposit back"), ("\u{2212}5 refund", -500, "EUR", "refund"),
    ("-€5 refund", -500, "EUR", "refund"), ("refund -5", -500, "EUR", "refund"),
    // Whole numbers beside an amount belong to the description.
    ("42.50 dinner for 2", 4250, "EUR", "dinner for 2"), ("42 dinner for 2", 4200, "EUR", "dinner for 2"),
    ("dinner for 2 42.50", 4250, "EUR", "dinner for 2"), ("dinner for 2 42 EUR", 4200, "EUR", "dinner for 2"),
    ("2026-11-20 42 dinner for 2", 4200, "EUR", "dinner for 2"),
    ("@anna 42 dinner for 2", 4200, "EUR", "dinner for 2"),
    (#"42.50 "2.5 kg" rice"#, 4250, "EUR", "2.5 kg rice"), (#""2" beers 7"#, 700, "EUR", "2 beers"),
    // What only looks like a number, a code, a name or a date.
    ("12 24/7 shop", 1200, "EUR", "24/7 shop"), ("12 at 10:30", 1200, "EUR", "at 10:30"),
    ("12 2nd round", 1200, "EUR", "2nd round"), (#"12 "top" class"#, 1200, "EUR", "top class"),
    ("12 a top class", 1200, "EUR", "a top class"), (#"12 "$" tea"#, 1200, "EUR", "$ tea"),
    // The group's own currency, written in any way.
    ("12 € tea", 1200, "EUR", "tea"), ("€ 12 tea", 1200, "EUR", "tea"), ("12 Eur tea", 1200, "EUR", "tea"),
    // Three digits that are no part of the amount.
    ("42.50 200 g rice", 4250, "EUR", "200 g rice"), (#"1 "200" rent"#, 100, "EUR", "200 rent"),
    ("1234 200 g rice", 123_400, "EUR", "200 g rice"), ("12 USD rice 200 g", 1200, "USD", "rice 200 g"),
    // A code that is surely one, beside other numbers.
    ("5 TOP songs 12", 500, "TOP", "songs 12"), ("TOP 5.50 songs 12", 550, "TOP", "songs 12"),
    ("TOP5 songs 12", 500, "TOP", "songs 12"), ("EUR 5 songs 12", 500, "EUR", "songs 12"),
    (#""TOP" 5 songs "12""#, 500, "EUR", "TOP songs 12"),
    ("12 fish + chips", 1200, "EUR", "fish + chips"), ("12 Bonn - Berlin", 1200, "EUR", "Bonn - Berlin"),
    ("12 lunch @ work", 1200, "EUR", "lunch @ work"), ("12 \"@anna\"", 1200, "EUR", "@anna"),
    ("12 \"yesterday\"", 1200, "EUR", "yesterday"), ("12 a@b.org", 1200, "EUR", "a@b.org"),
    ("12 12\" pizza", 1200, "EUR", "12\" pizza"), ("  12 \t big   tea ", 1200, "EUR", "big tea"),
  ]) func findsTheAmount(line: String, units: Int64, code: String, description: String) throws {
    let entry = try read(line)
    #expect(entry.amount == Amount(units, Currency(code: code)!))
    #expect(entry.description == description)
  }

  @Test func readsAmountsAsTheGroupsCurrencyHasThem() throws {
    #expect(try read("1,234 sushi", "JPY").amount.minorUnits == 1234)
    #expect(try read("₹1,00,000 rent", "INR").amount.minorUnits == 10_000_000)
    #expect(try read("50kr taxi", "SEK").amount == Amount(5000, Currency(code: "SEK")!))
    #expect(try read("12.3 dinner", "KWD").amount.minorUnits == 12_300)
  }

  @Test(arguments: [
    ("2 beers 7.50", "\"2\" or \"7.50\""), ("42.50 rice 2.5", "\"42.50\" or \"2.5\""),
    ("dinner for 2 42", "\"2\" or \"42\""), ("dinner 3.5 7.5", "\"3.5\" or \"7.5\""),
    ("2 USD 5 tea", "\"2\" or \"5\""), ("USD 42.50 EUR dinner", "are two currencies"),
    ("1,234 rent", "1234"), ("dinner", "no amount"), ("", "no amount"), ("@anna", "no amount"),
    ("$5 tea", "\"$\" must not be here"), ("0 tea", "zero"), ("42.505 tea", "could mean"),
    ("42.5055 tea", "2 decimals"),
    ("99999999999999999999 tea", "too large"), ("10000000000.01 tea", "at most"),
    ("12 $ tea", "as in 12 USD"), ("12 £ tea", "as in 12 GBP"), ("£ 12 tea", "as in 12 GBP"),
    ("12 kr taxi", "DKK, NOK or SEK"), ("tea 12 US$", "as in 12 USD"), ("42.50 usd dinner", "USD beside"),
    ("20 usd", "USD beside"), ("dinner Usd 20", "USD beside"), ("12 top class", "\"top\" in quotation marks"),
    ("1 200 rent", "Write 1200"), ("12\u{a0}500 rent", "Write 12500"), ("1 200 000 rent", "Write 1200000"),
    ("-1 200 rent", "Write -1200"), ("EUR 1 200 rent", "Write 1200"), ("rent 1 200", "Write 1200"),
    ("TOP 5 songs 12", "\"TOP 5\" or \"12\""), ("12 songs TOP 5", "\"12\" or \"5\""),
    ("50kr taxi", "no amount"), ("1e3 tea", "no amount"), ("١٢ tea", "no amount"),
  ]) func refusesAnAmountThatIsNotClear(line: String, words: String) {
    #expect(refusal(line).contains(words), "\(refusal(line))")
  }

  @Test func severalPay() throws {
    let both = try read("42.50 dinner @anna:30 @bob:12.50")
    #expect(
      both.payers == [
        Payer(Self.account("Anna"), amount: .minorUnits(3000)),
        Payer(Self.account("Bob"), amount: .minorUnits(1250)),
      ])
    #expect(try both.expense(id: Fixtures.id(99)).payers == both.payers)
    // One of them may be left open.
    #expect(try read("42.50 dinner @anna:30 @bob").payers == both.payers)
    #expect(try read("42.50 dinner @\"Anna\":30 @bob").payers == both.payers)
    #expect(
      try read("-10 back @anna:-4 @bob").payers == [
        Payer(Self.account("Anna"), amount: .minorUnits(-400)),
        Payer(Self.account("Bob"), amount: .minorUnits(-600)),
      ])
    #expect(try read("60 dinner @kitty:40 @me").payers.map(\.account) == [.kitty, Self.account("Bob")])
    #expect(try read("12 tea @anna:12").payers == [Payer(Self.account("Anna"), amount: .minorUnits(1200))])
    #expect(
      try read("12 USD tea @anna:5USD @bob").payers.map(\.amount) == [.minorUnits(500), .minorUnits(700)])
  }

  @Test(arguments: [
    ("42.50 dinner @anna:30 @bob:12", "0.50 EUR is missing"),
    ("42.50 dinner @anna:30 @bob:13", "0.50 EUR is too much"),
    ("42.50 dinner @anna:43 @bob", "0.50 EUR is too much"),
    ("42.50 dinner @anna:42.50 @bob", "Nothing is left"),
    ("42.50 dinner @anna @bob", "Only one payer can be without"),
    ("42.50 dinner @anna:0 @bob", "zero"), ("42.50 dinner @anna:-5 @bob", "every amount is negative"),
    ("42.50 dinner @anna:x @bob", "The amount of Anna: \"x\" is not an amount"),
    ("42.50 dinner @anna: @bob", "Write what Anna paid"), ("5 x @kitty:", "what the kitty paid"),
    ("42.50 dinner @anna:0 @bob", "The amount of Anna"),
    ("42.50 dinner @anna:5USD @bob", "the currency of the expense"), ("42.50 dinner @anna:5 @Anna", "twice"),
    ("42.50 dinner @me:5 @bob", "twice"), ("12 tea @anna:11", "1.00 EUR is missing"),
  ]) func refusesPayersThatDoNotAddUp(line: String, words: String) {
    #expect(refusal(line).contains(words), "\(refusal(line))")
  }

  @Test func readsParticipants() throws {
    #expect(try read("9 tea +me +carl").participants == [Self.id("Bob"), Self.id("Carl")])
    let without = try read("9 tea -carl -\"Anna Maria\"")
    #expect(
      without.participants
        == Self.members.map(\.id).filter { ![Self.id("Carl"), Self.id("Anna Maria")].contains($0) })
    #expect(refusal("9 tea +anna -carl").contains("not both"))
    #expect(refusal("9 tea +anna +Anna").contains("once"))
    #expect(refusal("9 tea -anna -Anna").contains("once"))
    #expect(refusal("9 tea +anna:5").contains("Only a payer"))
    #expect(refusal("9 tea +kitty").contains("kitty"))
    let allMembers = Self.names.map { "-\"\($0)\"" }.joined(separator: " ")
    #expect(refusal("9 tea " + allMembers).contains("take part"))
  }

  @Test(arguments: [
    ("@anna", "Anna"), ("@ANNA", "Anna"), ("@\"Anna Maria\"", "Anna Maria"), ("@\"anna m\"", "Anna Maria"),
    ("@b", "Bob"), ("@hann", "Hanna"), ("@han", nil), ("@ha", nil), ("@an", nil), ("@dan", nil),
    ("@\"\"", nil),
    ("@:5", nil), ("@井", "井上 明子"), ("@\"me\"", nil), ("@\"kitty\"", "Kitty"), ("@kit", "Kitty"),
    ("@\"bob", nil),
  ]) func findsNames(word: String, name: String?) throws {
    if let name {
      #expect(try read("9 tea \(word)").payers.map(\.account) == [Self.account(name)])
    } else {
      #expect(!refusal("9 tea \(word)").isEmpty)
    }
  }

  @Test func listsThePossibleNames() {
    #expect(refusal("9 tea @han") == "\"han\" could be Hans or Hanna. Write more of the name.")
    #expect(refusal("9 tea +dan").contains("Its members are Anna, Bob, Carl, Anna Maria"))
  }

  @Test func anIDIsANameToo() throws {
    #expect(try read("9 tea @\(Self.id("Carl"))").payers.map(\.account) == [Self.account("Carl")])
    #expect(!refusal("9 tea @\(Fixtures.id(77))").isEmpty)
  }

  @Test func theKittyPays() throws {
    #expect(try read("9 tea @kitty").payers.map(\.account) == [.kitty])
    #expect(try read("9 tea @KITTY").payers.map(\.account) == [.kitty])
  }

  @Test func readsDates() throws {
    #expect(try read("9 tea 2026-11-20").date == Day("2026-11-20"))
    #expect(try read("yesterday 9 tea").date == Day("2026-11-23"))
    #expect(try read("9 tea today").date == Day("2026-11-24"))
    #expect(try read("9 tea today").description == "tea")
    #expect(refusal("9 tea 2026-02-30").contains("2026-02-30"))
    #expect(refusal("9 tea 2026-11-20 yesterday").contains("two dates"))
    #expect(
      refusal("5 x 1899-01-01").contains("1899-01-01") && refusal("5 x 1899-01-01").contains("before 1900"))
    #expect(try read("9 tea 20-11-2026").description == "tea 20-11-2026")
  }

  @Test func readsTheDescription() throws {
    #expect(refusal("9 @anna").contains("description is missing"))
    #expect(refusal("9 \"unclosed").contains("not closed"))
    #expect(refusal("9 \" \"").contains("no text between"))
    #expect(try read("9 \"tea  for two\"").description == "tea  for two")
    let long = try read("9 " + String(repeating: "x", count: 201))
    #expect(throws: Rejection.self) { try long.expense(id: Fixtures.id(99)) }
    let hidden = try read("9 tea\u{1b}[2J")
    #expect(throws: Rejection.self) { try hidden.expense(id: Fixtures.id(99)) }
  }
}
