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

  /// Each present member has a balance in the currency of the group, also beside one in another currency.
  @Test(arguments: Backend.available) func membersHaveBalanceInTheCurrencyOfTheGroup(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let json = #"{"description": "x", "amount": "9", "currency": "USD", "payer": "\#(books.anna)"}"#
      func rows(_ balances: [Balance]) -> [String] {
        balances.map { "\($0.name) \($0.currency) \($0.net)" }
      }
      let expected = [
        "anna EUR 0", "anna USD 600", "Bob EUR 0", "Bob USD -300", "Carl EUR 0", "Carl USD -300",
      ]
      let preview = try await books.send("POST", "/expenses?dryRun=true", json).decode(EntryPreview.self)
      #expect(rows(preview.balances).sorted() == expected.sorted())
      let expense = try await books.enter("/expenses", json)
      for path in ["/balances", "/balances?at=9999-12-31"] {
        #expect(rows(try await books.get(Balances.self, path).balances) == expected, "\(path)")
      }
      // A deleted entry leaves nothing behind, as in a copy of the group.
      _ = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": "5", "currency": "CHF"}"#)
      for number in [expense.number, expense.number + 1] {
        #expect(try await books.send("DELETE", "/entries/\(number)").status == 204)
      }
      let left = try await books.get(Balances.self, "/balances").balances
      #expect(rows(left) == ["anna EUR 0", "Bob EUR 0", "Carl EUR 0"])
      #expect(try await books.get(Kitty.self, "/kitty").holds.isEmpty)
      let path = "/accounts/\(books.anna)/statement"
      #expect(try await books.get(Statement.self, path).currencies.isEmpty)
      // Postings that cancel out are postings.
      for amount in ["5", "-5"] {
        _ = try await books.enter(
          "/expenses",
          #"{"description": "x", "amount": "\#(amount)", "currency": "USD", "payer": "\#(books.anna)"}"#)
      }
      #expect(try await books.get(Statement.self, path).currencies.map(\.code) == ["USD"])
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
