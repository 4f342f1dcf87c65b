import KittyShared
import TestSupport
import Testing

/// Names and relative dates of filters, looked up in a group.
struct FilterResolvingTests {
  private static func id(_ number: Int) -> ID { ID("01932c07-0000-7000-8000-00000000000\(number)")! }

  private static let context = FilterContext(
    members: [
      .init(id: id(1), name: "Anna", isPresent: true), .init(id: id(2), name: "Anton", isPresent: true),
      .init(id: id(3), name: "Bob", isPresent: true), .init(id: id(4), name: "Bob", isPresent: false),
      .init(id: id(5), name: "Zoë", isPresent: false), .init(id: id(6), name: "Zoë", isPresent: false),
      .init(id: id(7), name: "Kit", isPresent: true),
    ], me: id(3),
    categories: [
      .init(id: id(1), name: "Food", parent: nil), .init(id: id(2), name: "Dîner", parent: id(1)),
      .init(id: id(3), name: "Travel", parent: nil), .init(id: id(4), name: "Other", parent: id(1)),
      .init(id: id(5), name: "Other", parent: id(3)), .init(id: id(6), name: "Visa/fees", parent: nil),
    ], today: Day("2026-11-29")!)

  private func resolved(_ text: String) throws -> ResolvedFilter {
    try Filter(text).resolved(in: Self.context)
  }

  private func problem(_ text: String) throws -> FilterProblem {
    try #require(throws: FilterProblem.self) { try resolved(text) }
  }

  @Test(arguments: [
    ("paid:anna", 1), ("paid:ant", 2), ("paid:ANNA", 1), ("paid:me", 3), ("paid:bob", 3), ("paid:\"kit\"", 7),
    ("paid:01932C07-0000-7000-8000-000000000004", 4),
  ]) func nameIsLookedUpAsInQuickEntry(text: String, member: Int) throws {
    #expect(try resolved(text) == .term(.paid([.member(Self.id(member))])))
  }

  @Test func kittyIsAnAccount() throws {
    #expect(try resolved("with:kitty") == .term(.with([.kitty])))
    #expect(try resolved("by:me") == .term(.by([Self.id(3)])))
  }

  @Test func unknownAndAmbiguousNamesAreRefusedWithTheirPlace() throws {
    let unknown = try problem("rent OR (x -paid:Carl)")
    #expect(unknown.code == .unknownName && unknown.place == FilterPlace(offset: 12, length: 9))
    #expect(unknown.message.contains("Its members are Anna, Anton, Bob"))
    let ambiguous = try problem("with:an")
    #expect(ambiguous.code == .ambiguousName && ambiguous.message.contains("\"an\" could be Anna or Anton."))
    let former = try problem("by:zoë")
    #expect(former.code == .ambiguousName && former.message.contains("\(Self.id(5)) or \(Self.id(6))"))
    #expect(try problem("paid:kittyx").code == .unknownName)
  }

  @Test func categoryHasItsChildren() throws {
    #expect(try resolved("category:FOOD") == .term(.category([Self.id(1), Self.id(2), Self.id(4)])))
    #expect(try resolved("category:diner") == .term(.category([Self.id(2)])))
    #expect(try resolved("category:travel/other") == .term(.category([Self.id(5)])))
    #expect(try resolved("category:visa/fees") == .term(.category([Self.id(6)])))
    #expect(try resolved("category:none") == .term(.noCategory))
    #expect(try problem("category:other").message.contains("\"Food/Other\" or \"Travel/Other\""))
    #expect(try problem("category:fo").code == .unknownName)
  }

  @Test(arguments: [
    ("date:2026", "2026-01-01", "2026-12-31"), ("date:2024-02", "2024-02-01", "2024-02-29"),
    ("date:2026-01-05", "2026-01-05", "2026-01-05"), ("date:9999", "9999-01-01", "9999-12-31"),
    ("date:9999-12", "9999-12-01", "9999-12-31"), ("date:2026-01..2026-03", "2026-01-01", "2026-03-31"),
    ("date:2026-01..", "2026-01-01", "9999-12-31"), ("date:..2026-01", "1900-01-01", "2026-01-31"),
    ("date:today", "2026-11-29", "2026-11-29"), ("date:yesterday..today", "2026-11-28", "2026-11-29"),
    ("date:this week", "2026-11-23", "2026-11-29"), ("date:last week", "2026-11-16", "2026-11-22"),
    ("date:this month..", "2026-11-01", "9999-12-31"), ("date:last month..today", "2026-10-01", "2026-11-29"),
    ("date:..last year", "1900-01-01", "2025-12-31"),
    ("date:this month", "2026-11-01", "2026-11-30"), ("date:last month", "2026-10-01", "2026-10-31"),
    ("date:this year", "2026-01-01", "2026-12-31"), ("date:last year", "2025-01-01", "2025-12-31"),
  ]) func datesAreDays(text: String, first: String, last: String) throws {
    #expect(try resolved(text) == .term(.date(Day(first)!...Day(last)!)))
  }

  @Test func datesOfTheTurnOfAYear() throws {
    var context = Self.context
    context.today = Day("2027-01-03")!
    func resolved(_ text: String) throws -> ResolvedFilter { try Filter(text).resolved(in: context) }
    #expect(try resolved("date:last month") == .term(.date(Day("2026-12-01")!...Day("2026-12-31")!)))
    #expect(try resolved("date:this week") == .term(.date(Day("2026-12-28")!...Day("2027-01-03")!)))
    #expect(try resolved("date:last year") == .term(.date(Day("2026-01-01")!...Day("2026-12-31")!)))
  }

