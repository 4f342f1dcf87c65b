import KittyShared
import Testing

@testable import KittyServer

/// Rows that an older server does not write beside a newer one, or that were lost, are found and written again: those by
/// which filters find entries, and those of statistics.
@Suite struct AuditedTextsTests {
  private func run(
    on backend: Backend, _ damage: (GroupFixture) -> [SQL], _ words: [String],
    repair: (Audit) async throws -> Set<ID>, _ look: (GroupFixture) async throws -> String
  ) async throws {
    try await GroupFixture.run(on: backend) { books in
      let category = try await books.send("POST", "/categories", #"{"name": "Food"}"#).decode(Category.self)
      for (text, more) in [
        ("Rent", ""), ("Dîner", #", "category": "\#(category.id)""#), ("Taxi", #", "note": "late""#),
      ] {
        let entry = try await books.enter(
          "/expenses", #"{"description": "\#(text)", "amount": "9", "payer": "\#(books.anna)"\#(more)}"#)
        for comment in ["First of \(text)", "Żółć"] {
          let json = #"{"text": "\#(comment)"}"#
          #expect(try await books.send("POST", "/entries/\(entry.id)/comments", json).status == 201)
        }
      }
      let before = try await look(books)
      let dependencies = books.server.dependencies
      try await dependencies.database.transact(damage(books))
      let audit = Audit(database: dependencies.database, photos: dependencies.photos)
      let findings = try await audit.findings()
      for word in words {
        #expect(
          findings.contains { $0.contains(word) && $0.contains("\(books.group.id)") }, "\(word): \(findings)")
      }
      #expect(try await repair(audit) == [books.group.id])
      #expect(try await repair(audit) == [])
      #expect(try await audit.findings() == [])
      #expect(try await look(books) == before)
    }
  }

  /// The entries that some filters find.
  private func found(_ books: GroupFixture) async throws -> String {
    var found = ""
    for filter in [
      "rent", "diner", "late", "zolc", "first", "%22first+of+taxi%22", "has:note", "paid:anna",
      "category:food", "ghost",
      "9.00", "first+-rent",
    ] {
      let page = try await books.get(Page<Entry>.self, "/entries?q=\(filter)")
      found += "\(filter): \(page.items.map(\.number))\n"
    }
    #expect(found.contains("zolc: [3, 2, 1]") && found.contains("category:food: [2]"), "\(found)")
    return found
  }

  private static func id(_ number: Int) -> SQL { "(select id from entries where number = \(number))" }

  @Test(arguments: Backend.available) func wrongTextsAreFoundAndRepaired(backend: Backend) async throws {
    try await run(
      on: backend,
      { books in
        [
          "delete from entry_texts where entry_id = \(part: Self.id(1))",
          "update entry_texts set own = 'ghost', marks = ' ' where entry_id = \(part: Self.id(2))",
          "delete from entry_categories where entry_id = \(part: Self.id(2))",
          "insert into entry_texts (group_id, entry_id, own, marks) values (\(books.group.id), \(books.bob), 'ghost', ' ')",
        ]
      },
      [
        "entry #1 is found by other words than its latest version has", "entry #2 is found by other words",
        "entry #2 is found by other categories than its latest version says",
        "is found by words of what does not exist",
      ],
      repair: { try await $0.repairTexts(WriteContext()) }, found)
  }

  @Test(arguments: Backend.available) func wrongTextsOfCommentsAreFoundAndRepaired(backend: Backend)
    async throws
  {
    try await run(
      on: backend,
      { books in
        [
          "delete from comment_texts where entry_id = \(part: Self.id(1))",
          "update comment_texts set text = 'ghost' where entry_id = \(part: Self.id(2))",
          // The comments of an entry outlive its own row.
          "delete from entry_texts where entry_id = \(part: Self.id(3))",
          """
          insert into comment_texts (group_id, entry_id, comment_id, text)
          select group_id, id, id, 'ghost' from entries where number = 3
          """,
        ]
      },
      [
        "a comment on entry", "is found by other words than it has", "entry #3 is found by other words",
        "is found by words of what does not exist",
      ],
      repair: { try await $0.repairTexts(WriteContext()) }, found)
  }

  @Test(arguments: Backend.available) func wrongStatisticsAreFoundAndRepaired(backend: Backend) async throws {
    try await run(
      on: backend,
      { _ in
        [
          "delete from spending where entry_id = \(part: Self.id(1))",
          "update spending set amount = amount + 1 where entry_id = \(part: Self.id(2))",
          """
          insert into spending select group_id, month, category_id, 'USD', entry_id, date, kind, 0, tags, amount
          from spending where entry_id <> \(part: Self.id(2))
          """,
          """
          insert into spending select group_id, month, category_id, currency, group_id, date, kind, 0, tags, amount
          from spending where entry_id = \(part: Self.id(3)) and currency = 'EUR'
          """,
        ]
      },
      ["is missing in the statistics", "entry #2 is in the statistics with other amounts"],
      repair: { try await $0.repairSpending(WriteContext()) }
    ) { try await $0.send("GET", "/statistics?by=day,category").text }
  }
}
