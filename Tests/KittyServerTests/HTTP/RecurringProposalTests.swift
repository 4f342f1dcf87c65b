import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Proposals of rules, the rights to them, and changes of the day of a rule.
@Suite struct RecurringProposalTests {
  private static let any = [("If-Match", "*")]

  private func day(_ offset: Int64) -> Day { Instant.now.day.moved(by: offset) }

  private func rule(_ books: GroupFixture, _ fields: String) async throws -> Recurring {
    try await RecurringBooksTests.rule(
      "\(RecurringBooksTests.rent(books)), \"zone\": \"UTC\", \(fields)", books)
  }

  @Test(arguments: Backend.available) func skippingNothingChangesNothing(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await rule(
        books, #""every": {"n": 1, "unit": "day"}, "from": "\#(day(-2))", "mode": "propose""#)
      try await books.server.dependencies.recurringBooks.bookAll(at: .now)
      let path = "/recurring/\(rule.id)"
      #expect(try await books.send("POST", "\(path)/occurrences/1/skip").status == 200)
      let before = try await books.get(Recurring.self, path)
      try expectProblem(try await books.send("POST", "\(path)/occurrences/99/skip"), 404, "not_found")
      #expect(try await books.send("POST", "\(path)/occurrences/1/skip").status == 200)
      _ = try await books.send("PATCH", "", #"{"archived": true}"#, headers: Self.any)
      try expectProblem(try await books.send("POST", "\(path)/occurrences/0/skip"), 409, "archived")
      #expect(try await books.get(Recurring.self, path) == before)
      _ = try await books.send("PATCH", "", #"{"archived": false}"#, headers: Self.any)
      #expect(try await books.send("POST", "\(path)/occurrences/0/skip").status == 200)
      #expect(try await books.get(Recurring.self, path).version == before.version + 1)
    }
  }

  @Test(arguments: Backend.available) func proposalsOfOthersNeedTheRightToRevise(backend: Backend)
    async throws
  {
    try await RoleFixture.run(on: backend) { roles in
      let owner = try #require(roles.members[.owner])
      let json = """
        {"template": {"expense": {"description": "Rent", "amount": 5, "payer": "\(owner)"}},
          "every": {"n": 1, "unit": "day"}, "from": "\(day(-1))", "zone": "UTC", "mode": "propose"}
        """
      let rule = try await roles.send(.owner, "POST", "/recurring", json, headers: []).decode(Recurring.self)
      try await roles.server.dependencies.recurringBooks.bookAll(at: .now)
      #expect(try await roles.send(.owner, "PATCH", "", #"{"ownEntriesOnly": true}"#).status == 200)
      let path = "/recurring/\(rule.id)/occurrences"
      for word in ["confirm", "skip"] {
        let answer = try await roles.send(.member, "POST", "\(path)/0/\(word)")
        try expectProblem(answer, 403, "not_your_entry")
      }
      #expect(try await roles.send(.admin, "POST", "\(path)/0/confirm").status == 200)
      #expect(try await roles.send(.owner, "PATCH", "", #"{"ownEntriesOnly": false}"#).status == 200)
      #expect(try await roles.send(.member, "POST", "\(path)/1/skip").status == 200)
    }
  }

  @Test(arguments: Backend.available) func proposalWhoseEntryIsThereIsSettled(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await rule(
        books, #""every": {"n": 1, "unit": "day"}, "from": "\#(day(-1))", "mode": "propose""#)
      try await books.server.dependencies.recurringBooks.bookAll(at: .now)
      let path = "/recurring/\(rule.id)/occurrences"
      // An entry by hand has the id of the first day.
      let taken = RecurringSource(rule: rule.id, k: 0).entry
      _ = try await books.enter(
        "/expenses", #"{"id": "\#(taken)", "description": "x", "amount": 1, "payer": "\#(books.anna)"}"#)
      for _ in 1...2 {
        try expectProblem(try await books.send("POST", "\(path)/0/confirm"), 409, "skipped")
      }
      // The second one was booked before, as with a row of an older backup.
      let entry = try await books.send("POST", "\(path)/1/confirm").decode(Entry.self)
      try await books.server.dependencies.database.transact([
        "update occurrences set state = 'proposed', entry_id = null where rule_id = \(rule.id) and k = 1"
      ])
      #expect(try await books.send("POST", "\(path)/1/confirm").decode(Entry.self).id == entry.id)
      let days = try await books.get(Page<Occurrence>.self, path).items
      #expect(days.map(\.state) == [.booked, .skipped])
      #expect(days.map(\.reason) == [nil, "id_taken"] && days.map(\.entry) == [entry.id, nil])
      #expect(try await books.get(Recurring.self, "/recurring/\(rule.id)").proposed == 0)
      #expect(try await books.get(Page<Entry>.self, "/entries").items.count == 2)
    }
  }

  @Test(arguments: Backend.available) func mistypedDayIsTakenBack(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await rule(books, #""every": {"n": 1, "unit": "day"}, "from": "\#(day(-1))""#)
      let path = "/recurring/\(rule.id)"
      func move(_ day: Day) async throws -> Answer {
        try await books.send("PATCH", path, #"{"from": "\#(day)"}"#, headers: Self.any)
      }
      // Nothing has come yet: any day is right.
      for day in [day(900), day(-9), day(-1)] { #expect(try await move(day).status == 200) }
      try await books.server.dependencies.recurringBooks.bookAll(at: .now)
      for day in [day(3600), day(900), day(3), day(1)] {
        let answer = try await move(day)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try answer.decode(Recurring.self).next == Recurring.Next(k: 2, date: day))
      }
      for day in [day(0), day(-1)] {
        let answer = try await move(day)
        #expect(
          try answer.status == 422 && answer.problem().errors?.first?.code == "before_the_last",
          "\(answer.text)")
      }
    }
  }
}