  @Test func reversedDatesAreRefused() throws {
    for text in ["date:2026-03..2026-01", "date:today..yesterday", "date:2026-12..last"] {
      #expect(throws: FilterProblem.self) { try resolved(text) }
    }
    #expect(try problem("a date:today..yesterday").place == FilterPlace(offset: 2, length: 21))
    #expect(try problem("date:2026..2025").code == .reversedRange)
  }

  @Test func unknownNameAmongSeveralGroupsIsMetByNoEntry() throws {
    let (filter, unknown) = try Filter("-paid:carl tag:Ü (with:anna OR category:x)").resolvedAmongSeveral(
      in: Self.context)
    let anna = ResolvedFilter.term(.with([.member(Self.id(1))]))
    #expect(filter == .all([.not(.term(.nothing)), .term(.tag("u")), .any([anna, .term(.nothing)])]))
    #expect(unknown.map(\.place) == [FilterPlace(offset: 1, length: 9), FilterPlace(offset: 31, length: 10)])
  }

  @Test func ambiguousNameAmongSeveralGroupsMeansEachMatch() throws {
    func filter(_ text: String) throws -> ResolvedFilter {
      let found = try Filter(text).resolvedAmongSeveral(in: Self.context)
      #expect(found.unknown.isEmpty)
      return found.filter
    }
    #expect(try filter("paid:an") == .term(.paid([.member(Self.id(1)), .member(Self.id(2))])))
    #expect(try filter("-by:zoë") == .not(.term(.by([Self.id(5), Self.id(6)]))))
    #expect(try filter("category:other") == .term(.category([Self.id(4), Self.id(5)])))
    #expect(throws: FilterProblem.self) { try filter("date:2026-02..2026-01") }
  }

  @Test func nameIsKnownWithoutItsAccents() throws {
    let names = ["Çarl", "Carla", "Émile", "Zoë", "Zoe"]
    let context = FilterContext(
      members: names.enumerated().map { .init(id: Self.id($0 + 1), name: $1, isPresent: true) },
      me: Self.id(1), categories: [], today: Day("2026-11-29")!)
    for (text, member) in [
      ("carl", 1), ("çarl", 1), ("carla", 2), ("emi", 3), ("ÉMI", 3), ("zoe", 5), ("zoë", 4), ("cárl", 1),
    ] {
      #expect(try Filter("with:\(text)").resolved(in: context) == .term(.with([.member(Self.id(member))])))
    }
    // What begins with the very letters comes before what begins with others.
    #expect(try Filter("by:ca").resolved(in: context) == .term(.by([Self.id(2)])))
    #expect(throws: FilterProblem.self) { try Filter("by:\u{301}").resolved(in: context) }
  }

  @Test func wordHasSpellingsAndAccounts() throws {
    #expect(
      try resolved("42,5") == .term(.text(spellings: [FoldedText("42,5"), FoldedText("42.5")], accounts: [])))
    #expect(
      try resolved("\"1.234,50\"")
        == .term(.text(spellings: [FoldedText("1.234,50"), FoldedText("1,234.50")], accounts: [])))
    #expect(try resolved("tea,") == .term(.text(spellings: [FoldedText("tea,")], accounts: [])))
    #expect(
      try resolved("kit")
        == .term(.text(spellings: [FoldedText("kit")], accounts: [.kitty, .member(Self.id(7))])))
    #expect(
      try resolved("ZOE")
        == .term(.text(spellings: [FoldedText("zoe")], accounts: [.member(Self.id(5)), .member(Self.id(6))])))
  }

  @Test(
    arguments: [
      ("50", [50...50, 500...500, 5000...5000, 50_000...50_000, 500_000...500_000]),
      ("50.205", [nil, nil, nil, 50_205...50_205, 502_050...502_050]),
      (
        ">50.205",
        [51...Int64.max, 503...Int64.max, 5021...Int64.max, 50_206...Int64.max, 502_051...Int64.max]
      ),
      (
        ">=50.2",
        [51...Int64.max, 502...Int64.max, 5020...Int64.max, 50_200...Int64.max, 502_000...Int64.max]
      ),
      ("<50.2", [0...50, 0...501, 0...5019, 0...50_199, 0...501_999]),
      ("<=50.2", [0...50, 0...502, 0...5020, 0...50_200, 0...502_000]), ("<0", [nil, nil, nil, nil, nil]),
      ("0.4..0.6", [nil, 4...6, 40...60, 400...600, 4000...6000]),
      ("999999999999999999", [999_999_999_999_999_999...999_999_999_999_999_999, nil, nil, nil, nil]),
      (
        "<=999999999999999999",
        [0...999_999_999_999_999_999, 0...Int64.max, 0...Int64.max, 0...Int64.max, 0...Int64.max]
      ),
    ] as [(String, [ClosedRange<Int64>?])])
  func amountLimitsDependOnTheDecimals(text: String, bounds: [ClosedRange<Int64>?]) throws {
    guard case .term(.amount(let limits)) = try resolved("amount:\(text)") else {
      Issue.record("\(text) has no limits")
      return
    }
    #expect((0...4).map { limits.bounds(decimals: $0) } == bounds)
    #expect(limits.bounds(decimals: 5) == nil)
  }
}
