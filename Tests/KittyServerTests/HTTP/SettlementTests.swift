import KittyShared
import Testing

@testable import KittyServer

/// The plan that settles a group.
@Suite struct SettlementTests {
  /// The response names the method of each currency.
  @Test(arguments: Backend.available, [16, 17, 24])
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
      #expect(plan.methods.map(\.method) == [count <= 16 ? .fewest : .greedy])
      #expect(plan.payments.count <= count - 1)
      var left = Dictionary(uniqueKeysWithValues: nets.map { ($0.account, $0.net) })
      for payment in plan.payments {
        left[payment.from, default: 0] += payment.amount
        left[payment.to, default: 0] -= payment.amount
      }
      #expect(left.values.allSatisfy { $0 == 0 } && plan.payments.allSatisfy { $0.amount > 0 })
    }
  }
}
