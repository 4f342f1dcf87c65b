import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// The worker's part of recurring entries: each day once, whatever happens.
@Suite struct RecurringBooksTests {
  static let any = [("If-Match", "*")]

  /// Makes a rule in the past without anything booked yet, as if the worker had been off.
  static func rule(_ fields: String, _ books: GroupFixture) async throws -> Recurring {
    let answer = try await books.send("POST", "/recurring", "{\(fields)}")
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(Recurring.self)
  }

  /// An expense of 100 that Anna pays for all, without its braces.
  static func rent(_ books: GroupFixture, amount: Int = 100, _ more: String = "") -> String {
    #""template": {"expense": {"description": "Rent", "amount": \#(amount), "payer": "\#(books.anna)"\#(more)}}"#
  }

  static func booked(_ rule: Recurring, _ books: GroupFixture) async throws -> [Entry] {
    var entries: [Entry] = []
    var path: String? = "/entries?limit=200"
    while let next = path {
      let page = try await books.get(Page<Entry>.self, next)
      entries += page.items.filter { $0.recurring?.rule == rule.id }
      path = page.next.map { "/entries?limit=200&cursor=\($0)" }
    }
    return entries.sorted { ($0.recurring?.k ?? 0) < ($1.recurring?.k ?? 0) }
  }

  private func day(_ offset: Int64) -> Day { Instant.now.day.moved(by: offset) }
  private func noon(_ day: Day) -> Instant {
    Instant(milliseconds: day.daysSince1970 * 86_400_000 + 43_200_000)
  }

