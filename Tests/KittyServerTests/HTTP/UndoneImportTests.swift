import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The undo of an import beside the later work of members.
@Suite struct UndoneImportTests {
  private static let any = [("If-Match", "*")]

  /// Entries that members made before and after an import stay as they are, byte for byte.
  @Test(arguments: Backend.available) func otherEntriesStayAsTheyAre(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: 11, steps: 20)
      let nets = try await books.nets()
      let report = try await books.importFile(ImportSamples.file())
      var made: [Int64] = []
      for (path, json) in [
        (
          "/expenses",
          #"{"description": "Lunch", "amount": 1001, "payer": "\#(books.bob)", "note": "a\nb", "participants": ["\#(books.anna)", "\#(books.bob)", "\#(books.carl)"]}"#
        ),
        ("/payments", #"{"from": "\#(books.bob)", "to": "\#(books.anna)", "amount": 77}"#),
      ] { made.append(try await books.enter(path, json).number) }
      #expect(
        try await books.send(
          "PATCH", "/expenses/\(made[0])", #"{"description": "Supper"}"#, headers: Self.any
        ).status == 200)
      #expect(
        try await books.send("POST", "/entries/\(made[0])/comments", #"{"text": "Good."}"#).status == 201)
      func others() async throws -> (texts: [String], histories: [History]) {
        var (texts, histories): ([String], [History]) = ([], [])
        for number in 1...(made.last ?? 0) {
          let entry = try await books.send("GET", "/entries/\(number)")
          guard entry.status == 200, !entry.text.contains("Tickets 1") else { continue }
          texts.append(entry.text)
          // The order of the fields of a value is not the same each time.
          histories.append(try await books.get(History.self, "/entries/\(number)/history"))
        }
        return (texts, histories)
      }
      let before = try await others()
      #expect(before.texts.count > 3 && before.texts.contains { $0.contains("Supper") })
      #expect(try await books.send("DELETE", "/imports/\(try #require(report.id))").status == 204)
      let after = try await others()
      #expect(after.texts == before.texts && after.histories == before.histories)
      let paid = try await books.nets()
      for name in ["Uma EUR", "Vic EUR"] { #expect(paid[name] == nil) }
      let (bob, had) = (paid["Bob EUR"] ?? 0, nets["Bob EUR"] ?? 0)
      // 10.01 for three, and 0.77 back.
      #expect([667, 668].contains(bob - had - 77), "\(bob) \(had)")
    }
  }

  /// Guests and categories go whatever their names are by now, and stay when they have more than a name.
  @Test(arguments: Backend.available) func renamedGuestsAndCategoriesGo(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let before = try await books.send("GET", "/export").text
      let first = try await books.importFile(ImportSamples.file())
      let uma = try #require(first.members[0].member)
      for path in ["/members/\(uma)", "/categories/\(try await category(books))"] {
        let renamed = try await books.send("PATCH", path, #"{"name": "Umay"}"#, headers: Self.any)
        #expect(renamed.status == 200, "\(renamed.text)")
      }
      #expect(try await books.send("DELETE", "/imports/\(try #require(first.id))").status == 204)
      #expect(try await books.send("GET", "/export").text == before)

      let second = try await books.importFile(ImportSamples.file())
      let (one, two) = (
        try #require(second.members[0].member), try #require(second.members[1].member)
      )
      let iban = try await books.send(
        "PATCH", "/members/\(one)", #"{"iban": "DE02120300000000202051"}"#, headers: Self.any)
      #expect(iban.status == 200, "\(iban.text)")
      // A deleted entry of a member names Vic for ever.
      let entry = try await books.enter(
        "/expenses",
        #"{"description": "Own", "amount": 300, "payer": "\#(two)", "participants": ["\#(two)", "\#(books.anna)"]}"#
      )
      #expect(try await books.send("DELETE", "/entries/\(entry.number)").status == 204)
      #expect(try await books.send("DELETE", "/imports/\(try #require(second.id))").status == 204)
      let names = try await books.get(Page<Member>.self, "/members").items.map(\.name)
      #expect(names.sorted() == ["Bob", "Carl", "Uma", "Vic", "anna"])
    }
  }

  /// A deleted refund is history of its expense: the refusal names it, and says of no entry what did not happen to it.
  @Test(arguments: Backend.available) func deletedRefundIsNamed(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let report = try await books.importFile(ImportSamples.file())
      let path = "/imports/\(try #require(report.id))"
      let expense = try #require(
        try await books.get(Page<Entry>.self, "/expenses").items.min { $0.number < $1.number })
      let refund = try await books.enter(
        "/expenses", #"{"description": "Back", "amount": -100, "refundOf": "\#(expense.id)"}"#)
      try expectProblem(try await books.send("DELETE", path), 409, "has_refunds")
      #expect(try await books.send("DELETE", "/entries/\(refund.number)").status == 204)
      let refused = try await books.send("DELETE", path)
      try expectProblem(refused, 409, "changed_since")
      let detail = try refused.problem().detail
      #expect(
        detail.hasPrefix(
          "1 entry of this import has a refund that was changed, deleted or commented since: #\(expense.number) (refund #\(refund.number)). Send"
        ), "\(detail)")
      let comment = try await books.send("POST", "/entries/\(expense.number)/comments", #"{"text": "x"}"#)
      #expect(comment.status == 201)
      let commented = try await books.send("DELETE", path).problem().detail
      #expect(
        commented.hasPrefix(
          "1 entry of this import was changed, deleted or commented since: #\(expense.number). Send"),
        "\(commented)")
      #expect(try await books.send("DELETE", "\(path)?force=true").status == 204)
    }
  }

  private func category(_ books: GroupFixture) async throws -> ID {
    try #require(try await books.get(Page<KittyShared.Category>.self, "/categories").items.first).id
  }
}
