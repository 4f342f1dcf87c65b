import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The history of an entry.
@Suite struct HistoryTests {
  @Test(arguments: Backend.available) func historyListsEveryRevisionWithItsChanges(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let (anna, bob) = (books.anna, books.bob)
      let made = try await books.enter(
        "/expenses", #"{"description": "Dinner", "amount": "30", "payer": "\#(anna)", "note": "a\nb"}"#)
      let path = "/expenses/\(made.id)"
      #expect(try await books.send("PATCH", path, #"{"amount": "60"}"#).status == 428)
      let changed = try await books.send(
        "PATCH", path, #"{"amount": "60", "payer": "\#(bob)", "note": null}"#,
        headers: [("If-Match", "\"1\"")])
      #expect(changed.status == 200 && changed.header("ETag") == "\"2\"", "\(changed.text)")
      let stale = try await books.send("PATCH", path, #"{"amount": "90"}"#, headers: [("If-Match", "\"1\"")])
      #expect(try stale.problem().code == "stale" && stale.problem().detail.contains("\"2\""))
      #expect(try await books.nets().byName() == ["Anna": -2000, "Bob": 4000, "Carl": -2000])
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(try await books.nets().values.allSatisfy { $0 == 0 })
      #expect(try await books.get(Page<Entry>.self, "/expenses").items.isEmpty)
      #expect(try await books.get(Page<Entry>.self, "/expenses?deleted=true").items.count == 1)
      let refused = try await books.send("PATCH", path, #"{"amount": 1}"#, headers: [("If-Match", "*")])
      #expect(refused.status == 409)
      let restored = try await books.send("POST", "/entries/1/restore")
      #expect(try restored.decode(Entry.self).version == 4)
      #expect(try await books.nets().byName() == ["Anna": -2000, "Bob": 4000, "Carl": -2000])
      let history = try await books.get(History.self, "/entries/\(made.id)/history").revisions
      #expect(history.map(\.action) == [.created, .changed, .deleted, .restored])
      #expect(history.allSatisfy { $0.by == anna } && history.map(\.version) == [1, 2, 3, 4])
      let amount = try #require(history[1].changes.first { $0.field == "amount" })
      #expect(amount.old == .number(3000) && amount.new == .number(6000))
      #expect(
        history[1].changes.first { $0.field == "note" } == .init(field: "note", old: .text("a\nb"), new: nil))
      // A number is never reused.
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(
        try await books.enter("/expenses", #"{"description": "y", "amount": 3, "payer": "kitty"}"#).number
          == 2)
    }
  }
}
