import Foundation
import KittyShared
import Logging
import Testing

@testable import KittyServer

/// Expenses: amounts, currencies, splits and dates.
@Suite struct ExpenseTests {
  @Test(arguments: Backend.available) func noteOfAnotherSystemHasPlainLines(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let note = #""note": "Room 1\r\nRoom 2\r\r\n\tbreakfast\r\n""#
      let plain = "Room 1\nRoom 2\n\n breakfast"
      let expense = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 3, "payer": "\#(books.anna)", \#(note)}"#)
      #expect(expense.note == plain)
      let changed = try await books.send(
        "PATCH", "/expenses/\(expense.id)", #"{"note": "a\rb"}"#, headers: [("If-Match", "*")])
      #expect(try changed.decode(Entry.self).note == "a\nb")
      let payment = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": 3, \#(note)}"#)
      #expect(payment.note == plain)
      let count = try await books.enter("/kitty/counts", #"{"counted": 1, \#(note)}"#)
      #expect(count.note == plain)
      let refused = try await books.send(
        "POST", "/expenses", #"{"description": "x", "amount": 3, "payer": "kitty", "note": "a\u000b"}"#)
      #expect(
        refused.status == 422
          && refused.text.contains("Character 2 is the invisible control character U+000B"))
    }
  }

  @Test(arguments: Backend.available) func expenseIsSharedEquallyToTheCent(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let id = ID(at: .now)
      let answer = try await server.send(
        "POST", "/v1/groups/\(group.id)/expenses", token: token,
        json: #"{"id": "\#(id)", "description": " Dinner ", "amount": "100.00", "payer": "\#(group.me)"}"#)
      #expect(answer.status == 201)
      #expect(answer.header("Location") == "/v1/groups/\(group.id)/expenses/\(id)")
      #expect(answer.header("ETag") == "\"1\"")
      let expense = try answer.decode(Entry.self)
      #expect(expense.number == 1 && expense.description == "Dinner" && expense.currency.code == "EUR")
      // The client shows the same shares before it sends the expense.
      #expect(expense.shares == (try Split.equally(members.map(\.id)).shares(of: 10_000, seed: id)))
      #expect((expense.shares ?? []).map(\.amount).sorted() == [3333, 3333, 3334])

      let balances = try await server.balances(group.id, token)
      #expect(balances.map(\.name) == ["anna", "Bob", "Carl"])
      #expect(balances.reduce(0) { $0 + $1.net } == 0)
      for balance in balances {
        let share = try #require((expense.shares ?? []).first { $0.member == balance.member }).amount
        #expect(balance.share == share)
        #expect(balance.paid == (balance.member == group.me ? 10_000 : 0))
        #expect(balance.net == balance.paid - balance.share)
      }
      let groups = try await server.send("GET", "/v1/groups", token: token).decode(Page<Group>.self).items
      #expect(groups.map(\.memberCount) == [3])
      #expect(
        groups[0].balances.map(\.amount) == [try #require(balances.first { $0.member == group.me }).net])
      let read = try await server.send("GET", "/v1/groups/\(group.id)/expenses/\(id)", token: token)
      #expect(try read.decode(Entry.self) == expense)
    }
  }

  @Test(arguments: Backend.available) func deletedExpenseLeavesTheBalances(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let path = "/v1/groups/\(group.id)/expenses"
      var ids: [ID] = []
      for amount in [1000, 77] {
        let json = #"{"description": "x", "amount": \#(amount), "payer": "\#(group.me)"}"#
        ids.append(try await server.send("POST", path, token: token, json: json).decode(Entry.self).id)
      }
      let before = try await server.balances(group.id, token)
      let stale = try await server.send(
        "DELETE", "\(path)/\(ids[0])", token: token, headers: [("If-Match", "\"9\"")])
      #expect(stale.status == 412)
      #expect(try await server.balances(group.id, token) == before)
      let done = try await server.send(
        "DELETE", "\(path)/\(ids[0])", token: token, headers: [("If-Match", "\"1\"")])
      #expect(done.status == 204)
      // A second deletion succeeds and changes nothing.
      #expect(try await server.send("DELETE", "\(path)/\(ids[0])", token: token).status == 204)
      let after = try await server.balances(group.id, token)
      #expect(after.reduce(0) { $0 + $1.net } == 0)
      #expect(after.first { $0.member == group.me }?.paid == 77)
      let list = try await server.send("GET", path, token: token).decode(Page<Entry>.self)
      #expect(list.items.map(\.id) == [ids[1]])
      let deleted = try await server.send("GET", "\(path)/\(ids[0])", token: token).decode(Entry.self)
      #expect(deleted.deletedAt != nil && deleted.version == 2)
    }
  }

  @Test(arguments: Backend.available) func amountsHaveTheDecimalsOfTheirCurrency(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      for (code, text, units) in [("JPY", "100", 100), ("EUR", "1.00", 100), ("KWD", "0.100", 100)]
        as [(String, String, Int64)]
      {
        let (group, _) = try await server.makeGroup(token, currency: code)
        let json = #"{"description": "x", "amount": "\#(text)", "payer": "\#(group.me)"}"#
        let expense = try await server.send(
          "POST", "/v1/groups/\(group.id)/expenses", token: token, json: json
        ).decode(Entry.self)
        #expect(expense.amount == units)
        #expect((expense.shares ?? []).map(\.amount).sorted() == [33, 33, 34])
        // Balances of another currency are separate.
        let other = #"{"description": "x", "amount": 9, "currency": "CHF", "payer": "\#(group.me)"}"#
        #expect(
          try await server.send("POST", "/v1/groups/\(group.id)/expenses", token: token, json: other).status
            == 201)
        let balances = try await server.balances(group.id, token)
        for currency in [code, "CHF"] {
          #expect(balances.filter { $0.currency.code == currency }.reduce(0) { $0 + $1.net } == 0)
        }
        #expect(balances.count == 6)
      }
    }
  }

  @Test(arguments: Backend.available) func everySplitMethodComputesItsShares(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (anna, bob, carl) = (books.anna, books.bob, books.carl)
      func shares(_ amount: String, _ split: String) async throws -> [Int64] {
        try await books.enter(
          "/expenses",
          #"{"description": "x", "amount": "\#(amount)", "payer": "\#(anna)", "split": \#(split)}"#
        ).shares?.map(\.amount) ?? []
      }
      func part(_ member: ID, _ rest: String) -> String { #"{"member": "\#(member)", \#(rest)}"# }
      #expect(
        try await shares(
          "100",
          #"{"method": "shares", "parts": [\#(part(anna, #""weight": 2"#)), \#(part(bob, #""weight": 1"#)), \#(part(carl, #""weight": 0"#))]}"#
        )
        .sorted() == [0, 3333, 6667])
      #expect(
        try await shares(
          "100",
          #"{"method": "percentages", "parts": [\#(part(anna, #""percent": "33.33""#)), \#(part(bob, #""percent": "66.67""#))]}"#
        )
          == [3333, 6667])
      #expect(
        try await shares(
          "100",
          #"{"method": "exact", "parts": [\#(part(anna, #""amount": "1.01""#)), \#(part(bob, #""amount": 9899"#))]}"#
        )
          == [101, 9899])
      #expect(
        try await shares(
          "100",
          #"{"method": "adjusted", "parts": [\#(part(anna, #""amount": "10""#)), {"member": "\#(bob)"}]}"#)
          == [5500, 4500])
      #expect(
        try await shares(
          "66",
          #"{"method": "items", "items": [{"amount": "20", "members": ["\#(anna)"]}, {"description": "Wine", "amount": "40", "members": ["\#(anna)", "\#(bob)"]}], "tax": "9", "tip": "3", "discount": "6"}"#
        )
          == [4400, 2200])
      // A refund has the opposite shares.
      #expect(
        try await shares(
          "-100",
          #"{"method": "exact", "parts": [\#(part(anna, #""amount": "-1""#)), \#(part(bob, #""amount": "-99""#))]}"#
        )
          == [-100, -9900])
      // The weight of a member is the default, and does not change old balances.
      let before = try await books.nets()
      let member = try await books.send("GET", "/members/\(bob)")
      let changed = try await books.send(
        "PATCH", "/members/\(bob)", #"{"weight": 3}"#, headers: [("If-Match", member.header("ETag") ?? "")])
      #expect(changed.status == 200)
      #expect(try await books.nets() == before)
      #expect(try await shares("50", #"{"method": "shares"}"#) == [1000, 3000, 1000])
    }
  }

  @Test(arguments: Backend.available) func invalidSplitGetsFieldAndMissingAmount(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let (anna, bob) = (books.anna, books.bob)
      let two = #"{"member": "\#(anna)", "VALUE": "60"}, {"member": "\#(bob)", "VALUE": "39.5"}"#
      let cases: [(String, field: String, code: String, words: String)] = [
        (
          #"{"method": "exact", "parts": [\#(two.replacing("VALUE", with: "amount"))]}"#, "split.parts",
          "not_the_total", "0.50 EUR are missing"
        ),
        (
          #"{"method": "percentages", "parts": [\#(two.replacing("VALUE", with: "percent"))]}"#,
          "split.parts", "not_hundred_percent", "0.50 are missing"
        ),
        (
          #"{"method": "exact", "parts": [{"member": "\#(anna)", "amount": "101"}]}"#, "split.parts",
          "not_the_total", "1.00 EUR over"
        ),
        (
          #"{"method": "exact", "parts": [{"member": "\#(anna)", "amount": "101"}, {"member": "\#(bob)", "amount": "-1"}]}"#,
          "split.parts.1.amount", "wrong_sign", ""
        ),
        (#"{"method": "exact", "parts": [{"member": "\#(anna)"}]}"#, "split.parts.0.amount", "missing", ""),
        (
          #"{"method": "shares", "parts": [{"member": "\#(anna)", "weight": 0}]}"#, "split.parts",
          "no_weight", ""
        ),
        (
          #"{"method": "shares", "parts": [{"member": "\#(anna)", "weight": -1}]}"#, "split.parts.0.weight",
          "out_of_range", ""
        ),
        (
          #"{"method": "shares", "parts": [{"member": "\#(anna)", "wieght": 1}]}"#, "split.parts.0.wieght",
          "unknown_field", ""
        ),
        (
          #"{"method": "shares", "parts": [{"member": "\#(anna)", "amount": 1}]}"#, "split.parts.0.amount",
          "not_for_this_method", ""
        ),
        (
          #"{"method": "equally", "parts": [{"member": "\#(anna)"}, {"member": "\#(anna)"}]}"#, "split.parts",
          "twice", ""
        ),
        (
          #"{"method": "adjusted", "parts": [{"member": "\#(anna)", "amount": 120}, {"member": "\#(bob)", "amount": "-120"}]}"#,
          "split.parts", "below_zero", ""
        ),
        (
          #"{"method": "items", "items": [{"amount": "99.99"}]}"#, "split.items", "not_the_total",
          "0.01 EUR are missing"
        ),
        (#"{"method": "items"}"#, "split.items", "missing", ""),
        (#"{"method": "evenly"}"#, "split.method", "unknown_method", "equally"),
        (
          #"{"method": "equally", "parts": [{"member": "\#(books.group.id)"}]}"#, "split.parts.0.member",
          "not_a_member", ""
        ),
      ]
      for test in cases {
        let answer = try await books.send(
          "POST", "/expenses",
          #"{"description": "x", "amount": "100", "payer": "\#(anna)", "split": \#(test.0)}"#)
        #expect(answer.status == 422, "\(test.0): \(answer.text)")
        let problem = try answer.problem()
        #expect(problem.errors?.first?.field == test.field, "\(test.0): \(answer.text)")
        #expect(problem.errors?.first?.code == test.code, "\(test.0): \(answer.text)")
        #expect(test.words.isEmpty || problem.detail.contains(test.words), "\(answer.text)")
      }
      #expect(try await books.get(Page<Entry>.self, "/entries").items.isEmpty)
    }
  }

  @Test(arguments: Backend.available) func changeOfCurrencyRequiresNewAmounts(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (anna, bob) = (books.anna, books.bob)
      let any = [("If-Match", "*")]
      func change(_ path: String, _ json: String) async throws -> Answer {
        try await books.send("PATCH", path, json, headers: any)
      }
      let plain = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 5000, "currency": "JPY", "payer": "\#(anna)"}"#)
      let path = "/expenses/\(plain.id)"
      try expectFirstError(try await change(path, #"{"currency": "EUR"}"#), 422, "missing", field: "amount")
      // The same currency again is no change.
      #expect(try await change(path, #"{"currency": "JPY", "note": "n"}"#).status == 200)
      let moved = try await change(path, #"{"currency": "EUR", "amount": "31"}"#)
      #expect(try moved.decode(Entry.self).amount == 3100)
      let several = try await books.enter(
        "/expenses",
        #"{"description": "x", "amount": 50, "payers": [{"account": "\#(anna)", "amount": 30}, {"account": "\#(bob)", "amount": 20}], "split": {"method": "exact", "parts": [{"member": "\#(anna)", "amount": 50}]}}"#
      )
      let answer = try await change("/expenses/\(several.id)", #"{"currency": "USD", "amount": 50}"#)
      #expect(try answer.problem().errors?.map(\.field) == ["payers", "split"])
      let all = try await change(
        "/expenses/\(several.id)",
        #"{"currency": "USD", "amount": 50, "payer": "\#(anna)", "participants": ["\#(bob)"]}"#)
      #expect(all.status == 200, "\(all.text)")
      let payment = try await books.enter(
        "/payments", #"{"from": "\#(anna)", "to": "\#(bob)", "amount": "1"}"#)
      try expectFirstError(
        try await change("/payments/\(payment.id)", #"{"currency": "KWD"}"#), 422, "missing", field: "amount")
    }
  }

  @Test(arguments: Backend.available) func expenseIDIsEnteredOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      let json = #"{"id": "\#(ID(at: .now))", "description": "x", "amount": 300, "payer": "\#(group.me)"}"#
      let path = "/v1/groups/\(group.id)/expenses"
      let answers = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for _ in 0..<10 {
          tasks.addTask { try await server.send("POST", path, token: token, json: json).status }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.filter { $0 == 201 }.count == 1)
      #expect(answers.filter { $0 == 409 }.count == 9)
      #expect(try await server.balances(group.id, token).first?.paid == 300)
    }
  }

  @Test func expenseThatOverflowsBalancesIsRefused() async throws {
    for backend in Backend.available {
      try await TestServer.run(on: backend) { (server) async throws in
        let token = try await server.signUp()
        let (group, _) = try await server.makeGroup(token, guests: [])
        // The balance after nine million expenses of the maximum amount.
        try await server.dependencies.database.transact([
          """
          insert into balances (group_id, account_id, currency, paid, share, sent, received)
          values (\(group.id), \(group.me), 'EUR', \(Int64.max - 5), 0, 0, 0)
          """
        ])
        let path = "/v1/groups/\(group.id)/expenses"
        func json(_ amount: Int) -> String {
          #"{"description": "x", "amount": \#(amount), "payer": "\#(group.me)"}"#
        }
        let refused = try await server.send("POST", path, token: token, json: json(6))
        #expect(refused.status == 422, "\(backend): \(refused.text)")
        #expect(try refused.problem().errors?.first?.code == "too_large")
        #expect(try await server.send("POST", path, token: token, json: json(5)).status == 201)
      }
    }
  }

  @Test(arguments: Backend.available) func dateFarInTheFutureIsRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (near, far) = (Self.day(3653), Self.day(3654))
      func expense(_ day: String) -> String {
        #"{"description": "x", "amount": 300, "payer": "\#(books.anna)", "date": "\#(day)"}"#
      }
      func payment(_ day: String) -> String {
        #"{"from": "\#(books.anna)", "to": "kitty", "amount": 300, "date": "\#(day)"}"#
      }
      for path in ["/expenses", "/expenses?dryRun=true"] {
        let refused = try await books.send("POST", path, expense(far)).problem()
        #expect(refused.errors?.map(\.code) == ["too_far_ahead"] && refused.errors?.first?.field == "date")
        #expect(refused.detail.contains(far))
      }
      #expect(try await books.send("POST", "/payments", payment(far)).status == 422)
      #expect(try await books.send("POST", "/expenses", expense("1899-12-31")).status == 422)
      let first = try await books.enter("/expenses", expense(near))
      _ = try await books.enter("/expenses", expense("1900-01-01"))
      let second = try await books.enter("/payments", payment(near))
      let any = [("If-Match", "*")]
      for path in ["/expenses/\(first.id)", "/payments/\(second.id)"] {
        let refused = try await books.send("PATCH", path, #"{"date": "\#(far)"}"#, headers: any)
        #expect(try refused.problem().errors?.map(\.code) == ["too_far_ahead"])
        #expect(try await books.send("PATCH", path, #"{"note": "x"}"#, headers: any).status == 200)
      }
      let closed = try await books.send("PATCH", "", #"{"closedUntil": "9999-12-31"}"#, headers: any)
        .problem()
      #expect(closed.errors?.map(\.field) == ["closedUntil"])
    }
  }

  /// An entry with such a date, from a server whose clock was ahead, can be changed in other fields.
  @Test(arguments: Backend.available) func unchangedFutureDateIsAccepted(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let json = #"{"description": "x", "amount": 300, "payer": "\#(books.anna)", "date": "\#(Self.day(1))"}"#
      _ = try await books.enter("/expenses", json)
      let text = try await books.send("GET", "/export").text.replacing(Self.day(1), with: "2099-01-01")
      let file = try JSON.decode(GroupFile.self, from: Data(text.utf8))
      let group = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
        .decode(Group.self)
      let copy = GroupFixture(server: books.server, token: books.token, group: group, members: books.members)
      // An import refuses it, so the rows are written without its checks.
      try expectFirstError(
        try await copy.send("POST", "/import", text), 422, "too_far_ahead",
        field: "entries.0.revisions.0.content.date")
      let user = try #require(try await books.get(Member.self, "/members/\(books.anna)").user)
      try await GroupImportStore(database: books.server.dependencies.database, logger: Logger(label: "test"))
        .insert(
          file, into: group.id, owner: user, WriteContext()
        ) { insert in for entry in file.entries { try await insert(entry) } }
      await books.server.dependencies.cache?.invalidateAll()
      let entry = try await copy.get(Entry.self, "/entries/1")
      #expect(entry.date.description == "2099-01-01")
      let any = [("If-Match", "*")]
      let path = "/expenses/\(entry.id)"
      #expect(try await copy.send("PATCH", path, #"{"amount": 400}"#, headers: any).status == 200)
      #expect(try await copy.send("PATCH", path, #"{"date": "2099-01-02"}"#, headers: any).status == 422)
    }
  }

  private static func day(_ ahead: Int64) -> String {
    Day(daysSince1970: Instant.now.day.daysSince1970 + ahead).description
  }
}
