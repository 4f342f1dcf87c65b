import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Filters in the API: `?q=` and `?totals=` of the entries of a group and of all groups.
@Suite struct FilterTests {
  private static func encoded(_ text: String) throws -> String {
    try #require(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
  }

  private static func list(_ books: GroupFixture, _ filter: String, _ more: String = "") async throws -> Page<
    Entry
  > {
    try await books.get(Page<Entry>.self, "/entries?q=\(encoded(filter))\(more)")
  }

  private static func numbers(_ books: GroupFixture, _ filter: String) async throws -> [Int64] {
    try await list(books, filter).items.map(\.number)
  }

  private static func expense(
    _ text: String, _ amount: String, _ day: String = "2026-11-20", by payer: ID
  ) -> String {
    #"{"description": "\#(text)", "amount": "\#(amount)", "date": "\#(day)", "payer": "\#(payer)"}"#
  }

  @Test(arguments: Backend.available)
  func entriesAreFoundByWhatTheySayNow(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rent = try await books.enter("/expenses", Self.expense("Rent of November", "900", by: books.anna))
      _ = try await books.enter("/expenses", Self.expense("Dîner", "42.50", by: books.anna))
      #expect(try await Self.numbers(books, "RENT") == [1])
      #expect(try await Self.numbers(books, "diner") == [2])
      let changed = try await books.send(
        "PATCH", "/expenses/1", #"{"description": "Deposit", "note": "for the flat"}"#,
        headers: [("If-Match", "\"1\"")])
      #expect(changed.status == 200)
      #expect(try await Self.numbers(books, "rent").isEmpty)
      #expect(try await Self.numbers(books, "deposit flat") == [1])
      let comment = #"{"text": "Wait for the landlord"}"#
      #expect(try await books.send("POST", "/entries/\(rent.id)/comments", comment).status == 201)
      #expect(try await Self.numbers(books, "landlord has:comment") == [1])
      // A change of the entry keeps its comments.
      let again = try await books.send(
        "PATCH", "/expenses/1", #"{"note": null}"#, headers: [("If-Match", "\"2\"")])
      #expect(again.status == 200)
      #expect(try await Self.numbers(books, "landlord") == [1])
      #expect(try await Self.numbers(books, "flat").isEmpty)
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(try await Self.numbers(books, "landlord").isEmpty)
      #expect(try await Self.list(books, "landlord", "&deleted=true").items.map(\.number) == [1])
    }
  }