  @Test(arguments: Backend.available) func absenceOfNinetyDaysIsCaughtUp(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await Self.rule(
        "\(Self.rent(books)), \"every\": {\"n\": 1, \"unit\": \"day\"}, \"from\": \"\(day(-89))\", \"zone\": \"UTC\"",
        books)
      let planned = try await books.get(Page<PlannedOccurrence>.self, "/recurring/\(rule.id)/preview?n=90")
        .items
      let worker = books.server.dependencies.recurringBooks
      try await worker.bookAll(at: noon(day(0)))
      let entries = try await Self.booked(rule, books)
      #expect(entries.map(\.date) == (0..<90).map { day(Int64($0) - 89) })
      // What was previewed is what is booked, shares and ids included.
      #expect(entries.map(\.content) == planned.map(\.entry))
      #expect(entries.map(\.id) == planned.map(\.id))
      // After every entry the sum of each member is within one unit of the exact one.
      var sums: [ID: Int64] = [:]
      for (index, entry) in entries.enumerated() {
        for share in entry.shares ?? [] { sums[share.member, default: 0] += share.amount }
        #expect(sums.values.allSatisfy { abs($0 * 3 - Int64(index + 1) * 100) < 3 })
      }
      try await worker.bookAll(at: noon(day(0)))
      // A clock that was set back, and one that is right again.
      try await worker.bookAll(at: noon(day(-40)))
      try await worker.bookAll(at: noon(day(0)))
      #expect(try await Self.booked(rule, books).count == 90)
      try await worker.bookAll(at: noon(day(1)))
      #expect(try await Self.booked(rule, books).count == 91)
      let now = try await books.get(Recurring.self, "/recurring/\(rule.id)")
      #expect(now.next?.k == 91 && now.next?.date == day(2))
    }
  }

  @Test(arguments: Backend.available) func runBooksAtMostItsNumberOfARule(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await Self.rule(
        "\(Self.rent(books)), \"every\": {\"n\": 1, \"unit\": \"day\"}, \"from\": \"\(day(-9))\", \"zone\": \"UTC\"",
        books)
      var worker = books.server.dependencies.recurringBooks
      #expect(worker.catchUp == 400)
      worker.catchUp = 4
      for count in [4, 8, 10, 10] {
        try await worker.bookAll(at: noon(day(0)))
        #expect(try await Self.booked(rule, books).count == count)
      }
    }
  }

  @Test(arguments: Backend.available) func manyWorkersBookEachDayOnce(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rules = try await [1, 2, 3].mapEach { step in
        try await Self.rule(
          "\(Self.rent(books, amount: 101)), \"every\": {\"n\": \(step), \"unit\": \"day\"}, \"from\": \"\(day(-30))\", \"zone\": \"UTC\"",
          books)
      }
      let now = noon(day(0))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            // A rule that others change all the time is left for the next run.
            do { try await books.server.dependencies.recurringBooks.bookAll(at: now) } catch is Rejection {}
          }
        }
        try await group.waitForAll()
      }
      try await books.server.dependencies.recurringBooks.bookAll(at: now)
      for (step, rule) in zip([1, 2, 3], rules) {
        let entries = try await Self.booked(rule, books)
        #expect(entries.map { $0.recurring?.k } == (0..<Int64(30 / step + 1)).map { $0 })
        #expect(
          try await books.get(Page<Occurrence>.self, "/recurring/\(rule.id)/occurrences?limit=200").items
            .count == entries.count)
      }
    }
  }

  @Test(arguments: Backend.available) func workerBooksWhatIsDueThroughItsJobs(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      // A rule that is due at once wakes the worker.
      let rule = try await Self.rule(
        "\(Self.rent(books)), \"every\": {\"n\": 1, \"unit\": \"month\"}, \"from\": \"\(day(0))\", \"zone\": \"UTC\"",
        books)
      let worker = books.server.dependencies.worker()
      while try await worker.runNext(at: .now) {}
      #expect(try await Self.booked(rule, books).count == 1)
      let later = try await Self.rule(
        "\(Self.rent(books)), \"every\": {\"n\": 1, \"unit\": \"week\"}, \"from\": \"\(day(3))\", \"zone\": \"UTC\"",
        books)
      let then = noon(day(10))
      try await books.server.dependencies.database.transact([JobStore.enqueue(.bookRecurring, at: then)])
      while try await worker.runNext(at: then) {}
      #expect(try await Self.booked(later, books).count == 2)
    }
  }

  @Test(arguments: Backend.available) func zoneDecidesWhenADayBegins(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { (books) async throws in
      let worker = books.server.dependencies.recurringBooks
      func due(_ zone: String, _ hours: Int64) async throws -> Int {
        let rule = try await Self.rule(
          "\(Self.rent(books)), \"every\": {\"n\": 1, \"unit\": \"year\"}, \"from\": \"\(day(2))\", \"zone\": \"\(zone)\"",
          books)
        try await worker.bookAll(
          at: Instant(milliseconds: day(2).daysSince1970 * 86_400_000 + hours * 3_600_000))
        return try await Self.booked(rule, books).count
      }
      #expect(try await due("UTC", -1) == 0)
      #expect(try await due("UTC", 0) == 1)
      // Kiribati is 14 hours ahead of UTC, Samoa 11 hours behind.
      #expect(try await due("Pacific/Kiritimati", -15) == 0)
      #expect(try await due("Pacific/Kiritimati", -14) == 1)
      #expect(try await due("Pacific/Pago_Pago", 10) == 0)
      #expect(try await due("Pacific/Pago_Pago", 11) == 1)
    }
  }

  @Test(arguments: Backend.available) func dayInClosedBooksIsSkippedAndShown(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await Self.rule(
        "\(Self.rent(books)), \"every\": {\"n\": 10, \"unit\": \"day\"}, \"from\": \"\(day(-40))\", \"zone\": \"UTC\"",
        books)
      let closed = try await books.send("PATCH", "", #"{"closedUntil": "\#(day(-20))"}"#, headers: Self.any)
      try #require(closed.status == 200, "\(closed.text)")
      let planned = try await books.get(Page<PlannedOccurrence>.self, "/recurring/\(rule.id)/preview?n=5")
        .items
      #expect(planned.map(\.isClosed) == [true, true, true, false, false])
      let worker = books.server.dependencies.recurringBooks
      try await worker.bookAll(at: noon(day(0)))
      #expect(
        try await Self.booked(rule, books).map(\.content) == planned.filter { !$0.isClosed }.map(\.entry))
      let days = try await books.get(Page<Occurrence>.self, "/recurring/\(rule.id)/occurrences").items
      #expect(days.map(\.k) == [4, 3, 2, 1, 0])
      #expect(days.map(\.state) == [.booked, .booked, .skipped, .skipped, .skipped])
      #expect(days[2...].allSatisfy { $0.reason == "closed" && $0.entry == nil })
      // Opened again, nothing is made up for.
      _ = try await books.send("PATCH", "", #"{"closedUntil": null}"#, headers: Self.any)
      try await worker.bookAll(at: noon(day(0)))
      #expect(try await Self.booked(rule, books).count == 2)
    }
  }

  @Test(arguments: Backend.available) func ruleOfSomebodyWhoLeftIsHeld(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let named = try await Self.rule(
        "\(Self.rent(books, #", "participants": ["\#(books.anna)", "\#(books.carl)"]"#)), \"every\": {\"n\": 1, \"unit\": \"day\"}, \"from\": \"\(day(-2))\", \"zone\": \"UTC\"",
        books)
      let forAll = try await Self.rule(
        "\(Self.rent(books)), \"every\": {\"n\": 1, \"unit\": \"day\"}, \"from\": \"\(day(-2))\", \"zone\": \"UTC\"",
        books)
      let since = try await books.get(Page<Recurring>.self, "/recurring").sequence ?? 0
      #expect(try await books.send("DELETE", "/members/\(books.carl)").status == 204)
      let worker = books.server.dependencies.recurringBooks
      try await worker.bookAll(at: noon(day(0)))
      #expect(try await Self.booked(named, books).isEmpty)
      #expect(try await Self.booked(forAll, books).map { $0.shares?.count } == [2, 2, 2])
      // All members can see it: in the list, and in what changed.
      let changed = try await books.get(Page<Recurring>.self, "/recurring?since=\(since)").items
      let held = try #require(changed.first { $0.id == named.id }?.held)
      #expect(held.code == "left" && held.message.contains("Carl"), "\(held)")
      let version = try await books.get(Recurring.self, "/recurring/\(named.id)").version
      try await worker.bookAll(at: noon(day(0)))
      #expect(try await books.get(Recurring.self, "/recurring/\(named.id)").version == version)
      // A change lets it go on, and what was missed is booked.
      let template = "{\(Self.rent(books))}"
      let answer = try await books.send("PATCH", "/recurring/\(named.id)", template, headers: Self.any)
      #expect(try answer.decode(Recurring.self).held == nil, "\(answer.text)")
      try await worker.bookAll(at: noon(day(0)))
      #expect(try await Self.booked(named, books).map(\.date) == [day(-2), day(-1), day(0)])
    }
  }

  @Test(arguments: Backend.available) func deletedEntryNeitherEndsNorRepeats(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await Self.rule(
        "\(Self.rent(books)), \"every\": {\"n\": 1, \"unit\": \"day\"}, \"from\": \"\(day(-1))\", \"zone\": \"UTC\", \"times\": 3",
        books)
      let worker = books.server.dependencies.recurringBooks
      try await worker.bookAll(at: noon(day(0)))
      let first = try #require(try await Self.booked(rule, books).first)
      #expect(first.id == RecurringSource(rule: rule.id, k: 0).entry)
      // A new text keeps the rule and the shares.
      let changed = try await books.send(
        "PATCH", "/expenses/\(first.id)", #"{"description": "Rent of the flat"}"#, headers: Self.any)
      #expect(try changed.decode(Entry.self).shares == first.shares)
      #expect(try changed.decode(Entry.self).recurring == first.recurring)
      #expect(try await books.send("DELETE", "/expenses/\(first.id)").status == 204)
      try await worker.bookAll(at: noon(day(5)))
      #expect(try await Self.booked(rule, books).map { $0.recurring?.k } == [1, 2])
      #expect(try await books.get(Recurring.self, "/recurring/\(rule.id)").next == nil)
    }
  }

  @Test(arguments: Backend.available) func entryThatIsThereAlreadyIsNotMadeAgain(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await Self.rule(
        "\(Self.rent(books)), \"every\": {\"n\": 1, \"unit\": \"day\"}, \"from\": \"\(day(-2))\", \"zone\": \"UTC\"",
        books)
      let worker = books.server.dependencies.recurringBooks
      try await worker.bookAll(at: noon(day(-1)))
      let database = books.server.dependencies.database
      // The rule forgets its entries, as with a copy of its row from before.
      try await database.transact([
        "delete from occurrences where rule_id = \(rule.id)",
        "update recurring set next_k = 0, due_on = anchor, series_turns = 0, series_key = '' where id = \(rule.id)",
      ])
      // And a member takes the id of an entry to come.
      let taken = RecurringSource(rule: rule.id, k: 2).entry
      _ = try await books.enter(
        "/expenses", #"{"id": "\#(taken)", "description": "x", "amount": 1, "payer": "\#(books.anna)"}"#)
      try await worker.bookAll(at: noon(day(1)))
      #expect(try await Self.booked(rule, books).map { $0.recurring?.k } == [0, 1, 3])
      let days = try await books.get(Page<Occurrence>.self, "/recurring/\(rule.id)/occurrences").items
      #expect(days.map(\.state) == [.booked, .skipped, .booked, .booked])
      #expect(days.map(\.reason) == [nil, "id_taken", nil, nil])
    }
  }

  @Test(arguments: Backend.available) func ruleOfPaymentsFillsTheKitty(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await Self.rule(
        #""template": {"payment": {"from": "\#(books.bob)", "to": "kitty", "amount": "20", "description": "Dues"}}, "every": {"n": 1, "unit": "week"}, "from": "\#(day(-14))", "zone": "UTC""#,
        books)
      try await books.server.dependencies.recurringBooks.bookAll(at: noon(day(0)))
      let entries = try await Self.booked(rule, books)
      #expect(entries.map(\.kind) == [.contribution, .contribution, .contribution])
      #expect(try await books.nets().byName()["Bob"] == 6000)
    }
  }

  @Test(arguments: Backend.available) func archivedGroupWaits(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await Self.rule(
        "\(Self.rent(books)), \"every\": {\"n\": 1, \"unit\": \"day\"}, \"from\": \"\(day(-1))\", \"zone\": \"UTC\"",
        books)
      _ = try await books.send("PATCH", "", #"{"archived": true}"#, headers: Self.any)
      let worker = books.server.dependencies.recurringBooks
      try await worker.bookAll(at: noon(day(0)))
      try await worker.book(rule.id, in: books.group.id, at: noon(day(0)))
      #expect(try await Self.booked(rule, books).isEmpty)
      _ = try await books.send("PATCH", "", #"{"archived": false}"#, headers: Self.any)
      try await worker.bookAll(at: noon(day(0)))
      #expect(try await Self.booked(rule, books).count == 2)
    }
  }
}

extension Array {
  fileprivate func mapEach<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
