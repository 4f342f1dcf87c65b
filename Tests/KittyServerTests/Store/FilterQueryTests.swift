import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// The entries that the database finds for a filter: those that meet it, on both databases.
@Suite struct FilterQueryTests {
  /// All entries of a group as filters look at them, with their comments, in the order of a list.
  private static func all(
    in books: GroupFixture
  ) async throws -> [(entry: FilteredEntry, comments: [String])] {
    let store = EntryStore(database: books.server.dependencies.database)
    let found = try await store.list(
      in: books.group.id, EntryFilter(deleted: true), limit: 1000, before: nil
    ).page.items
    var all: [(entry: FilteredEntry, comments: [String])] = []
    for entry in found {
      let comments = try await store.comments(on: entry.id, in: books.group.id, limit: 100, after: nil)
      all.append(
        (
          FilteredEntry(entry, categories: entry.content.categories, tags: entry.content.allTags),
          comments.map(\.text)
        ))
    }
    return all
  }

  /// Fills a group with random entries, and with texts that SQL or an index could take for something else.
  private static func fill(_ books: GroupFixture) async throws {
    try await books.fill(seed: 20, steps: 100)
    for text in [
      "Dîner à 100% %_x", "a\\\"b", "O'Brien", "x_y\\z", "-5", "rent living  ROOM", "OR NEAR(a b)*",
    ] {
      let expense = NewExpense(
        description: text, amount: .minorUnits(4250), note: "note of \(text)", payer: .member(books.anna))
      let entry = try await books.enter(
        "/expenses", String(decoding: try JSON.encode(expense), as: UTF8.self))
      let comment = NewComment(text: "Comment on \(text) # Żółć")
      let json = String(decoding: try JSON.encode(comment), as: UTF8.self)
      #expect(try await books.send("POST", "/entries/\(entry.id)/comments", json).status == 201)
    }
  }

  private static var random: RandomFilter {
    var random = RandomFilter()
    random.words += [
      "diner", "100%", "%", "_", "\\", "'", "o'brien", "comment", "zolc", "expense", "note of", "anna",
      "2026", "eur", "sun", "x_y", "near(a b)*", "a, ",
    ]
    random.names = ["Anna", "bob", "Carl", "me", "kitty"]
    random.categories = ["Shops", "Food", "none", "Transport"]
    random.tags = ["trip", "sun", "item", "none", "t6"]
    random.currencies = ["EUR", "USD", "JPY"].compactMap { Currency(code: $0) }
    random.years = 2025...2027
    random.maxAmount = 300
    random.maxNumber = 120
    return random
  }

