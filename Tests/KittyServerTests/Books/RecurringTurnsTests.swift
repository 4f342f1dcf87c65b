import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Many rules at once: each has its turn, and no one is kept from it by the rules of another user.
@Suite struct RecurringTurnsTests {
  private func day(_ offset: Int64) -> Day { Instant.now.day.moved(by: offset) }

  private func daily(_ books: GroupFixture, from offset: Int64, amount: Int = 100) async throws -> Recurring {
    try await RecurringBooksTests.rule(
      "\(RecurringBooksTests.rent(books, amount: amount)), \"every\": {\"n\": 1, \"unit\": \"day\"}, \"from\": \"\(day(offset))\", \"zone\": \"UTC\"",
      books)
  }

  /// Copies a rule, as often as `count`.
  private func copy(_ rule: Recurring, _ count: Int, removed: Bool = false, _ books: GroupFixture)
    async throws
  {
    let end: SQL = removed ? "created_at" : "null"
    let due: SQL = removed ? "null" : "due_on"
    try await books.server.dependencies.database.transact(
      (1...count).map { number in
        """
        insert into recurring (group_id, id, template, anchor, first_k, step, unit, zone, mode, next_k, due_on, series_key,
          series_turns, created_by, created_at, removed_at, sequence)
        select group_id, \(ID(at: Instant.now.advanced(by: .seconds(number)))), template, anchor, first_k, step, unit,
          zone, mode, 0, \(part: due), '', 0, created_by, created_at, \(part: end), sequence
        from recurring where group_id = \(books.group.id) and id = \(rule.id)
        """
      })
  }

  @Test(arguments: Backend.available) func rulesOfOthersDoNotWaitForWhatOneMissed(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let first = try await daily(books, from: -3600)
      try await copy(first, 59, books)
      let token = try await books.server.signUp("berta")
      let (group, members) = try await books.server.makeGroup(token)
      let other = GroupFixture(server: books.server, token: token, group: group, members: members)
      let rule = try await daily(other, from: 0)
      var worker = books.server.dependencies.recurringBooks
      worker.budget = .seconds(1)
      try await worker.bookAll(at: .now)
      #expect(try await RecurringBooksTests.booked(rule, other).count == 1)
      // The others have not come far, and the next run goes on with them.
      func count() async throws -> Int {
        try await books.server.dependencies.database.read("select count(*) from occurrences").first?
          .decode(Int.self) ?? 0
      }
      let after = try await count()
      #expect(after < 60 * 3600)
      try await worker.bookAll(at: .now)
      #expect(try await count() > after)
      // Nor does the job of one rule book all of it at once.
      try await books.server.dependencies.recurringBooks.book(first.id, in: books.group.id, at: .now)
      let now = try await books.get(Recurring.self, "/recurring/\(first.id)")
      #expect((now.next?.k ?? 0) <= 20 * 3)
    }
  }

  @Test(arguments: Backend.available) func rulesTakeTurns(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rules = [
        try await daily(books, from: -29, amount: 100), try await daily(books, from: -29, amount: 101),
      ]
      var planned: [ID: [PlannedOccurrence]] = [:]
      for rule in rules {
        planned[rule.id] = try await books.get(
          Page<PlannedOccurrence>.self, "/recurring/\(rule.id)/preview?n=30"
        ).items
      }
      var worker = books.server.dependencies.recurringBooks
      worker.turn = 7
      try await worker.bookAll(at: .now)
      var booked: [Entry] = []
      for rule in rules {
        let entries = try await RecurringBooksTests.booked(rule, books)
        // The odd cents go on where they were.
        #expect(entries.map(\.content) == planned[rule.id]?.map(\.entry))
        booked += entries
      }
      booked.sort { $0.number < $1.number }
      let order = booked.map { $0.recurring?.rule == rules[0].id }
      let starts = [0] + order.indices.dropFirst().filter { order[$0] != order[$0 - 1] }
      #expect(starts == [0, 7, 14, 21, 28, 35, 42, 49, 56, 58])
    }
  }

  @Test(arguments: Backend.available) func ruleOfAnUnknownZoneWaits(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await daily(books, from: 0)
      try await books.server.dependencies.database.transact([
        "update recurring set zone = 'Mars/Base' where id = \(rule.id)"
      ])
      let worker = books.server.dependencies.recurringBooks
      try await worker.bookAll(at: .now)
      let held = try await books.get(Recurring.self, "/recurring/\(rule.id)")
      #expect(held.held?.code == "not_a_time_zone")
      let answer = try await books.send(
        "PATCH", "/recurring/\(rule.id)", #"{"zone": "UTC"}"#, headers: [("If-Match", "*")])
      #expect(answer.status == 200, "\(answer.text)")
      try await worker.bookAll(at: .now)
      #expect(try await RecurringBooksTests.booked(rule, books).count == 1)
    }
  }

  @Test(arguments: Backend.available) func removedRulesWithoutAnEntryMakeRoom(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let first = try await daily(books, from: 0)
      try await books.server.dependencies.recurringBooks.bookAll(at: .now)
      #expect(try await books.send("DELETE", "/recurring/\(first.id)").status == 204)
      try await copy(first, 999, removed: true, books)
      let next = try await daily(books, from: 0)
      #expect(try await books.get(Recurring.self, "/recurring/\(next.id)").removedAt == nil)
      // What booked something stays.
      #expect(try await books.get(Recurring.self, "/recurring/\(first.id)").removedAt != nil)
      let count = try await books.server.dependencies.database.read("select count(*) from recurring").first?
        .decode(Int.self)
      #expect(count == 901)
    }
  }
}
