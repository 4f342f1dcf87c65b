import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Rules for recurring entries over HTTP: their fields, changes, proposals and previews.
@Suite struct RecurringTests {
  private static let any = [("If-Match", "*")]

  private func body(_ books: GroupFixture, _ changes: [String: String?] = [:]) -> String {
    var fields: [String: String] = [
      "template": #"{"expense": {"description": "Rent", "amount": "900.01", "payer": "\#(books.anna)"}}"#,
      "every": #"{"n": 1, "unit": "month"}"#, "from": #""2026-01-31""#, "zone": #""Europe/Berlin""#,
    ]
    for (name, value) in changes { fields[name] = value }
    return "{"
      + fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ") + "}"
  }

  private func make(_ books: GroupFixture, _ changes: [String: String?] = [:]) async throws -> Recurring {
    let answer = try await books.send("POST", "/recurring", body(books, changes))
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(Recurring.self)
  }

  private func refuse(
    _ answer: Answer, _ status: Int, _ field: String?, _ code: String,
    _ line: SourceLocation = #_sourceLocation
  ) throws {
    let problem = try answer.problem()
    let error = problem.errors?.first { field == nil || $0.field == field }
    #expect(
      answer.status == status && (field == nil ? problem.code : error?.code ?? "-") == code, "\(answer.text)",
      sourceLocation: line)
  }

  @Test(arguments: Backend.available) func ruleIsMadeListedChangedAndRemoved(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let answer = try await books.send("POST", "/recurring", body(books))
      let rule = try answer.decode(Recurring.self)
      #expect(answer.status == 201 && answer.header("ETag") == "\"1\"")
      #expect(answer.header("Location") == "/v1/groups/\(books.group.id)/recurring/\(rule.id)")
      #expect(rule.mode == .book && rule.createdBy == books.anna && rule.proposed == 0)
      #expect(rule.next?.date.description == "2026-01-31" && rule.next?.k == 0)
      #expect(rule.template.expense?.currency?.code == "EUR")
      let second = try await make(books, ["mode": #""propose""#, "times": "3"])
      #expect(try await books.get(Page<Recurring>.self, "/recurring").items == [rule, second])
      #expect(try await books.get(Recurring.self, "/recurring/\(rule.id)") == rule)
      let sequence = try await books.get(Page<Recurring>.self, "/recurring").sequence ?? 0
      let path = "/recurring/\(rule.id)"
      let changed = try await books.send(
        "PATCH", path, #"{"every": {"n": 2, "unit": "month"}, "until": "2027-01-31"}"#,
        headers: [("If-Match", "\"1\"")])
      let now = try changed.decode(Recurring.self)
      #expect(now.every == Every(2, .month) && now.until?.description == "2027-01-31" && now.version == 2)
      #expect(try await books.get(Recurring.self, path) == now)
      try refuse(
        await books.send("PATCH", path, #"{"times": 3}"#, headers: [("If-Match", "\"1\"")]), 412, nil, "stale"
      )
      try refuse(await books.send("PATCH", path, #"{"times": 3}"#), 428, nil, "if_match_needed")
      #expect(try await books.get(Page<Recurring>.self, "/recurring?since=\(sequence)").items == [now])
      try refuse(await books.send("DELETE", path, headers: [("If-Match", "\"1\"")]), 412, nil, "stale")
      #expect(try await books.send("DELETE", path).status == 204)
      try refuse(await books.send("DELETE", path), 404, nil, "not_found")
      try refuse(await books.send("PATCH", path, #"{"times": 3}"#, headers: Self.any), 404, nil, "not_found")
      #expect(try await books.get(Page<Recurring>.self, "/recurring").items == [second])
      let gone = try await books.get(Page<Recurring>.self, "/recurring?removed=true").items.first
      #expect(gone?.removedAt != nil && gone?.next == nil)
      #expect(try await books.get(Page<Recurring>.self, "/recurring?since=\(sequence)").items == [gone])
    }
  }

  @Test(arguments: Backend.available) func badFieldsAreRefusedByName(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let other = ID(at: .now)
      let anna = books.anna
      func expense(_ fields: String) -> String { #"{"expense": {\#(fields)}}"# }
      let cases: [(String, String?, String, String)] = [
        ("every", #"{"n": 0, "unit": "day"}"#, "every.n", "out_of_range"),
        ("every", #"{"n": 1001, "unit": "day"}"#, "every.n", "out_of_range"),
        ("every", #"{"n": 1, "unit": "fortnight"}"#, "every.unit", "unknown_unit"),
        ("every", #"{"n": 1, "unit": "day", "on": 3}"#, "every.on", "unknown_field"),
        ("from", #""2026-02-30""#, "from", "not_a_date"),
        ("from", #""2009-01-01""#, "from", "too_far_back"),
        ("from", #""2060-01-01""#, "from", "too_far_ahead"),
        ("until", #""2026-01-30""#, "until", "out_of_order"),
        ("until", #""soon""#, "until", "not_a_date"),
        ("times", "0", "times", "out_of_range"),
        ("times", "100001", "times", "out_of_range"),
        ("zone", #""Europe/Atlantis""#, "zone", "not_a_time_zone"),
        ("zone", #""../etc/passwd""#, "zone", "not_a_time_zone"),
        ("mode", #""ask""#, "mode", "unknown_mode"),
        ("id", "\"\(UUID().uuidString)\"", "id", "not_version_7"),
        ("template", "{}", "template", "one_of_two"),
        (
          "template",
          #"{"expense": {"description": "x", "amount": 1, "payer": "\#(anna)"}, "payment": {"from": "\#(anna)", "to": "kitty", "amount": 1}}"#,
          "template", "one_of_two"
        ),
        (
          "template", expense(#""description": "x", "amount": 1, "payer": "\#(anna)", "date": "2026-01-01""#),
          "template.expense.date", "not_in_a_template"
        ),
        (
          "template", expense(#""id": "\#(other)", "description": "x", "amount": 1, "payer": "\#(anna)""#),
          "template.expense.id", "not_in_a_template"
        ),
        (
          "template", expense(#""description": "x", "amount": -1, "refundOf": "\#(other)""#),
          "template.expense.refundOf", "not_in_a_template"
        ),
        (
          "template", #"{"payment": {"from": "\#(anna)", "to": "kitty", "amount": 1, "onlyIfOwed": true}}"#,
          "template.payment.onlyIfOwed", "not_in_a_template"
        ),
        (
          "template", expense(#""description": " ", "amount": 1, "payer": "\#(anna)""#),
          "template.expense.description", "blank"
        ),
        (
          "template", expense(#""description": "x", "amount": 0, "payer": "\#(anna)""#),
          "template.expense.amount", "zero"
        ),
        (
          "template", expense(#""description": "x", "amount": "1.001", "payer": "\#(anna)""#),
          "template.expense.amount", "not_an_amount"
        ),
        (
          "template", expense(#""description": "x", "amount": 1, "payer": "\#(other)""#),
          "template.expense.payer", "not_a_member"
        ),
        (
          "template",
          expense(#""description": "x", "amount": 1, "payer": "\#(anna)", "category": "\#(other)""#),
          "template.expense.category", "not_a_category"
        ),
        (
          "template",
          expense(#""description": "x", "amount": 1, "payer": "\#(anna)", "participants": ["\#(other)"]"#),
          "template.expense.participants.0", "not_a_member"
        ),
        (
          "template", #"{"payment": {"from": "\#(anna)", "to": "\#(other)", "amount": 1}}"#,
          "template.payment.to", "not_a_member"
        ),
      ]
      let before = try await books.get(Group.self, "").sequence
      for (name, value, field, code) in cases {
        try refuse(
          await books.send("POST", "/recurring", body(books, [name: value])), 422, field, code)
      }
      try refuse(
        await books.send("POST", "/recurring", body(books, ["until": #""2027-01-01""#, "times": "2"])), 422,
        "times", "two_ways")
      #expect(try await books.get(Page<Recurring>.self, "/recurring").items.isEmpty)
      #expect(try await books.get(Group.self, "").sequence == before)
      let rule = try await make(books)
      for (json, field, code) in [
        ("{}", "", "nothing_to_change"), (#"{"held": true}"#, "held", "not_by_hand"),
        (#"{"every": {"n": -1, "unit": "day"}}"#, "every.n", "out_of_range"),
        (#"{"zone": "Mars/Base"}"#, "zone", "not_a_time_zone"),
        (#"{"mode": null}"#, "mode", "missing"), (#"{"amount": 3}"#, "amount", "unknown_field"),
        (
          #"{"template": {"expense": {"description": "x", "amount": 1, "payer": "\#(other)"}}}"#,
          "template.expense.payer", "not_a_member"
        ),
      ] {
        try refuse(
          await books.send("PATCH", "/recurring/\(rule.id)", json, headers: Self.any), 422, field, code)
      }
      #expect(try await books.get(Recurring.self, "/recurring/\(rule.id)") == rule)
      try refuse(
        await books.send("POST", "/recurring", body(books, ["id": "\"\(rule.id)\""])), 409, nil, "id_taken")
      for (query, field, code) in [
        ("preview?n=0", "n", "out_of_range"), ("preview?n=101", "n", "out_of_range"),
        ("occurrences?state=lost", "state", "unknown_state"),
      ] {
        try refuse(await books.send("GET", "/recurring/\(rule.id)/\(query)"), 422, field, code)
      }
      for path in [
        "/recurring/\(other)", "/recurring/x", "/recurring/\(other)/preview",
        "/recurring/\(other)/occurrences",
      ] {
        try refuse(await books.send("GET", path), 404, nil, "not_found")
      }
      for path in ["confirm", "skip"] {
        try refuse(
          await books.send("POST", "/recurring/\(rule.id)/occurrences/0/\(path)"), 404, nil, "not_found")
        try refuse(
          await books.send("POST", "/recurring/\(rule.id)/occurrences/x/\(path)"), 404, nil, "not_found")
      }
    }
  }

  @Test(arguments: Backend.available) func expenseWithoutSplitHasTheDefaultSplit(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await make(books, ["times": "2"])
      func planned() async throws -> [ID] {
        let days = try await books.get(Page<PlannedOccurrence>.self, "/recurring/\(rule.id)/preview").items
        return try #require(days.first?.entry.shares).filter { $0.amount != 0 }.map(\.member)
      }
      #expect(try await planned().count == books.members.count)
      let change = try await books.send(
        "PATCH", "",
        #"{"defaultSplit": {"method": "shares", "parts": [{"member": "\#(books.bob)", "weight": 1}]}}"#,
        headers: Self.any)
      #expect(change.status == 200, "\(change.text)")
      #expect(try await planned() == [books.bob])
      try await books.server.dependencies.recurringBooks.bookAll(at: .now)
      let entries = try await books.get(Page<Entry>.self, "/entries").items
      #expect(entries.count == 2)
      for entry in entries { #expect(entry.shares?.map(\.member) == [books.bob]) }
    }
  }

  @Test(arguments: Backend.available) func proposalIsConfirmedOrSkippedOnce(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await make(books, ["mode": #""propose""#, "times": "3", "zone": #""UTC""#])
      let planned = try await books.get(Page<PlannedOccurrence>.self, "/recurring/\(rule.id)/preview").items
      #expect(planned.map(\.date.description) == ["2026-01-31", "2026-02-28", "2026-03-31"])
      let worker = books.server.dependencies.recurringBooks
      try await worker.bookAll(at: Instant(milliseconds: 1_790_000_000_000))
      #expect(try await books.get(Page<Entry>.self, "/entries").items.isEmpty)
      let waiting = try await books.get(Recurring.self, "/recurring/\(rule.id)")
      #expect(waiting.proposed == 3 && waiting.next == nil)
      let path = "/recurring/\(rule.id)/occurrences"
      let first = try await books.send("POST", "\(path)/0/confirm")
      let entry = try first.decode(Entry.self)
      #expect(first.status == 200 && entry.content == planned[0].entry && entry.id == planned[0].id)
      // A retry finds the same entry.
      #expect(try await books.send("POST", "\(path)/0/confirm").decode(Entry.self).id == entry.id)
      #expect(try await books.send("POST", "\(path)/1/skip").decode(Occurrence.self).reason == "by_hand")
      #expect(try await books.send("POST", "\(path)/1/skip").status == 200)
      try refuse(await books.send("POST", "\(path)/1/confirm"), 409, nil, "skipped")
      try refuse(await books.send("POST", "\(path)/0/skip"), 409, nil, "booked")
      let proposals = try await books.get(Page<Occurrence>.self, "\(path)?state=proposed").items
      #expect(proposals.map(\.k) == [2])
      // A proposal in books that were closed meanwhile cannot be booked.
      _ = try await books.send("PATCH", "", #"{"closedUntil": "2026-04-01"}"#, headers: Self.any)
      try refuse(await books.send("POST", "\(path)/2/confirm"), 409, nil, "closed")
      #expect(try await books.send("DELETE", "/recurring/\(rule.id)").status == 204)
      let days = try await books.get(Page<Occurrence>.self, path).items
      #expect(days.map(\.state) == [.skipped, .skipped, .booked])
      #expect(days.map(\.reason) == ["removed", "by_hand", nil])
      try refuse(await books.send("POST", "\(path)/2/confirm"), 404, nil, "not_found")
    }
  }

  @Test(arguments: Backend.available) func changeHoldsFromTheNextEntryOn(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let rule = try await make(books, ["zone": #""UTC""#])
      let worker = books.server.dependencies.recurringBooks
      func at(_ day: String) throws -> Instant {
        Instant(milliseconds: try #require(Day(day)).daysSince1970 * 86_400_000)
      }
      try await worker.bookAll(at: at("2026-02-10"))
      let path = "/recurring/\(rule.id)"
      func change(_ json: String) async throws -> Recurring {
        let answer = try await books.send("PATCH", path, json, headers: Self.any)
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.decode(Recurring.self)
      }
      // The end of the month comes back after a change in February.
      let slower = try await change(#"{"every": {"n": 2, "unit": "month"}}"#)
      #expect(slower.next?.date.description == "2026-02-28" && slower.dayOfMonth == 31)
      let template = #"{"template": {"expense": {"description": "Rent", "amount": 50, "payer": "kitty"}}}"#
      _ = try await change(template)
      try await worker.bookAll(at: at("2026-05-01"))
      let entries = try await RecurringBooksTests.booked(rule, books)
      #expect(entries.map(\.date.description) == ["2026-01-31", "2026-02-28", "2026-04-30"])
      #expect(entries.map(\.amount) == [90_001, 50, 50])
      #expect(entries.map { $0.recurring?.k } == [0, 1, 2])
      try refuse(
        await books.send("PATCH", path, #"{"from": "2026-04-30"}"#, headers: Self.any), 422, "from",
        "before_the_last")
      try refuse(
        await books.send("PATCH", path, #"{"times": 2}"#, headers: Self.any), 422, "times", "too_few")
      let moved = try await change(#"{"from": "2026-06-15", "every": {"n": 1, "unit": "week"}, "times": 5}"#)
      #expect(moved.next == Recurring.Next(k: 3, date: try #require(Day("2026-06-15"))))
      let planned = try await books.get(Page<PlannedOccurrence>.self, "\(path)/preview").items
      #expect(planned.map(\.k) == [3, 4])
      #expect(planned.map(\.date.description) == ["2026-06-15", "2026-06-22"])
    }
  }

  @Test(arguments: Backend.available) func rolesDecideWhoMayDoWhat(backend: Backend) async throws {
    try await RoleFixture.run(on: backend) { fixture in
      let member = try #require(fixture.members[.member])
      let json = """
        {"template": {"expense": {"description": "Rent", "amount": 5, "payer": "\(member)"}},
          "every": {"n": 1, "unit": "day"}, "from": "2026-01-01", "times": 2, "mode": "propose"}
        """
      #expect(try await fixture.send(.viewer, "POST", "/recurring", json, headers: []).status == 403)
      let answer = try await fixture.send(.member, "POST", "/recurring", json, headers: [])
      let rule = try answer.decode(Recurring.self)
      try await fixture.server.dependencies.recurringBooks.bookAll(at: .now)
      let path = "/recurring/\(rule.id)"
      #expect(try await fixture.send(.viewer, "GET", path).status == 200)
      #expect(try await fixture.send(.viewer, "POST", "\(path)/occurrences/0/confirm").status == 403)
      #expect(try await fixture.send(.viewer, "PATCH", path, #"{"times": 3}"#).status == 403)
      #expect(try await fixture.send(.viewer, "DELETE", path).status == 403)
      let owner = try await fixture.send(.owner, "POST", "/recurring", json, headers: []).decode(
        Recurring.self)
      let closed = try await fixture.send(.owner, "PATCH", "", #"{"ownEntriesOnly": true}"#)
      #expect(closed.status == 200, "\(closed.text)")
      #expect(
        try await fixture.send(.member, "PATCH", "/recurring/\(owner.id)", #"{"times": 3}"#).status == 403)
      #expect(try await fixture.send(.member, "DELETE", "/recurring/\(owner.id)").status == 403)
      #expect(try await fixture.send(.member, "POST", "\(path)/occurrences/0/confirm").status == 200)
      #expect(try await fixture.send(.member, "PATCH", path, #"{"times": 3}"#).status == 200)
    }
  }
}
