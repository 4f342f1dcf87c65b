import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Balances, statements and debts.
@Suite struct BalanceTests {
  @Test(arguments: Backend.available) func statementDebtsAndSettlementAgreeWithBalances(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let (anna, bob, carl) = (books.anna, books.bob, books.carl)
      _ = try await books.enter(
        "/expenses", #"{"description": "A", "amount": "90", "payer": "\#(anna)", "date": "2026-01-01"}"#)
      _ = try await books.enter(
        "/expenses",
        #"{"description": "B", "amount": "30", "date": "2026-01-03", "payers": [{"account": "\#(bob)", "amount": "20"}, {"account": "\#(carl)", "amount": "10"}]}"#
      )
      _ = try await books.enter(
        "/payments", #"{"from": "\#(carl)", "to": "\#(anna)", "amount": "5", "date": "2026-01-02"}"#)
      let statement = try await books.get(Statement.self, "/accounts/\(carl)/statement")
      #expect(statement.lines.map(\.number) == [1, 3, 2])
      #expect(statement.lines.map(\.balance) == [-3000, -2500, -2500] && statement.closing == -2500)
      let later = try await books.get(Statement.self, "/accounts/\(carl)/statement?from=2026-01-02&limit=1")
      #expect(later.opening == -3000 && later.lines.map(\.number) == [3] && later.closing == -2500)
      let next = try await books.get(
        Statement.self, "/accounts/\(carl)/statement?from=2026-01-02&limit=1&cursor=\(later.next ?? "")")
      #expect(next.opening == -2500 && next.lines.map(\.number) == [2] && next.next == nil)
      let then = try await books.get(Balances.self, "/balances?at=2026-01-02").balances
      #expect(then.map(\.net) == [5500, -3000, -2500])
      let debts = try await books.get(Debts.self, "/debts").debts
      #expect(debts.count == 3)
      let nets = try await books.server.balances(books.group.id, books.token)
      for balance in nets {
        let net = debts.reduce(0) {
          $0 + ($1.to == balance.account ? $1.amount : 0) - ($1.from == balance.account ? $1.amount : 0)
        }
        #expect(net == balance.net)
      }
      let plan = try await books.get(SettlementPlan.self, "/settlement")
      #expect(plan.methods.map(\.method) == [.fewest] && plan.payments.count == 2)
      let centred = try await books.get(SettlementPlan.self, "/settlement?centre=\(bob)")
      #expect(
        centred.payments.count == 2
          && centred.payments.allSatisfy { $0.from == .member(bob) || $0.to == .member(bob) })
      for payment in plan.payments {
        _ = try await books.enter(
          "/payments", #"{"from": "\#(payment.from)", "to": "\#(payment.to)", "amount": \#(payment.amount)}"#)
      }
      #expect(try await books.get(SettlementPlan.self, "/settlement").payments.isEmpty)
      let mine = try await books.get(MyBalances.self, "/v1/me/balances")
      #expect(mine.totals.isEmpty && mine.groups.isEmpty)
    }
  }

  @Test(arguments: Backend.available) func statementThatEndsBeforeItBeginsIsRefused(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let path = "/accounts/\(books.bob)/statement?from=2026-02-01&to="
      try expectFirstError(try await books.send("GET", path + "2026-01-31"), 422, "out_of_order", field: "to")
      #expect(try await books.send("GET", path + "2026-02-01").status == 200)
    }
  }
}
