import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Categories of rules for recurring entries: removed, archived, and in previews. And the end of a rule, and what its messages
/// say.
@Suite struct RecurringCategoryTests {
  private static let any = [("If-Match", "*")]

  private func add(_ name: String, under parent: ID? = nil, _ books: GroupFixture) async throws -> ID {
    let below = parent.map { #", "parent": "\#($0)""# } ?? ""
    let answer = try await books.send("POST", "/categories", #"{"name": "\#(name)"\#(below)}"#)
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(KittyShared.Category.self).id
  }

  private func rule(_ expense: String, _ more: String = "", _ books: GroupFixture) async throws -> Recurring {
    let answer = try await books.send(
      "POST", "/recurring",
      #"{"template": {"expense": {"description": "Rent", "amount": 300, "payer": "\#(books.anna)"\#(expense)}}, "every": {"n": 1, "unit": "month"}, "from": "2026-01-31", "zone": "UTC"\#(more)}"#
    )
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(Recurring.self)
  }

  @Test(arguments: Backend.available) func ruleGetsTheOtherCategoryWithTheEntries(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let (food, sub) = (try await add("Food", books), try await add("Sub", books))
      let plain = try await rule(#", "category": "\#(sub)""#, "", books)
      let items = try await rule(
        #", "category": "\#(food)", "split": {"method": "items", "items": [{"amount": 100}, {"amount": 200, "category": "\#(sub)"}]}"#,
        "", books)
      // The same words in a text are no category.
      let text = try await rule(#", "note": "\"category\":\"\#(sub)\"""#, "", books)
      let refused = try await books.send("DELETE", "/categories/\(sub)")
      try expectProblem(refused, 409, "in_use")
      #expect(try refused.problem().detail.hasPrefix("2 recurring rules have the category \"Sub\""))
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 1, "payer": "\#(books.anna)", "category": "\#(sub)"}"#)
      #expect(
        try await books.send("DELETE", "/categories/\(sub)").problem().detail
          .hasPrefix("1 entry and 2 recurring rules have"))
      #expect(try await books.send("DELETE", "/categories/\(sub)?into=\(food)").status == 204)
      let now = try await books.get(Recurring.self, "/recurring/\(plain.id)")
      #expect(now.template.expense?.category == food && now.version == plain.version + 1)
      #expect(now.next == plain.next && now.recurrence == plain.recurrence)
      let other = try await books.get(Recurring.self, "/recurring/\(items.id)").template.expense
      #expect(other?.split?.items?.map(\.category) == [nil, food] && other?.category == food)
      #expect(try await books.get(Recurring.self, "/recurring/\(text.id)") == text)
      #expect(try await books.send("DELETE", "/categories/\(food)?into=none").status == 204)
      let none = try await books.get(Recurring.self, "/recurring/\(items.id)").template.expense
      #expect(none?.category == nil && none?.split?.items?.allSatisfy { $0.category == nil } == true)
      try await books.server.dependencies.recurringBooks.bookAll(at: .now)
      #expect(try await books.get(Recurring.self, "/recurring/\(plain.id)").held == nil)
      // A rule that was removed holds nothing.
      let last = try await add("Last", books)
      let gone = try await rule(#", "category": "\#(last)""#, "", books)
      #expect(try await books.send("DELETE", "/recurring/\(gone.id)").status == 204)
      #expect(try await books.send("DELETE", "/categories/\(last)").status == 204)
    }
  }

  /// A file of before has what no request may send any more.
  @Test func ruleWithTheTagNoneIsImported() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      _ = try await rule(#", "tags": ["old"]"#, "", books)
      _ = try await rule(
        #", "split": {"method": "items", "items": [{"amount": 300, "tags": ["old"]}]}"#, "", books)
      let file = try await books.send("GET", "/export").text.replacing(#"["old"]"#, with: #"["none"]"#)
      let copy = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
        .decode(Group.self)
      let imported = try await books.send("POST", "/v1/groups/\(copy.id)/import", file)
      #expect(imported.status == 200, "\(imported.text)")
      let refused = try await books.send(
        "POST", "/recurring",
        #"{"template": {"expense": {"description": "x", "amount": 1, "payer": "\#(books.anna)", "tags": ["none"]}}, "every": {"n": 1, "unit": "day"}, "from": "2026-01-31", "zone": "UTC"}"#
      )
      try expectFirstError(refused, 422, "reserved", field: "template.expense.tags.0")
    }
  }

  @Test(arguments: Backend.available) func previewAndHeldRuleNameTheCategory(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let sub = try await add("Sub", books)
      let rule = try await rule(#", "category": "\#(sub)""#, "", books)
      let path = "/recurring/\(rule.id)"
      #expect(
        try await books.send("PATCH", "/categories/\(sub)", #"{"archived": true}"#, headers: Self.any).status
          == 200)
      let archived = try await books.send("GET", "\(path)/preview")
      let error = try #require(try archived.problem().errors?.first)
      #expect(archived.status == 422 && error.field == "template.expense.category")
      #expect(error.code == "archived_category" && error.message.contains("\"Sub\""))
      // As a rule of an older server or of a file can have it.
      try await books.server.dependencies.database.transact(
        ["update categories set removed_at = \(Instant.now) where id = \(sub)"], in: WriteContext())
      let fresh = try await books.send("GET", "\(path)/preview")
      let removed = try #require(try fresh.problem().errors?.first)
      #expect(removed.code == "not_a_category" || removed.code == "archived_category", "\(removed)")
      try await books.server.dependencies.recurringBooks.bookAll(at: .now)
      let held = try #require(try await books.get(Recurring.self, path).held)
      #expect(held.code == "not_a_category")
      #expect(held.message == "The category \"Sub\" was removed. Choose another one.")
    }
  }

  @Test(arguments: Backend.available) func previewNamesWhoLeft(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await rule(#", "participants": ["\#(books.anna)", "\#(books.bob)"]"#, "", books)
      #expect(try await books.send("DELETE", "/members/\(books.bob)").status == 204)
      let answer = try await books.send("GET", "/recurring/\(rule.id)/preview")
      let error = try #require(try answer.problem().errors?.first)
      #expect(answer.status == 422 && error.field == "template.expense.participants.1")
      #expect(error.message == "Bob is not a member of this group.")
    }
  }

  @Test(arguments: Backend.available) func proposalInClosedBooksSaysWhatToDo(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await rule("", #", "mode": "propose""#, books)
      try await books.server.dependencies.recurringBooks.bookAll(at: .now)
      _ = try await books.send("PATCH", "", #"{"closedUntil": "2026-02-28"}"#, headers: Self.any)
      let answer = try await books.send("POST", "/recurring/\(rule.id)/occurrences/0/confirm")
      try expectProblem(answer, 409, "closed")
      #expect(try answer.problem().detail.contains("Skip it"))
      #expect(try await books.send("POST", "/recurring/\(rule.id)/occurrences/0/skip").status == 200)
    }
  }

  @Test(arguments: Backend.available) func ruleEndsNotBeforeItBegins(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let future = Instant.now.day.moved(by: 100)
      let answer = try await books.send(
        "POST", "/recurring",
        #"{"template": {"expense": {"description": "Rent", "amount": 300, "payer": "\#(books.anna)"}}, "every": {"n": 1, "unit": "day"}, "from": "\#(future)", "zone": "UTC"}"#
      )
      let path = "/recurring/\(try answer.decode(Recurring.self).id)"
      func code(_ change: String) async throws -> String {
        let answer = try await books.send("PATCH", path, change, headers: Self.any)
        guard answer.status != 200 else { return "-" }
        let error = try answer.problem().errors?.first
        return "\(answer.status) \(error?.field ?? "") \(error?.code ?? "")"
      }
      #expect(try await code(#"{"until": "2026-01-01"}"#) == "422 until out_of_order")
      #expect(try await code(#"{"until": "\#(future.moved(by: -1))"}"#) == "422 until out_of_order")
      #expect(try await code(#"{"until": "\#(future)"}"#) == "-")
      #expect(try await code(#"{"from": "\#(future.moved(by: 1))"}"#) == "422 from out_of_order")
      #expect(try await code(#"{"from": "\#(future.moved(by: 1))", "until": null}"#) == "-")
      // A rule that has made entries can end with the last of them.
      let old = try await rule("", "", books)
      try await books.server.dependencies.recurringBooks.bookAll(at: .now)
      let next = try await books.get(Recurring.self, "/recurring/\(old.id)").next
      let last = try #require(
        try await books.get(Page<Occurrence>.self, "/recurring/\(old.id)/occurrences").items.first?.date)
      func end(_ day: Day) async throws -> Answer {
        try await books.send("PATCH", "/recurring/\(old.id)", #"{"until": "\#(day)"}"#, headers: Self.any)
      }
      #expect(next != nil)
      let early = try await end(last.moved(by: -1))
      #expect(early.status == 422 && early.text.contains("out_of_order"), "\(early.text)")
      let ended = try await end(last)
      #expect(try ended.status == 200 && ended.decode(Recurring.self).next == nil, "\(ended.text)")
    }
  }

  @Test(arguments: Backend.available) func archivedParentTakesNoNewChildren(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (food, home) = (try await add("Food", books), try await add("Home", books))
      let snacks = try await add("Snacks", under: food, books)
      _ = try await books.send("PATCH", "/categories/\(food)", #"{"archived": true}"#, headers: Self.any)
      let new = try await books.send("POST", "/categories", #"{"name": "Fish", "parent": "\#(food)"}"#)
      #expect(new.status == 422 && new.text.contains("not_a_parent"), "\(new.text)")
      let moved = try await books.send(
        "PATCH", "/categories/\(home)", #"{"parent": "\#(food)"}"#, headers: Self.any)
      #expect(moved.status == 422 && moved.text.contains("not_a_parent"), "\(moved.text)")
      // One that is below it stays there.
      let renamed = try await books.send(
        "PATCH", "/categories/\(snacks)", #"{"name": "Sweets", "parent": "\#(food)"}"#, headers: Self.any)
      #expect(renamed.status == 200, "\(renamed.text)")
      #expect(try await books.send("POST", "/categories/standard").status == 200)
      let all = try await books.get(Page<KittyShared.Category>.self, "/categories").items
      #expect(all.first { $0.name == "Groceries" }?.parent == nil)
    }
  }
}
