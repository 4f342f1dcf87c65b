import KittyShared
import Testing

@testable import KittyServer

/// Sentences of the documents about refunds, and about changes of a currency.
@Suite struct RefundAndRateTests {
  @Test(arguments: Backend.available) func refundHasExtrasWithoutSign(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      func json(_ item: String, _ tip: String) -> String {
        #"{"description": "x", "amount": "-66", "payer": "\#(books.anna)", "split": {"method": "items", "items": [{"amount": "\#(item)", "members": ["\#(books.bob)"]}], "tip": "\#(tip)"}}"#
      }
      let refund = try await books.enter("/expenses", json("-60", "6"))
      #expect(refund.shares?.map(\.amount) == [-6600])
      try expectFirstError(
        try await books.send("POST", "/expenses", json("-60", "-6")), 422, "negative", field: "split.tip")
      #expect(try await books.send("POST", "/expenses", json("60", "6")).status == 422)
    }
  }

  @Test(arguments: Backend.available) func changedCurrencyEndsTheRate(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let any = [("If-Match", "*")]
      let made = try await books.enter(
        "/expenses",
        #"{"description": "x", "amount": 8000, "currency": "JPY", "rate": "0.0062", "payer": "\#(books.anna)"}"#
      )
      func change(_ json: String) async throws -> Entry {
        try await books.send("PATCH", "/expenses/\(made.id)", json, headers: any).decode(Entry.self)
      }
      #expect(try await change(#"{"note": "y"}"#).rate == made.rate)
      let dollars = try await change(#"{"currency": "USD", "amount": "50"}"#)
      #expect(dollars.rate == nil && dollars.booked.currency.code == "USD" && dollars.description == "x")
      let francs = try await change(#"{"currency": "CHF", "amount": "50", "rate": "1.05"}"#)
      #expect(
        francs.rate == Rate("1.05") && francs.booked == Money(amount: 5250, currency: books.group.currency))
    }
  }
}
