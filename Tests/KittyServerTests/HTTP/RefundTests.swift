import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Refunds that mirror their expense, receipt lines below zero, and the default split of a group.
@Suite struct RefundTests {
  private static let any = [("If-Match", "*")]

  private func refuse(
    _ books: GroupFixture, _ method: String, _ path: String, _ json: String?, _ status: Int, _ field: String?,
    _ code: String
  ) async throws {
    let before = try await books.nets()
    let answer = try await books.send(method, path, json, headers: method == "PATCH" ? Self.any : [])
    let problem = try answer.problem()
    #expect(answer.status == status, "\(answer.text)")
    #expect((problem.errors?.first?.code ?? problem.code) == code, "\(answer.text)")
    if let field { #expect(problem.errors?.first?.field == field, "\(answer.text)") }
    #expect(try await books.nets() == before)
  }

  private func refund(_ expense: Entry, _ amount: String, _ more: String = "", _ books: GroupFixture)
    async throws -> Entry
  {
    try await books.enter(
      "/expenses", #"{"description": "Back", "amount": "\#(amount)", "refundOf": "\#(expense.id)"\#(more)}"#)
  }

  @Test(arguments: Backend.available) func wholeRefundMirrorsItsExpenseToTheCent(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let parts = "\"\(books.anna)\", \"\(books.bob)\", \"\(books.carl)\""
      for (index, fields) in [
        #""amount": "100.00", "payer": "\#(books.anna)""#,
        #""amount": "0.01", "payer": "kitty""#,
        #""amount": "-10.01", "payer": "\#(books.bob)""#,
        #""amount": "50.00", "payer": "\#(books.carl)", "split": {"method": "shares", "parts": [{"member": "\#(books.anna)", "weight": 2}, {"member": "\#(books.bob)", "weight": 5}]}"#,
        #""amount": "77.77", "currency": "USD", "rate": "0.9137", "participants": [\#(parts)], "payers": [{"account": "\#(books.anna)", "amount": "33.33"}, {"account": "kitty", "amount": "44.44"}]"#,
        #""amount": "20.00", "payer": "\#(books.anna)", "split": {"method": "items", "items": [{"amount": "23.00"}, {"description": "bottles", "amount": "-3.00", "members": ["\#(books.bob)"]}]}"#,
      ].enumerated() {
        let before = try await books.nets()
        let expense = try await books.enter("/expenses", #"{"description": "x\#(index)", \#(fields)}"#)
        let whole = Amount(-expense.amount, expense.currency).decimal
        let refund = try await refund(expense, "\(whole)", "", books)
        #expect(refund.booked.amount == -expense.booked.amount && refund.refundOf == expense.id)
        #expect(refund.shares?.map(\.amount) == expense.shares?.map { -$0.amount })
        #expect(try await books.nets() == before)
        try await refuse(
          books, "POST", "/expenses",
          #"{"description": "x", "amount": "\#(whole)", "refundOf": "\#(expense.id)"}"#, 422, "amount",
          "more_than_the_rest")
      }
    }
  }

  @Test(arguments: Backend.available) func partialRefundsInAnyOrderLeaveNothing(backend: Backend) async throws
  {
    try await GroupFixture.run(on: backend, guests: ["Bob", "Carl", "Dora", "Emil", "Fay"]) { books in
      var random = Seeded(11)
      for round in 0..<8 {
        let before = try await books.nets()
        let cents = Int64.random(in: 1...5000, using: &random)
        let rate = round % 2 == 0 ? "" : #", "currency": "USD", "rate": "1.237""#
        let weights = books.members.map {
          #"{"member": "\#($0.id)", "weight": \#(Int.random(in: 0...9, using: &random) + 1)}"#
        }.joined(separator: ",")
        let expense = try await books.enter(
          "/expenses",
          #"{"description": "x", "amount": \#(cents), "payer": "\#(books.bob)"\#(rate), "split": {"method": "shares", "parts": [\#(weights)]}}"#
        )
        var rest = cents
        var made: [Entry] = []
        while rest > 0 {
          let part = rest < 3 ? rest : Int64.random(in: 1...rest, using: &random)
          made.append(try await refund(expense, Amount(-part, expense.currency).decimal, "", books))
          rest -= part
          // One is deleted in between, and another one takes its place.
          if made.count == 2, rest > 0 {
            #expect(try await books.send("DELETE", "/entries/\(made[0].id)").status == 204)
            rest -= made[0].amount
          }
        }
        #expect(try await books.nets() == before, "\(cents)")
        if made.count > 2 {
          try await refuse(
            books, "POST", "/entries/\(made[0].id)/restore", nil, 409, nil, "refunded_meanwhile")
        }
      }
    }
  }

  @Test(arguments: Backend.available) func partialRefundsLeaveNothingBetweenThePayers(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      var random = Seeded(5)
      for (currency, rate) in [
        ("JPY", "0.0061"), ("JPY", "0.37"), ("USD", "0.9137"), ("JPY", "0.0091"), ("USD", "0.5"),
      ] {
        for _ in 0..<4 {
          let before = try await books.nets()
          let parts = (0..<3).map { _ in Int64.random(in: 20...1500, using: &random) }
          let payers = zip(books.members, parts).map { #"{"account": "\#($0.id)", "amount": \#($1)}"# }
            .joined(separator: ",")
          let amount = parts.reduce(0, +)
          let expense = try await books.enter(
            "/expenses",
            #"{"description": "x", "amount": \#(amount), "currency": "\#(currency)", "rate": "\#(rate)", "payers": [\#(payers)]}"#
          )
          var rest = amount
          while rest > 0 {
            let part = min(rest, Int64.random(in: (amount / 4 + 1)...(amount / 2 + 1), using: &random))
            _ = try await refund(expense, Amount(-part, expense.currency).decimal, "", books)
            rest -= part
          }
          #expect(try await books.nets() == before, "\(parts) \(currency) \(rate)")
        }
      }
    }
  }

  @Test(arguments: Backend.available) func expenseWithRefundsKeepsItsMoney(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let expense = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "10.00", "payer": "\#(books.anna)"}"#)
      let refund = try await refund(expense, "-4.00", #", "payer": "\#(books.carl)""#, books)
      #expect(refund.payers?.map(\.account) == [.member(books.carl)])
      let path = "/expenses/\(expense.id)"
      try await refuse(books, "PATCH", path, #"{"amount": "12.00"}"#, 409, nil, "has_refunds")
      try await refuse(books, "PATCH", path, #"{"payer": "\#(books.bob)"}"#, 409, nil, "has_refunds")
      try await refuse(books, "PATCH", path + "?dryRun=true", #"{"amount": 9}"#, 409, nil, "has_refunds")
      try await refuse(books, "DELETE", path, nil, 409, nil, "has_refunds")
      let renamed = try await books.send("PATCH", path, #"{"description": "y"}"#, headers: Self.any)
      #expect(renamed.status == 200, "\(renamed.text)")
      // The refund changes within what is open.
      let own = "/expenses/\(refund.id)"
      try await refuse(books, "PATCH", own, #"{"amount": "-10.01"}"#, 422, "amount", "more_than_the_rest")
      try await refuse(books, "PATCH", own, #"{"amount": "1.00"}"#, 422, "amount", "wrong_sign")
      try await refuse(
        books, "PATCH", own, #"{"participants": ["\#(books.bob)"]}"#, 422, "participants", "not_for_a_refund")
      try await refuse(books, "PATCH", own, #"{"rate": "2"}"#, 422, "rate", "not_for_a_refund")
      let changed = try await books.send("PATCH", own, #"{"amount": "-10.00"}"#, headers: Self.any)
      #expect(changed.status == 200, "\(changed.text)")
      let whole = try changed.decode(Entry.self)
      #expect(whole.shares?.map(\.amount) == expense.shares?.map { -$0.amount })
      #expect(try await books.send("DELETE", "/entries/\(refund.id)").status == 204)
      #expect(try await books.send("DELETE", path).status == 204)
      try await refuse(
        books, "POST", "/entries/\(refund.id)/restore", nil, 409, nil, "expense_deleted")
      #expect(try await books.send("POST", "/entries/\(expense.id)/restore").status == 200)
      #expect(try await books.send("POST", "/entries/\(refund.id)/restore").status == 200)
    }
  }

  @Test(arguments: Backend.available) func refundOfWhatIsNoMoreIsNotRestored(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      for change in [
        #"{"amount": "-60"}"#, #"{"amount": "60", "currency": "USD"}"#,
        #"{"amount": "60", "currency": "USD", "rate": "1"}"#,
        #"{"amount": "20"}"#,
      ] {
        let expense = try await books.enter(
          "/expenses", #"{"description": "x", "amount": "60", "payer": "\#(books.anna)"}"#)
        let refund = try await refund(expense, "-30", "", books)
        #expect(try await books.send("DELETE", "/entries/\(refund.id)").status == 204)
        let changed = try await books.send("PATCH", "/expenses/\(expense.id)", change, headers: Self.any)
        #expect(changed.status == 200, "\(changed.text)")
        try await refuse(
          books, "POST", "/entries/\(refund.id)/restore", nil, 409, nil, "refunded_meanwhile")
      }
    }
  }

  @Test(arguments: Backend.available) func wrongRefundsAreRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let expense = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "10.00", "payer": "\#(books.anna)"}"#)
      let payment = try await books.enter(
        "/payments", #"{"from": "\#(books.bob)", "to": "\#(books.anna)", "amount": "1"}"#)
      let refund = try await refund(expense, "-1.00", "", books)
      for (fields, field, code) in [
        (#""amount": "-1", "refundOf": "\#(books.bob)""#, "refundOf", "not_an_expense"),
        (#""amount": "-1", "refundOf": "\#(payment.id)""#, "refundOf", "not_an_expense"),
        (#""amount": "1", "refundOf": "\#(refund.id)""#, "refundOf", "is_a_refund"),
        (#""amount": "-1", "refundOf": "x""#, "refundOf", "not_an_id"),
        (#""amount": "1", "refundOf": "\#(expense.id)""#, "amount", "wrong_sign"),
        (#""amount": "0", "refundOf": "\#(expense.id)""#, "amount", "zero"),
        (#""amount": "-9.01", "refundOf": "\#(expense.id)""#, "amount", "more_than_the_rest"),
        (#""amount": "-1", "currency": "USD", "refundOf": "\#(expense.id)""#, "currency", "not_for_a_refund"),
        (#""amount": "-1", "rate": "2", "refundOf": "\#(expense.id)""#, "rate", "not_for_a_refund"),
        (
          #""amount": "-1", "participants": ["\#(books.bob)"], "refundOf": "\#(expense.id)""#, "participants",
          "not_for_a_refund"
        ),
        (
          #""amount": "-1", "split": {"method": "equally"}, "refundOf": "\#(expense.id)""#, "split",
          "not_for_a_refund"
        ),
        (
          #""amount": "-1", "payers": [{"account": "kitty", "amount": "1"}], "refundOf": "\#(expense.id)""#,
          "payers.0.amount", "wrong_sign"
        ),
      ] {
        try await refuse(
          books, "POST", "/expenses", #"{"description": "x", \#(fields)}"#, 422, field, code)
      }
    }
  }

  @Test(arguments: Backend.available) func refundsAtOnceNeverExceedTheirExpense(backend: Backend) async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let expense = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "1.00", "payer": "\#(books.anna)"}"#)
      let json = #"{"description": "x", "amount": "-0.30", "refundOf": "\#(expense.id)"}"#
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<6 { group.addTask { try await books.send("POST", "/expenses", json).status } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.allSatisfy { [201, 409, 422].contains($0) }, "\(statuses)")
      let made = try await books.get(Page<Entry>.self, "/expenses").items.filter { $0.refundOf != nil }
      #expect(made.count == statuses.count { $0 == 201 } && made.count <= 3)
      for (place, share) in (expense.shares ?? []).enumerated() {
        let back = made.reduce(0) { $0 - ($1.shares?[place].amount ?? 0) }
        #expect(back <= share.amount)
      }
    }
  }

  @Test(arguments: Backend.available) func linesBelowZeroLowerTheSharesOfTheirMembers(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      func items(_ amount: String, _ items: String) -> String {
        #"{"description": "x", "amount": "\#(amount)", "payer": "\#(books.anna)", "split": {"method": "items", "items": [\#(items)]}}"#
      }
      let anna = #""members": ["\#(books.anna)"]"#, bob = #""members": ["\#(books.bob)"]"#
      let entry = try await books.enter(
        "/expenses",
        items("8.50", #"{"amount": "9.00"}, {"amount": "2.00", \#(bob)}, {"amount": "-2.50", \#(anna)}"#))
      let shares = Dictionary(
        uniqueKeysWithValues: (entry.shares ?? []).map { ($0.member, $0.amount) })
      #expect(shares == [books.anna: 50, books.bob: 500, books.carl: 300])
      try await refuse(
        books, "POST", "/expenses",
        items("1.00", #"{"amount": "3.00", \#(bob)}, {"amount": "-2.00", \#(anna)}"#),
        422, "split.items", "below_zero")
      try await refuse(
        books, "POST", "/expenses", items("1.00", #"{"amount": "3.00"}, {"amount": "-3.00"}"#), 422,
        "split.items", "not_the_total")
      try await refuse(
        books, "POST", "/expenses", items("1.00", #"{"amount": "1.00"}, {"amount": "0"}"#), 422,
        "split.items.1.amount", "wrong_sign")
    }
  }

  @Test(arguments: Backend.available) func defaultSplitIsThatOfExpensesWithoutOne(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      func set(_ rule: String) async throws -> Answer {
        try await books.send("PATCH", "", #"{"defaultSplit": \#(rule)}"#, headers: Self.any)
      }
      func amounts(_ more: String = "") async throws -> [Int64] {
        try await books.enter(
          "/expenses", #"{"description": "x", "amount": 400, "payer": "\#(books.anna)"\#(more)}"#
        ).shares?.map(\.amount) ?? []
      }
      #expect(
        try await books.send(
          "PATCH", "/members/\(books.bob)", #"{"weight": 2}"#, headers: Self.any
        ).status == 200)
      #expect(try await set(#"{"method": "shares"}"#).decode(Group.self).defaultSplit == SplitRule(.shares))
      #expect(try await amounts() == [100, 200, 100])
      #expect(try await amounts(#", "split": {"method": "equally"}"#).sorted() == [133, 133, 134])
      // Who has left takes no part.
      let parts = { (rule: String, value: String) in
        #"{"method": "\#(rule)", "parts": [{"member": "\#(books.bob)"\#(value)}, {"member": "\#(books.carl)"\#(value)}]}"#
      }
      #expect(try await set(parts("percentages", #", "percent": "50""#)).status == 200)
      #expect(try await amounts() == [200, 200])
      #expect(try await books.send("DELETE", "/members/\(books.carl)?force=true").status == 204)
      try await refuse(
        books, "POST", "/expenses", #"{"description": "x", "amount": 400, "payer": "\#(books.anna)"}"#, 422,
        "split", "default_split_outdated")
      #expect(
        try await set(
          #"{"method": "shares", "parts": [{"member": "\#(books.bob)", "weight": 3}, {"member": "\#(books.anna)", "weight": 1}]}"#
        ).status == 200)
      #expect(try await amounts() == [300, 100])
      for (rule, field, code) in [
        (
          #"{"method": "exact", "parts": [{"member": "\#(books.bob)", "amount": 1}]}"#, "defaultSplit.method",
          "not_for_a_default"
        ),
        (#"{"method": "percentages"}"#, "defaultSplit.parts", "missing"),
        (
          #"{"method": "percentages", "parts": [{"member": "\#(books.bob)", "percent": "99"}]}"#,
          "defaultSplit.parts", "not_hundred_percent"
        ),
        (
          #"{"method": "shares", "parts": [{"member": "\#(books.carl)"}]}"#, "defaultSplit.parts.0.member",
          "not_a_member"
        ),
        (
          #"{"method": "shares", "parts": [{"member": "\#(books.bob)", "weight": -1}]}"#,
          "defaultSplit.parts.0.weight", "out_of_range"
        ),
      ] {
        try await refuse(books, "PATCH", "", #"{"defaultSplit": \#(rule)}"#, 422, field, code)
      }
      #expect(try await set("null").decode(Group.self).defaultSplit == nil)
      #expect(try await amounts() == [200, 200])
    }
  }
}
