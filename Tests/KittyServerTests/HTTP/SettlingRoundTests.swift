import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Settling rounds whose entries, members or books change while they are carried out.
@Suite struct SettlingRoundTests {
  private static let any = [("If-Match", "*")]

  private func day(_ offset: Int64) -> Day { Instant.now.day.moved(by: offset) }

  private func begin(_ books: GroupFixture, _ json: String = "{}") async throws -> SettlingRound {
    let answer = try await books.send("POST", "/settlements", json)
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(SettlingRound.self)
  }

  private func show(_ round: SettlingRound, _ books: GroupFixture) async throws -> SettlingRound {
    try await books.get(SettlingRound.self, "/settlements/\(round.id)")
  }

  private func book(
    _ number: Int, of round: SettlingRound, _ books: GroupFixture, token: String? = nil
  ) async throws -> RoundPayment {
    let answer = try await books.send("POST", "/settlements/\(round.id)/payments/\(number)", token: token)
    try #require(answer.status == 200, "\(answer.text)")
    return try answer.decode(RoundPayment.self)
  }

  /// Anna pays 60 for three, and the first payment of 20 is booked.
  private func bookedRound(
    _ books: GroupFixture
  ) async throws -> (round: SettlingRound, payment: RoundPayment, entry: ID) {
    _ = try await books.enter(
      "/expenses",
      #"{"description": "x", "amount": "60", "payer": "\#(books.anna)", "participants": ["\#(books.anna)", "\#(books.bob)", "\#(books.carl)"]}"#
    )
    let round = try await begin(books)
    let payment = try await book(1, of: round, books)
    return (round, payment, try #require(payment.entry))
  }

  @Test(arguments: Backend.available) func entryThatIsAnotherPaymentNowDoesNotBook(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let (round, payment, entry) = try await bookedRound(books)
      // Words and a day are no matter.
      let words = try await books.send(
        "PATCH", "/payments/\(entry)", #"{"description": "cash", "date": "\#(day(-1))"}"#, headers: Self.any)
      #expect(words.status == 200, "\(words.text)")
      #expect(try await show(round, books).payments[0] == payment)
      for change in [
        #"{"amount": "1.00"}"#, #"{"amount": "20", "from": "\#(books.anna)", "to": "\#(books.bob)"}"#,
        #"{"amount": "20", "currency": "USD"}"#, #"{"amount": "20", "currency": "USD", "rate": "1"}"#,
      ] {
        let other = try await books.send("PATCH", "/payments/\(entry)", change, headers: Self.any)
        #expect(other.status == 200, "\(other.text)")
        let shown = try await show(round, books)
        #expect(shown.payments[0].state == .open && shown.payments[0].entry == nil && shown.outdated)
      }
      #expect(try await books.send("DELETE", "/entries/\(entry)").status == 204)
      #expect(try await !show(round, books).outdated)
      let again = try await book(1, of: round, books)
      #expect(again.state == .paid && again.transfer == payment.transfer && again.entry != entry)
      let made = try await books.get(Entry.self, "/entries/\(try #require(again.entry))")
      #expect(made.amount == 2000 && made.currency.code == "EUR" && made.date == day(0))
      #expect(try await books.get(Entry.self, "/entries/\(entry)").deletedAt != nil)
      #expect(try await book(1, of: round, books) == again)
      _ = try await book(2, of: round, books)
      #expect(try await books.nets().values.allSatisfy { $0 == 0 })
      #expect(try await !show(round, books).outdated)
    }
  }

  @Test(arguments: Backend.available) func entryInClosedBooksIsReplaced(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (round, _, entry) = try await bookedRound(books)
      _ = try await books.send(
        "PATCH", "/payments/\(entry)", #"{"date": "\#(day(-40))"}"#, headers: Self.any)
      #expect(try await books.send("DELETE", "/entries/\(entry)").status == 204)
      let closed = try await books.send(
        "PATCH", "", #"{"closedUntil": "\#(day(-20))"}"#, headers: Self.any)
      #expect(closed.status == 200, "\(closed.text)")
      // Clients that book at the same time book once.
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<5 {
          group.addTask { try await books.send("POST", "/settlements/\(round.id)/payments/1").status }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.allSatisfy { $0 == 200 }, "\(statuses)")
      let made = try await books.get(Page<Entry>.self, "/payments").items
      #expect(made.map(\.date) == [day(0)] && made[0].id != entry)
      let shown = try await show(round, books)
      #expect(shown.payments.map(\.state) == [.paid, .open] && !shown.outdated)
    }
  }

  @Test(arguments: Backend.available) func payoutBookedAtTheSameTimeIsBookedOnce(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let contribution = #"{"from": "\#(books.anna)", "to": "kitty", "amount": "90"}"#
      _ = try await books.enter("/payments", contribution)
      let round = try await begin(books)
      #expect(round.payments.map(\.from) == [.kitty])
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<8 {
          group.addTask { try await books.send("POST", "/settlements/\(round.id)/payments/1").status }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.allSatisfy { $0 == 200 }, "\(statuses)")
      #expect(try await books.get(Page<Entry>.self, "/entries?kind=payout").items.count == 1)
      // Without the money it stays refused.
      _ = try await books.enter("/payments", contribution)
      let next = try await begin(books)
      _ = try await books.enter(
        "/payments", #"{"from": "kitty", "to": "\#(books.anna)", "amount": "1"}"#)
      let refused = try await books.send("POST", "/settlements/\(next.id)/payments/1")
      try expectProblem(refused, 409, "not_in_the_pot")
    }
  }

  @Test(arguments: Backend.available) func entryOfAnotherMemberIsReplaced(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let cora = try await books.server.signUp("cora")
      _ = try await books.server.join(books.group.id, cora, invitedBy: books.token)
      let (round, _, entry) = try await bookedRound(books)
      #expect(try await books.send("DELETE", "/entries/\(entry)").status == 204)
      let own = try await books.send("PATCH", "", #"{"ownEntriesOnly": true}"#, headers: Self.any)
      #expect(own.status == 200, "\(own.text)")
      let again = try await book(1, of: round, books, token: cora)
      #expect(again.state == .paid && again.entry != entry)
      // The author restores it as before.
      #expect(
        try await books.send("DELETE", "/entries/\(try #require(again.entry))").status == 204)
      #expect(try await book(1, of: round, books).entry == again.entry)
    }
  }

  @Test(arguments: Backend.available) func roundOfAFormerMemberIsOutdated(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": "90"}"#)
      let kept = try await begin(books, #"{"keep": "kitty"}"#)
      #expect(!kept.outdated && kept.payments.count == 2)
      // Carl owes nothing yet, so he may leave.
      #expect(try await books.send("DELETE", "/members/\(books.carl)").status == 204)
      #expect(try await show(kept, books).outdated)
      // It gives way to another one, which has the centre of those who are there.
      for (method, path, json) in [
        ("GET", "/settlement?centre=\(books.carl)", nil),
        ("POST", "/settlements", #"{"centre": "\#(books.carl)"}"#),
      ] {
        let answer = try await books.send(method, path, json)
        let error = try answer.problem().errors?.first
        #expect(
          answer.status == 422 && error?.field == "centre" && error?.code == "not_a_member", "\(answer.text)")
      }
      let next = try await begin(books, #"{"keep": "kitty"}"#)
      #expect(next.payments.map(\.amount) == [4500])
      _ = try await book(1, of: next, books)
      #expect(try await !show(next, books).outdated)
    }
    // Payments through a member who leaves with nothing cannot be booked any more.
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses",
        #"{"description": "x", "amount": "60", "payer": "\#(books.anna)", "participants": ["\#(books.bob)"]}"#
      )
      let round = try await begin(books, #"{"centre": "\#(books.carl)"}"#)
      #expect(!round.outdated && round.payments.count == 2)
      #expect(try await books.send("DELETE", "/members/\(books.carl)").status == 204)
      #expect(try await show(round, books).outdated)
    }
    // One who left with a debt can settle it.
    try await GroupFixture.run(on: backend) { books in
      let (round, _, _) = try await bookedRound(books)
      let other = try #require(round.payments[1].from.member)
      #expect(try await books.send("DELETE", "/members/\(other)?force=true").status == 204)
      #expect(try await !show(round, books).outdated)
      #expect(try await book(2, of: round, books).state == .paid)
      #expect(try await !show(round, books).outdated)
    }
  }

  @Test(arguments: Backend.available) func roundsWithoutAnEntryMakeRoom(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (round, _, _) = try await bookedRound(books)
      #expect(try await books.send("DELETE", "/settlements/\(round.id)").status == 204)
      let (group, now) = (books.group.id, Instant.now)
      let ids = (1..<1000).map { ID(at: now.advanced(by: .seconds($0))) }
      let rounds: [SQL] = ids.map { "(\(group), \($0), \(books.anna), \(now), \(now), 'null', '[]', 1)" }
      let payments: [SQL] = ids.map {
        "(\(group), \($0), 1, \(books.anna), \(books.bob), 'EUR', 1, \(ID(at: now)))"
      }
      let database = books.server.dependencies.database
      try await database.transact([
        """
        insert into settlements (group_id, id, created_by, created_at, ended_at, kept, methods, sequence)
        values \(list: rounds)
        """,
        """
        insert into settlement_payments (group_id, settlement_id, number, from_id, to_id, currency, amount, entry_id)
        values \(list: payments)
        """,
      ])
      // The first ones go, but for one of which something was booked.
      let next = try await begin(books)
      #expect(try await show(round, books).payments[0].state == .paid)
      #expect(try await books.send("GET", "/settlements/\(ids[0])").status == 404)
      #expect(try await books.send("GET", "/settlements/\(ids[998])").status == 200)
      #expect(try await show(next, books).payments.count == 1)
      let count = try await database.read("select count(*) from settlements").first?.decode(Int.self)
      #expect(count == 901)
    }
  }
}
