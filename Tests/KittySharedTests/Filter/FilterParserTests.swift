import KittyShared
import TestSupport
import Testing

/// The text of filters: what it means, what is refused, and where.
struct FilterParserTests {
  private func tree(_ text: String) throws -> FilterExpression { try Filter(text).expression }

  private func problem(_ text: String) throws -> FilterProblem {
    try #require(throws: FilterProblem.self) { try Filter(text) }
  }

  @Test func termsBesideEachOtherAreAllMeant() throws {
    #expect(try tree("rent") == .term(.text("rent")))
    #expect(
      try tree(" rent -deposit \"living room\" ")
        == .all([.term(.text("rent")), .not(.term(.text("deposit"))), .term(.text("living room"))]))
  }

  @Test func orBindsWeakerThanTermsBesideEachOther() throws {
    let (a, b, c) = (
      FilterExpression.term(.text("a")), FilterExpression.term(.text("b")), FilterExpression.term(.text("c"))
    )
    #expect(try tree("a b OR c") == .any([.all([a, b]), c]))
    #expect(try tree("a (b OR c)") == .all([a, .any([b, c])]))
    #expect(try tree("a OR b OR c") == .any([a, b, c]))
    #expect(try tree("-(a b)OR c") == .any([.not(.all([a, b])), c]))
    #expect(try tree("--a") == .not(.not(a)))
    #expect(try tree("((a))") == a)
    #expect(try tree("a or b") == .all([a, .term(.text("or")), b]))
    #expect(try tree("a \"OR\" ORb") == .all([a, .term(.text("OR")), .term(.text("ORb"))]))
  }

  @Test func phraseHasEveryCharacter() throws {
    #expect(try tree(#""say \"hi\"""#) == .term(.text("say \"hi\"")))
    #expect(try tree(#""a\\" b"#) == .all([.term(.text("a\\")), .term(.text("b"))]))
    #expect(try tree(#""100%_\n'(x)""#) == .term(.text(#"100%_\n'(x)"#)))
    #expect(
      try tree(#"a\b 10:30 a-b"#)
        == .all([.term(.text(#"a\b"#)), .term(.text("10:30")), .term(.text("a-b"))]))
  }

  @Test(arguments: [
    ("#318", FilterTerm.number(318)), ("#trip", .tag(.named("trip"))),
    ("kind:expense", .kind(.expense)), ("KIND:Payout", .kind(.payout)),
    ("paid:anna", .paid(.named("anna"))), ("paid:me", .paid(.me)), ("paid:\"me\"", .paid(.named("me"))),
    ("with:kitty", .with(.kitty)), ("with:\"Bob B.\"", .with(.named("Bob B."))), ("by:me", .by(.me)),
    ("currency:usd", .currency(Currency(code: "USD")!)),
    ("category:food", .category(.named("food"))), ("category:none", .category(.none)),
    ("category:\"none\"", .category(.named("none"))), ("tag:#trip", .tag(.named("trip"))),
    ("tag:\"#trip\"", .tag(.named("trip"))), ("tag:\"##to_sea\"", .tag(.named("to_sea"))),
    ("tag:ÉTÉ", .tag(.named("ÉTÉ"))), ("tag:\"none\"", .tag(.named("none"))),
    ("##trip", .tag(.named("trip"))), ("tag:\"#none\"", .tag(.named("none"))),
    ("tag:none", .tag(.none)), ("is:refund", .refund), ("has:note", .has(.note)),
    ("has:comment", .has(.comment)), ("has:items", .has(.items)), ("has:receipt", .has(.receipt)),
    ("amount:50", .amount(.exactly(FilterNumber(50)))),
    ("amount:50,20", .amount(.exactly(FilterNumber(502, decimals: 1)))),
    ("amount:>50", .amount(.above(FilterNumber(50)))),
    ("amount:>=.5", .amount(.atLeast(FilterNumber(5, decimals: 1)))),
    ("amount:<50.201", .amount(.below(FilterNumber(50_201, decimals: 3)))),
    ("amount:<=0", .amount(.atMost(FilterNumber(0)))),
    ("amount:20..50", .amount(.range(FilterNumber(20), FilterNumber(50)))),
    ("amount:20..", .amount(.atLeast(FilterNumber(20)))), ("amount:..50", .amount(.atMost(FilterNumber(50)))),
    ("date:2026", .date(.one(.year(2026)))), ("date:2026-01", .date(.one(.month(2026, 1)))),
    ("date:2026-01-05", .date(.one(.day(Day("2026-01-05")!)))),
    ("date:2026-01..2026-03", .date(.range(.month(2026, 1), .month(2026, 3)))),
    ("date:2026..", .date(.range(.year(2026), nil))), ("date:..yesterday", .date(.range(nil, .yesterday))),
    ("date:today", .date(.one(.today))), ("date:last month", .date(.one(.last(.month)))),
    ("date:this month..", .date(.range(.this(.month), nil))),
    ("date:..last Year", .date(.range(nil, .last(.year)))),
    ("date:last week..this  week", .date(.range(.last(.week), .this(.week)))),
    ("date:last year..2026-03", .date(.range(.last(.year), .month(2026, 3)))),
    ("date:\"this month..today\"", .date(.range(.this(.month), .today))),
    ("date:\"last month\"..today", .date(.range(.last(.month), .today))),
    ("date:2026..\"this month\"", .date(.range(.year(2026), .this(.month)))),
    ("date:\"last week\"..\"this week\"", .date(.range(.last(.week), .this(.week)))),
    ("date:last month..\"this month\"", .date(.range(.last(.month), .this(.month)))),
    ("amount:\"20\"..50", .amount(.range(FilterNumber(20), FilterNumber(50)))),
    ("date:\"This  Week\"", .date(.one(.this(.week)))),
    ("date:last\tYEAR", .date(.one(.last(.year)))),
  ]) func fieldHasItsValue(text: String, term: FilterTerm) throws {
    #expect(try tree(text) == .term(term))
    #expect(try Filter(text).places == [FilterPlace(offset: 0, length: text.unicodeScalars.count)])
  }

  @Test func dateOfTwoWordsEndsAfterThem() throws {
    #expect(
      try tree("date:last month rent") == .all([.term(.date(.one(.last(.month)))), .term(.text("rent"))]))
    #expect(try tree("(date:this week)") == .term(.date(.one(.this(.week)))))
    #expect(
      try tree("date:2026..this month rent")
        == .all([.term(.date(.range(.year(2026), .this(.month)))), .term(.text("rent"))]))
    #expect(try problem("date:last rent") == problem("date:last"))
  }

  @Test(arguments: [
    ("", FilterProblem.Code.empty, 0, 0), ("  ", .empty, 0, 2), ("a )", .unbalanced, 2, 1),
    (")", .unbalanced, 0, 1),
    ("a (b", .unbalanced, 2, 1), ("(  ", .unbalanced, 0, 1), ("a \"b c", .unbalanced, 2, 1),
    ("\"a\"b", .unbalanced, 3, 1), ("a\"b\"", .unbalanced, 1, 1), ("x \"a\"\"b\"", .unbalanced, 5, 1),
    ("paid:\"Bob\"B", .unbalanced, 10, 1), ("paid:Bob\"B\"", .unbalanced, 8, 1),
    ("#1\"a\"", .unbalanced, 2, 1),
    ("date:today..\"next month\"", .unknownValue, 5, 19), ("-\"a\"..b", .unbalanced, 4, 1),
    ("x \"a\\\"", .unbalanced, 2, 1), ("()", .missingTerm, 1, 1), ("a OR", .missingTerm, 2, 2),
    ("OR a", .missingTerm, 0, 2), ("a OR OR b", .missingTerm, 2, 2), ("(OR)", .missingTerm, 1, 2),
    ("a -", .missingTerm, 2, 1), ("- a", .missingTerm, 0, 1), ("-OR", .missingTerm, 0, 1),
    ("(-)", .missingTerm, 1, 1),
    ("é foo:bar", .unknownField, 2, 3), ("http://x", .unknownField, 0, 4), ("kind:", .emptyValue, 0, 5),
    ("kind: expense", .emptyValue, 0, 5), ("a tag:\"\"", .emptyValue, 2, 6), ("#", .emptyValue, 0, 1),
    ("tag:#", .emptyValue, 4, 1), ("tag:\"#\"", .emptyValue, 4, 3), ("##", .emptyValue, 0, 2),
    ("\"\"", .emptyValue, 0, 2), ("\" \"", .emptyValue, 0, 3),
    ("\u{301}", .emptyValue, 0, 1), ("kind:gift", .unknownValue, 5, 4), ("is:open", .unknownValue, 3, 4),
    ("has:\"x y\"", .unknownValue, 4, 5), ("currency:XYZ", .unknownValue, 9, 3),
    ("by:kitty", .unknownValue, 3, 5), ("tag:\"a b\"", .notATag, 4, 5), ("tag:-1", .notATag, 4, 2),
    ("x #-1", .notATag, 2, 3), ("#1a", .notATag, 0, 3), ("tag:ä!", .notATag, 4, 2), ("#3rd", .notATag, 0, 4),
    ("tag:#a-", .notATag, 4, 3), ("date:this month..soon", .unknownValue, 5, 16),
    ("date:this month..last", .unknownValue, 5, 16),
    ("date:2026-13", .unknownValue, 5, 7), ("date:..", .unknownValue, 5, 2),
    ("date:5.1.2026", .unknownValue, 5, 8),
    ("date:last day", .unknownValue, 5, 4), ("date:1899", .unknownValue, 5, 4),
    ("date:a..2026", .unknownValue, 5, 7),
    ("amount:-5", .unknownValue, 7, 2), ("amount:1,234", .unknownValue, 7, 5),
    ("amount:50€", .unknownValue, 7, 3),
    ("amount:>", .unknownValue, 7, 1), ("amount:..", .unknownValue, 7, 2),
    ("amount:1.2.3", .unknownValue, 7, 5),
    ("amount:50..20", .reversedRange, 7, 6), ("amount:1234567890123456789", .unknownValue, 7, 19),
    ("#99999999999999999999", .unknownValue, 0, 21), ("a\u{0}b", .controlCharacter, 1, 1),
    ("a \u{202E}b", .controlCharacter, 2, 1),
  ]) func faultHasItsPlace(text: String, code: FilterProblem.Code, offset: Int, length: Int) throws {
    let problem = try problem(text)
    #expect(problem.code == code, "\(problem)")
    #expect(problem.place == FilterPlace(offset: offset, length: length), "\(problem)")
    #expect(problem.message.hasSuffix(".") && problem.message.count > 20)
  }

  @Test func messageCountsCharactersFromOne() throws {
    #expect(
      try problem("kind:gift").description.hasPrefix(
        "At characters 6 to 9: There is no kind:gift. Write kind:expense,"))
    #expect(try problem("a )").description.hasPrefix("At character 3: "))
    #expect(try problem("amount:1,234").message.contains("Write 1234 or 1.234."))
    #expect(
      try problem("foo:x").message.contains(
        "amount, by, category, currency, date, has, is, kind, paid, tag and with"))
  }

  @Test func lengthTermsAndDepthAreLimited() throws {
    let longest = String(repeating: "é", count: 500)
    #expect(try tree(longest) == .term(.text(longest)))
    #expect(try problem(longest + "x").code == .tooLong)
    let most = (1...50).map { "w\($0)" }.joined(separator: " ")
    #expect(try Filter(most).places.count == 50)
    let more = try problem(most + " one")
    #expect(more.code == .tooMany && more.place == FilterPlace(offset: most.count + 1, length: 3))
    func nested(_ depth: Int) -> String {
      String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
    }
    #expect(try tree(nested(10)) == .term(.text("a")))
    #expect(try problem(nested(11)).code == .tooDeep && problem(nested(200)).code == .tooDeep)
    #expect(try problem(String(repeating: "-", count: 11) + "a").code == .tooDeep)
    #expect(try Filter(String(repeating: "-", count: 10) + "a").places.count == 1)
  }

  @Test func printedFilterIsTheSameFilter() throws {
    var random = Seeded(20)
    let filters = RandomFilter()
    var texts: Set<String> = []
    for _ in 0..<3000 {
      let expression = filters.expression(Int.random(in: 0...3, using: &random), using: &random)
      let text = expression.description
      guard text.unicodeScalars.count <= Filter.maxLength else { continue }
      let parsed = try Filter(text)
      #expect(parsed.expression == expression, "\(text)")
      #expect(parsed.description == text)
      texts.insert(text)
    }
    #expect(texts.count > 1500)
  }

  @Test func everyTextIsReadOrRefused() {
    var random = Seeded(21)
    let parts = [
      "(", ")", "-", "\"", "\\", "OR", " ", "a", "kind:", "date:", "last", "month", "amount:", ">", "..", "5",
      "#", ":", "é", "\u{200D}",
    ]
    var read = 0
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 1...12, using: &random)).map { _ in parts.randomElement(using: &random)!
      }.joined()
      do throws(FilterProblem) {
        let filter = try Filter(text)
        let count = text.unicodeScalars.count
        #expect(
          filter.places.allSatisfy { $0.offset >= 0 && $0.length > 0 && $0.offset + $0.length <= count },
          "\(text)")
        #expect((try? Filter(filter.description))?.expression == filter.expression, "\(text)")
        read += 1
      } catch {
        let place = error.place
        #expect(
          place.offset >= 0 && place.offset + place.length <= text.unicodeScalars.count, "\(text): \(error)")
      }
    }
    #expect(read > 500)
  }
}