  /// The candidates of an index are few or many.
  @Test(arguments: Backend.available, [2000, 3])
  func filtersFindWhatMeetsThem(backend: Backend, maxCandidates: Int) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await Self.fill(books)
      let all = try await Self.all(in: books)
      #expect(all.count > 60)
      let database = books.server.dependencies.database
      var store = EntryStore(database: database)
      store.maxCandidates = maxCandidates
      let context = try await FilterContextStore(database: database)
        .context(of: books.group.id, for: books.anna, on: #require(Day("2026-11-29")))
      var random = Seeded(UInt64(maxCandidates))
      let filters = Self.random
      var (found, refused) = (0, 0)
      for round in 0..<500 {
        let text = "\(filters.expression(3, using: &random))"
        guard let query = try? Filter(text).resolved(in: context) else {
          refused += 1
          continue
        }
        let deleted = round % 3 == 0
        let expected = all.filter { entry in
          (deleted || entry.entry.entry.deletedAt == nil)
            && query.matches(entry.entry, comments: entry.comments)
        }.map(\.entry.entry)
        let filter = EntryFilter(deleted: deleted, query: query)
        let (page, totals) = try await store.list(
          in: books.group.id, filter, limit: 1000, before: nil, totals: true)
        #expect(page.items.map(\.number) == expected.map(\.number), "\(text)")
        #expect(totals == Self.totals(expected), "\(text)")
        found += page.items.isEmpty ? 0 : 1
        // The second half of the list.
        guard let middle = expected.dropFirst(expected.count / 2).first else { continue }
        let rest = try await store.list(
          in: books.group.id, filter, limit: 2, before: (middle.date, middle.number))
        #expect(
          rest.page.items.map(\.number)
            == expected.dropFirst(expected.count / 2 + 1).prefix(2).map(\.number), "\(text)")
      }
      #expect(found > 100 && refused < 250, "\(found) found something, \(refused) were refused")
    }
  }

  /// Short words that are parts of very many names, and a category with very many others below it.
  @Test(arguments: Backend.available) func manyNamesFitIntoOneFilter(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await Self.fill(books)
      let all = try await Self.all(in: books)
      let database = books.server.dependencies.database
      let store = EntryStore(database: database)
      var random = Seeded(3)
      var context = try await FilterContextStore(database: database)
        .context(of: books.group.id, for: books.anna, on: #require(Day("2026-11-29")))
      context.members += (0..<2100).map { .init(id: random.id(), name: "Anna Bo \($0)", isPresent: true) }
      let top = random.id()
      context.categories =
        [.init(id: top, name: "Everything", parent: nil)]
        + context.categories.map { .init(id: $0.id, name: $0.name, parent: top) }
        + (0..<2000).map { .init(id: random.id(), name: "Other \($0)", parent: top) }
      let letters = ["a", "n", "o", "an", "nn", "na", "bo"]
      func repeated(_ words: [String], _ count: Int) -> String {
        (0..<count).map { words[$0 % words.count] }.joined(separator: " ")
      }
      for text in [
        "a", repeated(letters, 50), "-(\(repeated(letters, 48)))",
        repeated(letters, 25).replacing(" ", with: " OR "),
        repeated(["category:everything"], 25), repeated(["amount:9"], 50), "-an", "bo 1",
        repeated(["with:\"a\""], 45),
      ] {
        let (query, _) = try Filter(text).resolvedAmongSeveral(in: context)
        let expected = all.filter {
          $0.entry.entry.deletedAt == nil && query.matches($0.entry, comments: $0.comments)
        }.map(\.entry.entry)
        let (page, totals) = try await store.list(
          in: books.group.id, EntryFilter(query: query), limit: 1000, before: nil, totals: true)
        #expect(page.items.map(\.number) == expected.map(\.number), "\(text)")
        #expect(totals == Self.totals(expected), "\(text)")
        let question = StatisticsQuery(by: [.month, .member], filter: query)
        let eur = try #require(Currency(code: "EUR"))
        _ = try await StatisticsStore(database: database).statistics(
          question, in: books.group.id, currency: eur)
      }
    }
  }

  private static func totals(_ entries: [Entry]) -> EntryTotals {
    EntryTotals(
      count: entries.count,
      sums: Dictionary(grouping: entries, by: \.currency).map { currency, entries in
        EntryTotals.Sum(
          count: entries.count, amount: entries.reduce(0) { $0 + $1.amount }, currency: currency)
      }.sorted { $0.currency.code < $1.currency.code })
  }

  /// A part that few entries have is found by an index: no other entries are among the candidates.
  @Test(arguments: Backend.available) func rareNamesAndPartsAreFoundByTheIndex(backend: Backend) async throws
  {
    try await GroupFixture.run(on: backend) { books in
      for number in 1...30 {
        let note = number == 7 ? #", "note": "x""# : ""
        let payer = number == 9 ? books.carl : books.anna
        _ = try await books.enter(
          "/expenses",
          #"{"description": "Tea", "amount": "5", "payer": "\#(payer)", "participants": ["\#(payer)"]\#(note)}"#
        )
      }
      let database = books.server.dependencies.database
      let context = try await FilterContextStore(database: database)
        .context(of: books.group.id, for: books.anna, on: #require(Day("2026-11-29")))
      for (filter, numbers) in [
        ("paid:carl", [9]), ("with:carl", [9]), ("carl", [9]), ("tea carl", [9]), ("tea has:note", [7]),
        ("has:note", [7]), ("has:note with:carl", []), ("car OR tea has:note", [9, 7]),
      ] as [(String, [Int64])] {
        let query = try Filter(filter).resolved(in: context)
        let conditions = FilterConditions(dialect: database.dialect, maxCandidates: 3)
        var store = EntryStore(database: database)
        store.maxCandidates = 3
        let found = try await store.list(
          in: books.group.id, EntryFilter(query: query), limit: 50, before: nil
        ).page.items.map(\.number)
        #expect(found == numbers, "\(filter)")
        guard !filter.contains("OR") else { continue }
        let candidates = try await database.read(
          try #require(conditions.candidates(query, in: books.group.id)))
        #expect(candidates.count == numbers.count, "\(filter)")
      }
    }
  }

  /// A text of two letters that few entries have does not read the entries of the group: they alone are candidates.
  @Test(arguments: Backend.available, [0, 20, 150])
  func rareShortWordsReadNoEntries(backend: Backend, others: Int) async throws {
    try await GroupFixture.run(on: backend) { books in
      let other = ID(at: .now)
      for number in 1...30 {
        if number == 2, others > 0 {
          // With many rows of other groups between its own, a group is read by the index.
          let rows: [SQL] = (0..<others).map { _ in "(\(other), \(ID(at: .now)), \("zq"), \(" "))" }
          try await books.server.dependencies.database.transact(
            ["\(part: EntryTexts.inserting) \(list: rows)"])
        }
        let words = [7: "Zq", 9: "Tea z"][number] ?? "Tea"
        let entry = try await books.enter(
          "/expenses", #"{"description": "\#(words)", "amount": "5", "payer": "\#(books.anna)"}"#)
        if number == 12 {
          #expect(
            try await books.send("POST", "/entries/\(entry.id)/comments", #"{"text": "a zq b"}"#).status
              == 201
          )
        }
      }
      let database = books.server.dependencies.database
      let context = try await FilterContextStore(database: database)
        .context(of: books.group.id, for: books.anna, on: #require(Day("2026-11-29")))
      let conditions = FilterConditions(dialect: database.dialect, maxCandidates: 3)
      var store = EntryStore(database: database)
      store.maxCandidates = 3
      // A frequent word beside a short one leaves the candidates of the short one.
      for (text, numbers, count) in [
        ("zq", [12, 7], 2), ("z", [12, 9, 7], 3), ("zq z", [12, 7], 2), ("qz", [], 0), ("tea z", [12, 9], 3),
        ("tea zq", [12], 2),
      ] as [(String, [Int64], Int)] {
        let query = try Filter(text).resolved(in: context)
        let candidates = try await database.read(
          try #require(conditions.candidates(query, in: books.group.id)))
        #expect(candidates.count == count, "\(text)")
        let found = try await store.list(
          in: books.group.id, EntryFilter(query: query), limit: 50, before: nil, totals: true)
        #expect(found.page.items.map(\.number) == numbers, "\(text)")
        #expect(found.totals?.count == numbers.count, "\(text)")
      }
      try await database.transact(["delete from entry_texts where group_id = \(other)"])
    }
  }

  /// An entry is a candidate once, however often its texts have the word, and none is missing beside it.
  @Test(arguments: Backend.available) func wordThatIsThereOftenHidesNoEntry(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      for (number, words) in ["Zqa zqb zqc", "Zqa zqb", "Zqd", "Zqd", "Tea", "Tea"].enumerated() {
        let entry = try await books.enter(
          "/expenses",
          #"{"description": "\#(words)", "amount": "5", "payer": "\#(books.anna)", "date": "2025-11-0\#(number + 1)"}"#
        )
        guard number > 3 else { continue }
        for _ in 1...3 {
          let comment = try await books.send(
            "POST", "/entries/\(entry.id)/comments", #"{"text": "zq, zqualm"}"#)
          #expect(comment.status == 201)
        }
      }
      let database = books.server.dependencies.database
      let context = try await FilterContextStore(database: database)
        .context(of: books.group.id, for: books.anna, on: #require(Day("2026-11-29")))
      // A letter at the end of the texts, `nov`, begins no trigram.
      for (text, count) in [("zq", 6), ("v", 6), ("zqualm", 2), ("tea zq", 2), ("zqd", 2)] {
        for most in [1, 3, 5, 9, 50] {
          var store = EntryStore(database: database)
          store.maxCandidates = most
          let found = try await store.list(
            in: books.group.id, EntryFilter(query: try Filter(text).resolved(in: context)), limit: 50,
            before: nil, totals: true)
          #expect(found.page.items.count == count, "\(text), at most \(most)")
          #expect(found.totals?.count == count, "\(text), at most \(most)")
        }
      }
    }
  }

  @Test func requiredTextsAreThoseThatEachEntryHas() throws {
    let context = FilterContext(
      members: [.init(id: .first, name: "Anna", isPresent: true)], me: .first, categories: [],
      today: try #require(Day("2026-11-29")))
    func required(_ text: String, _ dialect: Dialect) throws -> (indexed: [[String]], others: [[String]]) {
      FilterConditions(dialect: dialect).requiredTexts(try Filter(text).resolved(in: context))
    }
    func texts(_ text: String) throws -> [[String]] { try required(text, .sqlite).indexed }
    func short(_ text: String) throws -> [[String]] { try required(text, .sqlite).others }
    #expect(try texts("rent Dîner #trip") == [["rent"], ["diner"], ["\t#trip\t"]])
    #expect(try texts("\"living room\" amount:>5") == [["living room"]])
    #expect(try texts("12,50") == [["12,50", "12.50"]])
    // A name, an alternative, an opposite.
    #expect(try texts("anna -rent (rent OR diner)") == [])
    // Short texts have no trigram; not too many of them count.
    #expect(try texts("ab rent") == [["rent"]] && short("ab rent") == [["ab"]])
    #expect(try texts("ab c -d") == [] && short("ab c -d") == [["ab"], ["c"]])
    #expect(try short(Array(repeating: "x", count: 20).joined(separator: " ")).count == 8)
    // The index of PostgreSQL has no dates.
    #expect(try texts("mar 2026-03 sat market") == [["mar"], ["2026-03"], ["sat"], ["market"]])
    let found = try required("mar 2026-03 sat \"14 mar\" market 1234 12.50 2026x", .postgres)
    #expect(found.indexed == [["market"], ["1234"], ["12.50", "12,50"], ["2026x"]])
    #expect(found.others == [["mar"], ["2026-03"], ["sat"], ["14 mar"]])
    func marks(_ text: String) throws -> [[String]] {
      FilterConditions.requiredMarks(try Filter(text).resolved(in: context))
    }
    #expect(try marks("paid:anna rent with:kitty") == [["+\(ID.first)"], ["+kitty", "-kitty"]])
    #expect(try marks("has:note has:items has:receipt") == [["note"], ["items"], ["receipt"]])
    #expect(try marks("anna -paid:anna (has:note OR with:anna) has:comment by:anna") == [])
  }

  /// Each part of the last line of the texts may be in a date, and what PostgreSQL's index has ends before it.
  @Test func datesAreKnownAsSuch() throws {
    var source = Seeded(11)
    let eur = try #require(Currency(code: "EUR"))
    for _ in 0..<400 {
      let day = Day.first.moved(by: .random(in: 0..<73_000, using: &source))
      let payment = try NewPayment(
        from: .member(.first), to: .kitty, amount: .minorUnits(1250), currency: eur, date: day
      ).checked()
      let content = try Ledger.content(
        for: payment, currency: eur, people: Participants(present: [(id: .first, weight: 1)]), today: day)
      let own = Array(EntryTexts(content).own.unicodeScalars)
      let undated = String(String.UnicodeScalarView(own.dropLast(22)))
      #expect(undated.hasSuffix("12.50 eur") || undated.hasSuffix("12.50 eur\n"))
      let date = try #require(own.split(separator: "\n").last)
      for length in 3...date.count {
        for start in date.startIndex...(date.endIndex - length) {
          let part = String(String.UnicodeScalarView(date[start..<start + length]))
          #expect(EntryTexts.mayBeInDate(part), "\(part) of \(day)")
        }
      }
    }
    for text in ["market", "1234", "12.50", "20261", "2026_", "satin", "2150"] {
      #expect(!EntryTexts.mayBeInDate(text), "\(text)")
    }
  }
}
