import KittyShared
import Testing

@testable import KittyServer

/// Payments between members.
@Suite struct PaymentTests {
  @Test(arguments: Backend.available) func formerMemberCanPayOpenBalance(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (anna, bob, carl) = (books.anna, books.bob, books.carl)
      _ = try await books.enter("/expenses", #"{"description": "x", "amount": "30", "payer": "\#(anna)"}"#)
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(try await books.send("DELETE", "/members/\(bob)").status == 204)
      let payment = #"{"from": "\#(bob)", "to": "\#(anna)", "amount": "10"}"#
      // A former member without a balance cannot take part.
      try expectFirstError(
        try await books.send("POST", "/payments", payment), 422, "not_a_member", field: "from")
      #expect(try await books.send("POST", "/entries/1/restore").status == 200)
      // A former member with a balance cannot take part in expenses, or in a currency without a balance.
      try expectFirstError(
        try await books.send(
          "POST", "/expenses", #"{"description": "x", "amount": 3, "payer": "\#(bob)"}"#),
        422, "not_a_member", field: "payer")
      try expectFirstError(
        try await books.send(
          "POST", "/expenses",
          #"{"description": "x", "amount": 3, "payer": "\#(anna)", "participants": ["\#(bob)"]}"#),
        422, "not_a_member", field: "participants.0")
      try expectFirstError(
        try await books.send(
          "POST", "/payments", payment.replacing("\"amount\"", with: "\"currency\": \"USD\", \"amount\"")),
        422, "not_a_member", field: "from")
      let plan = try await books.get(SettlementPlan.self, "/settlement")
      #expect(plan.payments.contains { $0.from == .member(bob) } && plan.payments.count == 2)
      for transfer in plan.payments {
        _ = try await books.enter(
          "/payments",
          #"{"from": "\#(transfer.from)", "to": "\#(transfer.to)", "amount": \#(transfer.amount)}"#)
      }
      #expect(try await books.nets().values.allSatisfy { $0 == 0 })
      // Changing an old entry opens the balance again, and a changed payment settles it.
      let settled = try #require(
        try await books.get(Page<Entry>.self, "/payments").items.first { $0.from == .member(carl) })
      let path = "/expenses/\(try await books.get(Entry.self, "/entries/1").id)"
      let changed = try await books.send("PATCH", path, #"{"amount": "33"}"#, headers: [("If-Match", "*")])
      #expect(changed.status == 200, "\(changed.text)")
      let moved = try await books.send(
        "PATCH", "/payments/\(settled.id)", #"{"from": "\#(bob)"}"#, headers: [("If-Match", "*")])
      #expect(moved.status == 200, "\(moved.text)")
      #expect(try await books.send("GET", "/settlement").status == 200)
    }
  }

  /// Both members of a suggested payment enter it, one after the other and at the same time.
  @Test(arguments: Backend.available) func suggestedPaymentIsEnteredOnce(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (anna, bob) = (books.anna, books.bob)
      func suggestion(_ amount: String) -> String {
        #"{"from": "\#(bob)", "to": "\#(anna)", "amount": "\#(amount)", "onlyIfOwed": true}"#
      }
      _ = try await books.enter("/expenses", #"{"description": "x", "amount": "60", "payer": "\#(anna)"}"#)
      let refused = try await books.send("POST", "/payments", suggestion("20.01"))
      try expectFirstError(refused, 409, "not_owed")
      #expect(try refused.problem().detail.contains("owes 20.00 EUR now"), "\(refused.text)")
      try expectFirstError(
        try await books.send("POST", "/payments?dryRun=true", suggestion("20.01")), 409, "not_owed")
      let answers = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for _ in 0..<8 {
          tasks.addTask { try await books.send("POST", "/payments", suggestion("20")).status }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }.sorted()
      }
      #expect(answers == [201] + Array(repeating: 409, count: 7))
      #expect(try await books.nets()["Bob EUR"] == 0)
      try expectFirstError(try await books.send("POST", "/payments", suggestion("20")), 409, "not_owed")
      // An advance is entered without it.
      let advance = suggestion("20").replacing(#", "onlyIfOwed": true"#, with: "")
      #expect(try await books.send("POST", "/payments", advance).status == 201)
      #expect(try await books.nets()["Bob EUR"] == 2000)
    }
  }
}