  @Test(arguments: Backend.available)
  func pagesAndTotalsFitTogether(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      for number in 1...7 {
        _ = try await books.enter(
          "/expenses",
          Self.expense(
            number == 4 ? "Other" : "Tea \(number)", "\(number)", "2026-11-1\(number)", by: books.anna))
      }
      _ = try await books.enter(
        "/expenses",
        #"{"description": "Tea in Tokyo", "amount": "500", "currency": "JPY", "rate": "0.006", "payer": "\#(books.anna)"}"#
      )
      let first = try await Self.list(books, "tea", "&limit=3&totals=true")
      #expect(first.totals?.count == 7 && first.sequence != nil)
      #expect(first.totals?.sums.map(\.amount) == [2400, 500])
      #expect(first.totals?.sums.map(\.count) == [6, 1])
      var found = first.items.map(\.number)
      var next = first.next
      while let cursor = next {
        let page = try await Self.list(books, "tea", "&limit=3&cursor=\(Self.encoded(cursor))")
        #expect(page.totals == nil)
        found += page.items.map(\.number)
        next = page.next
      }
      #expect(found == [8, 7, 6, 5, 3, 2, 1])
      // Other parameters narrow it further.
      let narrow = try await Self.list(
        books, "tea", "&totals=true&from=2026-11-12&to=2026-11-16&kind=expense")
      #expect(narrow.totals?.count == 4 && narrow.items.map(\.number) == [6, 5, 3, 2])
      let all = try await books.get(Page<Entry>.self, "/entries?totals=true")
      #expect(all.totals?.count == 8)
      let none = try await Self.list(books, "nothing-like-this", "&totals=true")
      #expect(none.items.isEmpty && none.totals == EntryTotals(count: 0, sums: []))
    }
  }

  @Test(arguments: [
    ("", "empty", "character 1"), ("rent (", "unbalanced", "character 6"),
    ("\"rent", "unbalanced", "character 1"),
    ("colour:red", "unknown_field", "characters 1 to 6"), ("amount:x", "unknown_value", "character 8"),
    ("date:2026-13", "unknown_value", "character"), ("paid:zoe", "unknown_name", "characters 1 to 8"),
    ("category:none OR category:x", "unknown_name", "characters 18 to 27"),
    ("rent OR", "missing_term", "character"),
    ("date:2026-03..2026-01", "reversed_range", "character"),
    ("date:today..yesterday", "reversed_range", "character"),
    ("paid:b", "ambiguous_name", "characters 1 to 6"),
  ])
  func faultIsRefusedWithItsPlace(filter: String, code: String, place: String) async throws {
    try await GroupFixture.run(on: .sqlite, guests: ["Bob", "Bea"]) { books in
      let path = try "/entries?q=\(Self.encoded(filter))"
      let answer = try await books.send("GET", path)
      try expectProblem(answer, 422, code)
      #expect(try answer.problem().detail.contains(place), "\(answer.text)")
      try expectProblem(await books.send("GET", "/v1/me\(path)"), 422, code)
    }
  }

  @Test func changesHaveNoFilter() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      for parameter in ["q=rent", "totals=true"] {
        let answer = try await books.send("GET", "/entries?since=0&\(parameter)")
        try expectProblem(answer, 422, "not_with_since")
      }
      try expectProblem(await books.send("GET", "/entries?totals=yes"), 422, "not_a_flag")
    }
  }

  @Test(arguments: Backend.available)
  func entriesOfAllGroupsAreFound(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (other, others) = try await books.server.makeGroup(books.token, guests: ["Dora"])
      let stranger = try await books.server.signUp("eve")
      _ = try await books.server.makeGroup(stranger, guests: ["Dora"])
      for (number, day) in ["2026-11-20", "2026-11-22", "2026-11-20"].enumerated() {
        _ = try await books.enter("/expenses", Self.expense("Tea \(number)", "5", day, by: books.anna))
        let answer = try await books.send(
          "POST", "/v1/groups/\(other.id)/expenses", Self.expense("Tea \(number)", "7", day, by: others[0].id)
        )
        #expect(answer.status == 201)
      }
      typealias Found = Page<FoundEntry>
      func find(_ query: String, token: String? = nil) async throws -> Found {
        try await books.send("GET", "/v1/me/entries?\(query)", token: token).decode(Found.self)
      }
      let groups = [books.group.id, other.id].sorted()
      let expected: [(ID, Int64)] = [
        (groups[0], 2), (groups[1], 2), (groups[0], 3), (groups[0], 1), (groups[1], 3), (groups[1], 1),
      ]
      for limit in 1...7 {
        var (found, next): ([FoundEntry], String?) = ([], nil)
        repeat {
          let cursor = try next.map { try "&cursor=\(Self.encoded($0))" } ?? ""
          let page = try await find("q=tea&totals=true&limit=\(limit)\(cursor)")
          #expect(page.totals?.count == 6 && page.totals?.sums.map(\.amount) == [3600])
          found += page.items
          next = page.next
        } while next != nil
        #expect(found.map(\.group) == expected.map(\.0) && found.map(\.entry.number) == expected.map(\.1))
        #expect(found.allSatisfy { $0.groupName == "Flat" })
      }
      // A name that one of the groups has.
      #expect(try await Set(find("q=with:dora").items.map(\.group)) == [other.id])
      #expect(try await Set(find("q=with:bob").items.map(\.group)) == [books.group.id])
      #expect(try await find("q=with:bob%20with:dora").items.isEmpty)
      #expect(try await find("q=with:bob%20OR%20with:dora").items.count == 6)
      #expect(try await find("").items.count == 6)
      #expect(try await find("q=tea", token: stranger).items.isEmpty)
      try expectProblem(
        await books.send("GET", "/v1/me/entries?cursor=eA"), 422, "not_a_cursor")
      try expectProblem(
        await books.send("GET", "/v1/me/entries?q=with:zoe"), 422, "unknown_name")
    }
  }

  /// The names of the members of one group are no reason to refuse a name in the others.
  @Test(arguments: Backend.available)
  func ambiguousNameMeansAllOfItsMatchesAmongGroups(backend: Backend) async throws {
    try await GroupFixture.run(on: backend, guests: ["Bob", "Bea"]) { books in
      let (other, others) = try await books.server.makeGroup(books.token, guests: ["Bob", "Çarl"])
      let bea = books.members[2].id
      for (group, payer) in [
        (books.group, books.bob), (books.group, bea), (books.group, books.anna), (other, others[1].id),
        (other, others[2].id),
      ] {
        let answer = try await books.send(
          "POST", "/v1/groups/\(group.id)/expenses", Self.expense("Tea", "5", by: payer))
        #expect(answer.status == 201)
      }
      func count(_ filter: String) async throws -> Int {
        try await books.send("GET", "/v1/me/entries?q=\(Self.encoded(filter))")
          .decode(Page<FoundEntry>.self).items.count
      }
      #expect(try await count("paid:b") == 3)
      #expect(try await count("-paid:b") == 2)
      #expect(try await count("paid:bea") == 1)
      #expect(try await count("paid:carl") == 1)
      try expectProblem(await books.send("GET", "/entries?q=paid:b"), 422, "ambiguous_name")
      // A fault of the filter itself is said once, and without a group.
      let reversed = try await books.send("GET", "/v1/me/entries?q=date:2026-03..2026-01")
      try expectProblem(reversed, 422, "reversed_range")
      #expect(try !reversed.problem().detail.contains("group"), "\(reversed.text)")
      try expectProblem(await books.send("GET", "/v1/me/entries?q=paid:x"), 422, "unknown_name")
    }
  }

  /// SQLite only: there the index of a text is written again with its row.
  @Test func commentIsWrittenWithoutTheTextsBeforeIt() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let entry = try await books.enter("/expenses", Self.expense("Rent", "900", by: books.anna))
      let path = "/entries/\(entry.id)/comments"
      #expect(try await books.send("POST", path, #"{"text": "Wait for the landlord"}"#).status == 201)
      let database = books.server.dependencies.database
      for statement: SQL in [
        "create trigger no_own before update on entry_texts begin select raise(abort, 'x'); end",
        "create trigger no_other before update on comment_texts begin select raise(abort, 'x'); end",
      ] {
        try await database.transact([statement])
      }
      #expect(try await books.send("POST", path, #"{"text": "He is on holiday"}"#).status == 201)
      // A word may be in any comment, a phrase is in one.
      for filter in [
        "landlord holiday", "rent \"the landlord\"", "-\"landlord he\" holi", "\"on holiday\" is",
      ] {
        #expect(try await Self.numbers(books, filter) == [1], "\(filter)")
      }
      #expect(try await Self.numbers(books, "\"landlord he\"").isEmpty)
    }
  }

  @Test(arguments: Backend.available)
  func importedEntriesAreFound(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let entry = try await books.enter("/expenses", Self.expense("Rent", "900", by: books.anna))
      #expect(
        try await books.send("POST", "/entries/\(entry.id)/comments", #"{"text": "landlord"}"#).status == 201)
      let file = try await books.send("GET", "/export?format=json").text
      let (other, _) = try await books.server.makeGroup(books.token, guests: [])
      let imported = try await books.send("POST", "/v1/groups/\(other.id)/import", file)
      #expect(imported.status == 200, "\(imported.text)")
      let found = try await books.send("GET", "/v1/groups/\(other.id)/entries?q=rent%20landlord")
      #expect(try found.decode(Page<Entry>.self).items.map(\.number) == [1])
    }
  }
}
