import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Settling while the kitty is kept, and settling rounds.
@Suite struct SettlingTests {
  private static let any = [("If-Match", "*")]
  private static let iban = "DE89 3704 0044 0532 0130 00"

  private func plan(_ books: GroupFixture, _ query: String = "") async throws -> SettlementPlan {
    try await books.get(SettlementPlan.self, "/settlement\(query)")
  }

  private func pay(_ payments: [Transfer], _ books: GroupFixture) async throws {
    for payment in payments {
      _ = try await books.enter(
        "/payments",
        #"{"from": "\#(payment.from)", "to": "\#(payment.to)", "amount": \#(payment.amount), "currency": "\#(payment.currency)"}"#
      )
    }
  }

  private func expect(_ answer: Answer, _ status: Int, _ field: String?, _ code: String) throws {
    let problem = try answer.problem()
    #expect(answer.status == status, "\(answer.text)")
    #expect((problem.errors?.first?.code ?? problem.code) == code, "\(answer.text)")
    if let field { #expect(problem.errors?.first?.field == field, "\(answer.text)") }
  }

  @Test(arguments: Backend.available) func membersKeepTheirPartsOfThePot(backend: Backend) async throws {
    for rule in SettlementPlan.Rule.allCases {
      try await GroupFixture.run(on: backend) { books in
        let weight = try await books.send(
          "PATCH", "/members/\(books.bob)", #"{"weight": 3}"#, headers: Self.any)
        #expect(weight.status == 200)
        for (member, amount) in [(books.anna, 100), (books.bob, 100), (books.carl, 150)] {
          _ = try await books.enter(
            "/payments", #"{"from": "\#(member)", "to": "kitty", "amount": "\#(amount)"}"#)
        }
        _ = try await books.enter(
          "/payments", #"{"from": "kitty", "to": "\#(books.carl)", "amount": "50"}"#)
        _ = try await books.enter(
          "/expenses", #"{"description": "x", "amount": "60", "payer": "\#(books.anna)"}"#)
        if rule != .contributed {
          _ = try await books.enter(
            "/expenses", #"{"description": "x", "amount": "0.02", "payer": "kitty", "currency": "USD"}"#)
        }
        let found = try await plan(books, "?keep=kitty&by=\(rule)&centre=\(books.bob)")
        #expect(found.methods.allSatisfy { $0.method == .centred })
        let kept = try await plan(books, "?keep=kitty&by=\(rule)")
        #expect(kept.payments.allSatisfy { $0.from != .kitty && $0.to != .kitty })
        #expect(kept.payments.filter { $0.currency.code == "EUR" }.count <= 2)
        try await pay(kept.payments, books)
        let balances = try await books.get(Balances.self, "/balances").balances
        for balance in balances where balance.account != .kitty {
          let part = kept.keeps?.first {
            .member($0.member) == balance.account && $0.currency == balance.currency
          }
          #expect(balance.net == part?.amount ?? 0, "\(rule)")
        }
        let parts = (kept.keeps ?? []).filter { $0.currency.code == "EUR" }.map(\.amount)
        #expect(parts == (rule == .weights ? [6000, 18000, 6000] : [10000, 10000, 10000]))
        #expect(try await plan(books, "?keep=kitty&by=\(rule)").payments.isEmpty)
      }
    }
  }

  @Test(arguments: Backend.available) func randomGroupsKeepThePot(backend: Backend) async throws {
    for seed in UInt64(1)...(backend == .sqlite ? 3 : 1) {
      try await GroupFixture.run(on: backend, guests: ["Bob", "Carl", "Dora", "Emil"]) { books in
        try await books.fill(seed: seed, steps: 40)
        let answer = try await books.send("GET", "/settlement?keep=kitty&by=contributed")
        let kept =
          answer.status == 200
          ? try answer.decode(SettlementPlan.self) : try await plan(books, "?keep=kitty")
        #expect(kept.payments.allSatisfy { $0.from != .kitty && $0.to != .kitty })
        let pots = try await books.get(Kitty.self, "/kitty").holds
        for pot in pots {
          let parts = (kept.keeps ?? []).filter { $0.currency == pot.currency }
          #expect(parts.reduce(0) { $0 + $1.amount } == pot.amount)
        }
        try await pay(kept.payments, books)
        for balance in try await books.get(Balances.self, "/balances").balances
        where balance.account != .kitty {
          let part = kept.keeps?.first {
            .member($0.member) == balance.account && $0.currency == balance.currency
          }
          #expect(balance.net == part?.amount ?? 0)
        }
      }
    }
  }

  @Test(arguments: Backend.available) func wrongWishesAreRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "60", "payer": "\#(books.anna)"}"#)
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "6", "payer": "kitty"}"#)
      for (query, field, code) in [
        ("keep=all", "keep", "not_to_keep"), ("keep=", "keep", "not_to_keep"),
        ("by=equal", "by", "without_keep"), ("keep=kitty&by=age", "by", "unknown_rule"),
        ("keep=kitty&centre=kitty", "centre", "kept"), ("centre=x", "centre", "not_an_account"),
        ("keep=kitty&centre=\(ID(at: .now))", "centre", "not_a_member"),
        ("keep=kitty&by=contributed", "by", "no_weight"),
      ] {
        try expect(try await books.send("GET", "/settlement?\(query)"), 422, field, code)
        let fields = query.split(separator: "&").map { pair -> String in
          let parts = pair.split(separator: "=", omittingEmptySubsequences: false)
          return #""\#(parts[0])": "\#(parts[1])""#
        }.joined(separator: ", ")
        try expect(try await books.send("POST", "/settlements", "{\(fields)}"), 422, field, code)
      }
      try expect(try await books.send("POST", "/settlements", #"{"id": "x"}"#), 422, "id", "not_an_id")
      try expect(
        try await books.send("POST", "/settlements", #"{"when": 1}"#), 422, "when", "unknown_field")
      #expect(try await books.get(Page<SettlingRound>.self, "/settlements").items.isEmpty)
    }
  }

  @Test(arguments: Backend.available, [2, 5, 24, 60]) func roundClearsAllInAnyOrder(
    backend: Backend, count: Int
  )
    async throws
  {
    try await GroupFixture.run(on: backend, guests: (2...count).map { "Guest \($0)" }) { books in
      var random = Seeded(UInt64(count))
      let ids = books.members.map(\.id)
      for _ in 0..<count {
        let (from, to) = (ids.randomElement(using: &random), ids.randomElement(using: &random))
        guard let from, let to, from != to else { continue }
        _ = try await books.enter(
          "/payments",
          #"{"from": "\#(from)", "to": "\#(to)", "amount": \#(Int64.random(in: 1...50_000, using: &random))}"#
        )
      }
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 12345, "payer": "\#(ids[0])"}"#)
      let round = try await begin(books)
      let text = try await books.send("GET", "/settlements/\(round.id)").text
      for payment in round.payments.shuffled(using: &random) {
        for attempt in 1...2 where attempt == 1 || payment.number % 7 == 1 {
          let answer = try await books.send(
            "POST", "/settlements/\(round.id)/payments/\(payment.number)")
          #expect(answer.status == 200, "\(answer.text)")
          let booked = try answer.decode(RoundPayment.self)
          #expect(booked.state == .paid && booked.transfer == payment.transfer && booked.entry != nil)
        }
      }
      let done = try await books.get(SettlingRound.self, "/settlements/\(round.id)")
      #expect(!done.outdated && done.payments.allSatisfy { $0.state == .paid })
      #expect(done.payments.map(\.transfer) == round.payments.map(\.transfer), "\(text)")
      #expect(try await books.nets().values.allSatisfy { $0 == 0 })
      try expect(try await books.send("POST", "/settlements", "{}"), 409, nil, "settled")
    }
  }

  /// A round of the largest group: each payment that is booked leaves the others as they are.
  @Test(arguments: Backend.available) func roundOfFiveHundredStaysAsItIs(backend: Backend) async throws {
    let guests = (2...Group.maxMembers).map { "Guest \($0)" }
    try await GroupFixture.run(on: backend, guests: guests) { books in
      var random = Seeded(500)
      var ids: [ID] = []
      var next: String?
      repeat {
        let cursor = next.map { "&cursor=\($0)" } ?? ""
        let page = try await books.get(Page<Member>.self, "/members?limit=100\(cursor)")
        ids += page.items.map(\.id)
        next = page.next
      } while next != nil
      #expect(ids.count == Group.maxMembers)
      for _ in 0..<30 {
        let payer = try #require(ids.randomElement(using: &random))
        let people = ids.shuffled(using: &random).prefix(100).map { "\"\($0)\"" }.joined(separator: ", ")
        _ = try await books.enter(
          "/expenses",
          #"{"description": "x", "amount": \#(Int64.random(in: 1...500_000, using: &random)), "payer": "\#(payer)", "participants": [\#(people)]}"#
        )
      }
      let round = try await begin(books)
      #expect(round.payments.count > 250 && round.payments.count < Group.maxMembers)
      for payment in round.payments.shuffled(using: &random).prefix(20) {
        let answer = try await books.send(
          "POST", "/settlements/\(round.id)/payments/\(payment.number)")
        #expect(answer.status == 200, "\(answer.text)")
      }
      let now = try await books.get(SettlingRound.self, "/settlements/\(round.id)")
      #expect(!now.outdated && now.payments.map(\.transfer) == round.payments.map(\.transfer))
      #expect(now.payments.count { $0.state == .paid } == 20)
      // An import and an export of a group with such a round.
      let file = try await books.get(GroupFile.self, "/export")
      #expect(file.settlements?.first?.payments.count == round.payments.count)
    }
  }

  private func begin(_ books: GroupFixture, _ json: String = "{}") async throws -> SettlingRound {
    let answer = try await books.send("POST", "/settlements", json)
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(SettlingRound.self)
  }

  @Test(arguments: Backend.available) func changedBooksMarkTheRound(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let expense = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "60", "payer": "\#(books.anna)"}"#)
      let round = try await begin(books)
      #expect(!round.outdated && round.payments.count == 2)
      try expect(try await books.send("POST", "/settlements", "{}"), 409, nil, "round_under_way")
      // Words do not matter, money does.
      let words = try await books.send(
        "PATCH", "/expenses/\(expense.id)", #"{"description": "y"}"#, headers: Self.any)
      #expect(words.status == 200)
      #expect(try await books.get(SettlingRound.self, "/settlements/\(round.id)").outdated == false)
      let money = try await books.send(
        "PATCH", "/expenses/\(expense.id)", #"{"amount": "66"}"#, headers: Self.any)
      #expect(money.status == 200)
      let now = try await books.get(SettlingRound.self, "/settlements/\(round.id)")
      #expect(now.outdated && now.payments == round.payments)
      // An outdated round gives way to the next one.
      let next = try await begin(books, #"{"keep": "kitty"}"#)
      let old = try await books.get(SettlingRound.self, "/settlements/\(round.id)")
      #expect(old.endedAt != nil && old.payments.allSatisfy { $0.state == .void })
      try expect(
        try await books.send("POST", "/settlements/\(round.id)/payments/1"), 409, nil, "ended")
      let listed = try await books.get(Page<SettlingRound>.self, "/settlements")
      #expect(listed.items.map(\.id) == [next.id, round.id])
      let since = listed.sequence ?? 0
      #expect(
        try await books.get(Page<SettlingRound>.self, "/settlements?since=\(since)").items.isEmpty)
      // A deleted payment is open again, and its entry is restored.
      let booked = try await books.send("POST", "/settlements/\(next.id)/payments/1")
        .decode(RoundPayment.self)
      #expect(try await books.send("DELETE", "/entries/\(try #require(booked.entry))").status == 204)
      let opened = try await books.get(SettlingRound.self, "/settlements/\(next.id)")
      #expect(opened.payments[0].state == .open && !opened.outdated)
      let again = try await books.send("POST", "/settlements/\(next.id)/payments/1")
        .decode(RoundPayment.self)
      #expect(again.entry == booked.entry)
      for _ in 1...2 { #expect(try await books.send("DELETE", "/settlements/\(next.id)").status == 204) }
      let ended = try await books.get(Page<SettlingRound>.self, "/settlements?since=\(since)").items
      #expect(ended.map(\.id) == [next.id])
      #expect(ended[0].payments.map(\.state) == [.paid, .void])
      for path in ["/settlements/\(next.id)/payments/9", "/settlements/\(next.id)/payments/x"] {
        #expect(try await books.send("POST", path).status == 404)
      }
      // All of it is in the file.
      let file = try await books.send("GET", "/export?format=json")
      let copy = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
        .decode(Group.self)
      let imported = try await books.send("POST", "/v1/groups/\(copy.id)/import", file.text)
      #expect(imported.status == 200, "\(imported.text)")
      #expect(try await books.send("GET", "/v1/groups/\(copy.id)/export?format=json").text == file.text)
      let copied = try await books.get(SettlingRound.self, "/v1/groups/\(copy.id)/settlements/\(next.id)")
      #expect(copied.payments.map(\.state) == [.paid, .void])
    }
  }

  @Test(arguments: Backend.available) func twoClientsBookOnce(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "60", "payer": "\#(books.anna)"}"#)
      let rounds = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<3 {
          group.addTask { try await books.send("POST", "/settlements", "{}").status }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(rounds.sorted() == [201, 409, 409], "\(rounds)")
      let round = try await books.get(Page<SettlingRound>.self, "/settlements").items[0]
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in [1, 1, 1, 2, 2] {
          group.addTask {
            try await books.send("POST", "/settlements/\(round.id)/payments/\(number)").status
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.allSatisfy { $0 == 200 }, "\(statuses)")
      #expect(try await books.get(Page<Entry>.self, "/payments").items.count == 2)
      #expect(try await books.nets().values.allSatisfy { $0 == 0 })
      // A member of another group finds nothing here, nor here what is there.
      let stranger = try await books.server.signUp("stranger")
      let (other, _) = try await books.server.makeGroup(stranger)
      for (method, path) in [
        ("GET", ""), ("GET", "/\(round.id)"), ("POST", "/\(round.id)/payments/1"), ("DELETE", "/\(round.id)"),
      ] {
        let answer = try await books.send(method, "/settlements\(path)", token: stranger)
        #expect(answer.status == 404)
        guard !path.isEmpty else { continue }
        let own = try await books.send(
          method, "/v1/groups/\(other.id)/settlements\(path)", token: stranger)
        #expect(own.status == 404)
      }
    }
  }

  @Test(arguments: Backend.available) func openPaymentsHaveACodeWhereAnIBANIsKnown(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let anna = "/members/\(books.anna)"
      for wrong in [
        "DE89 3704 0044 0532 0130 01", "DE", "", "DE89370400440532013000DE89370400440532013000", "🐱",
      ] {
        try expect(
          try await books.send("PATCH", anna, #"{"iban": "\#(wrong)"}"#, headers: Self.any), 422, "iban",
          "not_an_iban")
      }
      let set = try await books.send(
        "PATCH", anna, #"{"iban": "\#(Self.iban.lowercased())"}"#, headers: Self.any)
      #expect(try set.decode(Member.self).iban == "DE89370400440532013000", "\(set.text)")
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "60", "payer": "\#(books.anna)"}"#)
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": "9", "payer": "\#(books.anna)", "currency": "USD"}"#)
      let round = try await begin(books)
      for payment in round.payments {
        let lines = payment.epc?.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard payment.currency.code == "EUR" else {
          #expect(lines == nil)
          continue
        }
        #expect(
          lines == [
            "BCD", "002", "1", "SCT", "", books.members[0].name, "DE89370400440532013000", "EUR20.00", "", "",
            "\(books.group.name) #\(payment.number)",
          ])
      }
      let cleared = try await books.send("PATCH", anna, #"{"iban": null}"#, headers: Self.any)
      #expect(try cleared.decode(Member.self).iban == nil)
    }
    try await RoleFixture.run(on: backend) { roles in
      let guest = "/members/\(roles.guests[0])"
      let json = #"{"iban": "\#(Self.iban)"}"#
      #expect(try await roles.send(.owner, "PATCH", guest, json).status == 200)
      for role in [Member.Role.admin, .member] {
        #expect(try await roles.send(role, "PATCH", guest, json).status == 403)
        let own = try #require(roles.members[role])
        #expect(try await roles.send(role, "PATCH", "/members/\(own)", json).status == 200)
      }
    }
  }
}
