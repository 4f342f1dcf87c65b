import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Categories and tags in the file of a group.
@Suite struct CategoryFileTests {
  private typealias Category = KittyShared.Category

  private static let any = [("If-Match", "*")]

  private func add(_ name: String, under parent: ID? = nil, _ books: GroupFixture) async throws -> Category {
    let below = parent.map { #", "parent": "\#($0)""# } ?? ""
    let answer = try await books.send("POST", "/categories", #"{"name": "\#(name)"\#(below)}"#)
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(Category.self)
  }

  private func expense(_ fields: String, _ books: GroupFixture) async throws -> Entry {
    try await books.enter(
      "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)", \#(fields)}"#)
  }

  /// A file that KittyCash wrote is imported, whatever was done to its categories.
  @Test(arguments: Backend.available) func fileWithRemovedCategoriesIsImported(backend: Backend) async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let (food, home) = (try await add("Food", books), try await add("Home", books))
      let snacks = try await add("Snacks", under: food.id, books)
      let first = try await expense(#""category": "\#(snacks.id)""#, books)
      let second = try await expense(#""category": "\#(snacks.id)""#, books)
      for entry in [first, second] {
        #expect(try await books.send("DELETE", "/entries/\(entry.id)").status == 204)
      }
      #expect(try await books.send("DELETE", "/categories/\(snacks.id)?into=\(food.id)").status == 204)
      #expect(try await books.send("POST", "/entries/\(first.id)/restore").status == 200)
      let moved = try await books.send(
        "PATCH", "/categories/\(food.id)", #"{"parent": "\#(home.id)"}"#, headers: Self.any)
      #expect(moved.status == 200, "\(moved.text)")
      let file = try await books.send("GET", "/export").text
      let made = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
      let path = "/v1/groups/\(try made.decode(Group.self).id)"
      let answer = try await books.send("POST", "\(path)/import", file)
      #expect(answer.status == 200, "\(answer.text)")
      #expect(try await books.send("GET", "\(path)/export").text == file)
      let restored = try await books.send("POST", "\(path)/entries/\(second.id)/restore").decode(Entry.self)
      #expect(restored.category == food.id)
    }
  }

  @Test func firstFormatIsImported() async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "Fish #sea", "amount": 300, "payer": "\#(books.anna)"}"#)
      var file = try await books.send("GET", "/export").text
      // As it was written before there were categories and tags.
      file = file.replacing(GroupFile.format, with: GroupFile.firstFormat)
        .replacing(#""categories":[],"#, with: "")
      let tagged = file
      file = file.replacing(#""tags":["sea"],"#, with: "")
      let made = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
      let group = try made.decode(Group.self).id
      let refused = try await books.send("POST", "/v1/groups/\(group)/import", tagged)
      #expect(try refused.problem().errors?.first?.code == "not_for_this_format")
      let answer = try await books.send("POST", "/v1/groups/\(group)/import", file)
      #expect(answer.status == 200, "\(answer.text)")
      let copy = try await books.send("GET", "/v1/groups/\(group)/export").text
      #expect(
        copy.replacing(GroupFile.format, with: GroupFile.firstFormat).replacing(
          #""categories":[],"#, with: "") == file)
    }
  }

  @Test(arguments: [
    (#""categories":[],"#, "", "categories", "missing"),
    (GroupFile.format, GroupFile.firstFormat, "categories", "not_for_this_format"),
    (#""name":"Snacks""#, #""name":"food""#, "categories", "name_taken"),
    (#""name":"Snacks""#, #""name":"none""#, "categories.1.name", "reserved"),
    (#""parent":"FOOD""#, #""parent":"SNACKS""#, "categories.1.parent", "not_a_category"),
    (
      #""category":"SNACKS""#, #""category":"OTHER""#, "entries.0.revisions.0.content.category",
      "not_a_category"
    ),
    (#""tags":["sea"]"#, #""tags":["Sea"]"#, "entries.0.revisions.0.content.tags", "not_the_stored_form"),
    (#""tags":["sea"]"#, #""tags":[]"#, "entries.0.revisions.0.content.tags", "not_the_stored_form"),
    (
      #""parent":"FOOD""#, #""removedAt":"2026-01-01T00:00:00.000Z""#,
      "entries.0.revisions.0.content.category", "removed"
    ),
  ]) func forgedCategoriesAreRefused(old: String, new: String, field: String, code: String) async throws {
    try await GroupFixture.run(on: .sqlite) { books in
      let hasCategories = old != #""categories":[],"#
      var ids: [String: ID] = ["OTHER": ID(at: .now)]
      if hasCategories {
        let food = try await add("Food", books)
        let snacks = try await add("Snacks", under: food.id, books)
        ids["FOOD"] = food.id
        ids["SNACKS"] = snacks.id
        _ = try await books.enter(
          "/expenses",
          #"{"description": "Fish #sea", "amount": 300, "payer": "\#(books.anna)", "category": "\#(snacks.id)"}"#
        )
      }
      func filled(_ text: String) -> String {
        ids.reduce(text) { $0.replacing($1.key, with: "\($1.value)") }
      }
      let file = try await books.send("GET", "/export").text
      try #require(file.contains(filled(old)), "\(file)")
      let made = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
      let path = "/v1/groups/\(try made.decode(Group.self).id)"
      let answer = try await books.send(
        "POST", "\(path)/import", file.replacing(filled(old), with: filled(new)))
      #expect(answer.status == 422, "\(answer.text)")
      let errors = try answer.problem().errors ?? []
      #expect(errors.contains { $0.field == field && $0.code == code }, "\(errors)")
      #expect(try await books.get(Page<Category>.self, "\(path)/categories").items.isEmpty)
    }
  }
}
