import KittyShared
import Testing

@testable import KittyServer

/// The plan that settles a group.
@Suite struct SettlementTests {
  /// The response names the method of each currency.
  @Test(arguments: Backend.available, [20, 21, 28])
  func settlementNamesItsMethod(backend: Backend, count: Int) async throws {
    let guests = (1..<count).map { "Guest \($0)" }
    try await GroupFixture.run(on: backend, guests: guests) { books in
      let ids = books.members.map(\.id)
      let parts = ids.dropFirst().enumerated().map {
        #"{"member": "\#($1)", "amount": \#(1000 + $0 * $0 * 7 + $0 % 3)}"#
      }
      let total = (0..<(count - 1)).reduce(0) { $0 + 1000 + $1 * $1 * 7 + $1 % 3 }
      _ = try await books.enter(
        "/expenses",
        #"{"description": "x", "amount": \#(total), "payers": [{"account": "\#(ids[0])", "amount": \#(total - 3001)}, {"account": "\#(ids[1])", "amount": 3001}], "split": {"method": "exact", "parts": [\#(parts.joined(separator: ", "))]}}"#
      )
      let nets = try await books.server.balances(books.group.id, books.token)
      #expect(nets.filter { $0.net != 0 }.count == count)
      let plan = try await books.get(SettlementPlan.self, "/settlement")
      #expect(plan.methods.map(\.method) == [count <= 20 ? .fewest : .greedy])
      #expect(plan.payments.count <= count - 1)
      var left = Dictionary(uniqueKeysWithValues: nets.map { ($0.account, $0.net) })
      for payment in plan.payments {
        left[payment.from, default: 0] += payment.amount
        left[payment.to, default: 0] -= payment.amount
      }
      #expect(left.values.allSatisfy { $0 == 0 } && plan.payments.allSatisfy { $0.amount > 0 })
    }
  }

  /// A plan consists of payments that can be entered, whatever the debts, and the kitty can be counted.
  @Test(arguments: Backend.available) func debtAboveTheLimitOfAnEntryIsSettled(backend: Backend) async throws
  {
    try await GroupFixture.run(on: backend) { books in
      for _ in 0..<3 {
        _ = try await books.enter(
          "/expenses",
          #"{"description": "x", "amount": \#(Amount.limit), "payer": "\#(books.anna)", "participants": ["\#(books.bob)"]}"#
        )
        _ = try await books.enter(
          "/payments", #"{"from": "\#(books.carl)", "to": "kitty", "amount": \#(Amount.limit)}"#)
      }
      let count = try await books.enter("/kitty/counts", #"{"counted": \#(3 * Amount.limit - 1)}"#)
      #expect(count.amount == 1 && count.expected == 3 * Amount.limit)
      let text = try await books.enter("/kitty/counts", #"{"counted": "29999999999.99"}"#)
      #expect(text.amount == 0)
      let beyond = try await books.send("POST", "/kitty/counts", #"{"counted": 1000000000000001}"#)
      try expectFirstError(beyond, 422, "too_large", field: "counted")
      let plan = try await books.get(SettlementPlan.self, "/settlement")
      #expect(plan.payments.count >= 6)
      for payment in plan.payments {
        _ = try await books.enter(
          "/payments", #"{"from": "\#(payment.from)", "to": "\#(payment.to)", "amount": \#(payment.amount)}"#)
      }
      #expect(try await books.get(SettlementPlan.self, "/settlement").payments.isEmpty)
    }
  }
}
