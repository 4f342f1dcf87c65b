import KittyShared
import TestSupport
import Testing

/// The entries that meet a filter.
struct FilterMatchingTests {
  private static func id(_ number: Int) -> ID { ID("01932c07-0000-7000-8000-00000000000\(number)")! }
  private static let (anna, bob, carl) = (id(1), id(2), id(3))
  private static let (food, meals) = (id(4), id(5))
  private static let euro = Currency(code: "EUR")!

  private static let context = FilterContext(
    members: [
      .init(id: anna, name: "Anna", isPresent: true), .init(id: bob, name: "Bøb", isPresent: true),
      .init(id: carl, name: "Carl", isPresent: false),
    ], me: anna,
    categories: [.init(id: food, name: "Food", parent: nil), .init(id: meals, name: "Meals", parent: food)],
    today: Day("2026-11-29")!)

  private static func entry(_ content: EntryContent, number: Int64 = 12, by: ID = anna, comments: Int = 0)
    -> Entry
  {
    Entry(
      id: id(9), number: number, content: content, createdBy: by, createdAt: Instant(milliseconds: 0),
      changedAt: Instant(milliseconds: 0), deletedAt: nil, commentCount: comments, version: 1)
  }

  private static func expense(_ amount: Int64 = 123_450, _ currency: Currency = euro) -> EntryContent {
    EntryContent(
      kind: .expense, description: "Dîner  au Café 100%", amount: Amount(amount, currency), rate: nil,
      booked: Amount(amount, currency), date: Day("2026-11-24")!, note: "a\nnote",
      payers: [Payer(.member(bob), amount: .minorUnits(amount))],
      split: SplitRule(.items, items: [.init("Crêpe", amount: .minorUnits(amount), members: [bob, carl])]),
      shares: [.init(member: bob, amount: amount), .init(member: carl, amount: 0)])
  }

  private func matches(
    _ text: String, _ content: EntryContent = expense(), categories: Set<ID> = [], tags: Set<String> = [],
    comments: [String] = []
  ) throws -> Bool {
    let entry = Self.entry(content, comments: comments.count)
    return try Filter(text).resolved(in: Self.context)
      .matches(FilteredEntry(entry, categories: categories, tags: tags), comments: comments)
  }

  @Test(arguments: [
    "diner", "DINER", "café", "\"diner au cafe\"", "100%", "note", "\"a note\"", "crepe", "bøb", "bob",
    "carl",
    "1234.5", "1234,50", "1,234.50", "1.234,50", "234.", "eur", "2026-11", "-01-", "11-24", "tue", "nov",
    "\"24 nov\"", "\"#trip\"", "trip", "thanks", "#12", "#trip", "tag:TRIP", "tag:ete", "category:food",
    "category:meals",
    "kind:expense", "paid:bøb", "with:BØB", "with:carl", "by:anna", "by:me", "date:2026-11",
    "date:this month",
    "amount:1234.5", "amount:>1234", "amount:1234.494..1234.506", "currency:eur", "has:note", "has:items",
    "has:comment",
    "-is:refund", "diner -rent", "rent OR diner", "(rent OR diner) bob", "-(rent bob)", "--diner",
  ]) func filterIsMet(text: String) throws {
    // A word that begins with a minus sign is a phrase here.
    let text = text == "-01-" ? "\"-11-\"" : text
    #expect(
      try matches(text, categories: [Self.meals], tags: ["trip", "été"], comments: ["Thanks!"]), "\(text)")
  }

  @Test(arguments: [
    "rent", "\"cafe diner\"", "cafe100", "\"note crepe\"", "anna", "1234.6", "234,5,", "2026-11-25", "%iner",
    "d_ner",
    "\"10_%\"", "kitty", "#1", "#123", "#tri", "tag:tri", "tag:none", "category:none", "kind:payment",
    "paid:carl", "paid:kitty",
    "with:anna", "with:kitty", "by:bøb", "date:2026-10", "date:today", "amount:1234", "amount:>1234.5",
    "amount:12.345",
    "currency:usd", "is:refund", "-diner", "diner rent", "rent OR tent", "-has:note", "(diner -bob)",
    "\"thanks! x\"",
  ]) func filterIsNotMet(text: String) throws {
    #expect(
      try !matches(text, categories: [Self.meals], tags: ["trip", "été"], comments: ["Thanks!"]), "\(text)")
  }

  @Test func entryWithoutLabelsHasNone() throws {
    #expect(try matches("category:none tag:none -has:comment"))
    #expect(try !matches("category:food OR #trip OR has:comment"))
    // No description looks like a tag.
    var content = Self.expense()
    content.description = "\t#trip\t"
    #expect(try matches("tag:none -tag:trip #trip OR \"#trip\"", content))
  }

  @Test func receiptIsFound() throws {
    #expect(try !matches("has:receipt") && matches("-has:receipt"))
    var content = Self.expense()
    content.receipts = [
      Receipt(number: 1, name: "bill.pdf", type: .pdf, bytes: 1, hash: String(repeating: "a", count: 64))
    ]
    #expect(try matches("has:receipt has:note", content))
    // The names of files are no texts of the entry.
    #expect(try !matches("bill OR -has:receipt", content))
  }

  @Test func magnitudeIsComparedInTheOwnCurrency() throws {
    let (yen, dinar) = (Currency(code: "JPY")!, Currency(code: "KWD")!)
    #expect(try matches("amount:50 50", Self.expense(50, yen)))
    #expect(try matches("amount:50 is:refund \"-50.000\"", Self.expense(-50_000, dinar)))
    #expect(try matches("amount:0.05..0.06", Self.expense(55, dinar)))
    #expect(try !matches("amount:0.055", Self.expense(5)))
    #expect(try matches("amount:0.045..0.055", Self.expense(5)))
  }

  @Test func paymentNamesBothAccounts() throws {
    let content = EntryContent(
      kind: .payout, description: "Payout", amount: Amount(500, Self.euro), rate: nil,
      booked: Amount(500, Self.euro),
      date: Day("2026-01-05")!, note: nil, from: .kitty, to: .member(Self.anna))
    for text in [
      "paid:kitty", "with:kitty", "with:me", "kitty", "anna", "-paid:me", "kind:payout", "-has:note",
      "-has:items",
    ] {
      #expect(try matches(text, content), "\(text)")
    }
  }

  @Test func countHasItsDifference() throws {
    let content = EntryContent(
      kind: .count, description: "Cash count", amount: Amount(250, Self.euro), rate: nil,
      booked: Amount(250, Self.euro),
      date: Day("2026-01-05")!, note: nil, payers: [Payer(.kitty, amount: .minorUnits(250))],
      shares: [.init(member: Self.bob, amount: 250)],
      counted: 1000, expected: 1250)
    for text in ["\"counted 10.00\"", "\"-2.50\"", "amount:2.50", "paid:kitty", "with:bøb", "-is:refund"] {
      #expect(try matches(text, content), "\(text)")
    }
  }
}
