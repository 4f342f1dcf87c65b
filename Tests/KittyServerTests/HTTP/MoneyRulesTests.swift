import KittyShared
import Testing

@testable import KittyServer

/// Rules of the books that keep money from going astray, on both databases.
@Suite struct MoneyRulesTests {
  private func expectProblem(
    _ answer: Answer, _ status: Int, _ code: String, field: String? = nil,
    _ place: SourceLocation = #_sourceLocation
  ) throws {
    #expect(answer.status == status, "\(answer.text)", sourceLocation: place)
    let problem = try answer.problem()
    #expect((problem.errors?.first?.code ?? problem.code) == code, "\(answer.text)", sourceLocation: place)
    #expect(problem.errors?.first?.field == field, "\(answer.text)", sourceLocation: place)
  }

  @Test(arguments: Backend.available) func whoLeftCanStillSettle(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let (anna, bob, carl) = (books.anna, books.bob, books.carl)
      _ = try await books.enter("/expenses", #"{"description": "x", "amount": "30", "payer": "\#(anna)"}"#)
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(try await books.send("DELETE", "/members/\(bob)").status == 204)
      let payment = #"{"from": "\#(bob)", "to": "\#(anna)", "amount": "10"}"#
      // Who left with nothing open takes part in nothing.
      try expectProblem(
        try await books.send("POST", "/payments", payment), 422, "not_a_member", field: "from")
      #expect(try await books.send("POST", "/entries/1/restore").status == 200)
      // In new expenses not even then, and not in a currency in which nothing is open.
      try expectProblem(
        try await books.send(
          "POST", "/expenses", #"{"description": "x", "amount": 3, "payer": "\#(bob)"}"#),
        422, "not_a_member", field: "payer")
      try expectProblem(
        try await books.send(
          "POST", "/expenses",
          #"{"description": "x", "amount": 3, "payer": "\#(anna)", "participants": ["\#(bob)"]}"#),
        422, "not_a_member", field: "participants.0")
      try expectProblem(
        try await books.send(
          "POST", "/payments", payment.replacing("\"amount\"", with: "\"currency\": \"USD\", \"amount\"")),
        422, "not_a_member", field: "from")
      let plan = try await books.get(SettlementPlan.self, "/settlement")
      #expect(plan.payments.contains { $0.from == .member(bob) } && plan.payments.count == 2)
      for transfer in plan.payments {
        _ = try await books.enter(
          "/payments",
          #"{"from": "\#(transfer.from)", "to": "\#(transfer.to)", "amount": \#(transfer.amount)}"#)
      }
      #expect(try await books.nets().values.allSatisfy { $0 == 0 })
      // Changing an old entry opens it again, and a payment can be changed to what settles it.
      let settled = try #require(
        try await books.get(Page<Entry>.self, "/payments").items.first { $0.from == .member(carl) })
      let path = "/expenses/\(try await books.get(Entry.self, "/entries/1").id)"
      let changed = try await books.send("PATCH", path, #"{"amount": "33"}"#, headers: [("If-Match", "*")])
      #expect(changed.status == 200, "\(changed.text)")
      let moved = try await books.send(
        "PATCH", "/payments/\(settled.id)", #"{"from": "\#(bob)"}"#, headers: [("If-Match", "*")])
      #expect(moved.status == 200, "\(moved.text)")
      #expect(try await books.send("GET", "/settlement").status == 200)
    }
  }

  @Test(arguments: Backend.available) func aPayoutWasInThePot(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      _ = try await books.enter("/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": "100"}"#)
      let payout = #"{"from": "kitty", "to": "\#(books.bob)", "amount": "AMOUNT"}"#
      let refused = try await books.send("POST", "/payments", payout.replacing("AMOUNT", with: "100.01"))
      try expectProblem(refused, 409, "not_in_the_pot")
      #expect(refused.text.contains("100.00 EUR"))
      try expectProblem(
        try await books.send("POST", "/payments?dryRun=true", payout.replacing("AMOUNT", with: "101")), 409,
        "not_in_the_pot")
      let made = try await books.enter("/payments", payout.replacing("AMOUNT", with: "60"))
      let any = [("If-Match", "*")]
      let path = "/payments/\(made.id)"
      try expectProblem(
        try await books.send("PATCH", path, #"{"amount": "100.01"}"#, headers: any), 409, "not_in_the_pot")
      #expect(try await books.send("PATCH", path, #"{"amount": "100"}"#, headers: any).status == 200)
      // What the kitty paid for is noted late; then a payout can change in all but in taking more.
      _ = try await books.enter("/expenses", #"{"description": "x", "amount": "5", "payer": "kitty"}"#)
      #expect(try await books.send("PATCH", path, #"{"note": "late"}"#, headers: any).status == 200)
      #expect(try await books.send("PATCH", path, #"{"amount": "99"}"#, headers: any).status == 200)
      #expect(try await books.send("DELETE", path).status == 204)
      try expectProblem(
        try await books.send("POST", "/entries/\(made.id)/restore"), 409, "not_in_the_pot")
      // Many at once take no more than there is.
      let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for _ in 0..<8 {
          tasks.addTask {
            try await books.send("POST", "/payments", payout.replacing("AMOUNT", with: "30")).status
          }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.filter { $0 == 201 }.count == 3 && statuses.filter { $0 == 409 }.count == 5)
      #expect(try await books.get(Kitty.self, "/kitty").holds.map(\.amount) == [500])
    }
  }

  @Test(arguments: Backend.available) func anotherCurrencyNeedsItsAmounts(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let (anna, bob) = (books.anna, books.bob)
      let any = [("If-Match", "*")]
      func change(_ path: String, _ json: String) async throws -> Answer {
        try await books.send("PATCH", path, json, headers: any)
      }
      let plain = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 5000, "currency": "JPY", "payer": "\#(anna)"}"#)
      let path = "/expenses/\(plain.id)"
      try expectProblem(try await change(path, #"{"currency": "EUR"}"#), 422, "missing", field: "amount")
      // The same currency once more is no change.
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
      try expectProblem(
        try await change("/payments/\(payment.id)", #"{"currency": "KWD"}"#), 422, "missing", field: "amount")
    }
  }

  @Test(arguments: Backend.available) func aCountIsOfToday(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      _ = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": "100", "date": "2026-06-01"}"#)
      func count(_ day: Day) async throws -> Answer {
        try await books.send("POST", "/kitty/counts", #"{"counted": "90", "date": "\#(day)"}"#)
      }
      let today = Instant.now.day
      for days in [-400, -2, 2] as [Int64] {
        let day = Day(daysSince1970: today.daysSince1970 + days)
        try expectProblem(try await count(day), 422, "not_today", field: "date")
      }
      #expect(try await count(today).status == 201)
      // It is tomorrow already in Auckland.
      #expect(try await count(Day(daysSince1970: today.daysSince1970 + 1)).status == 201)
    }
  }

  /// What is shown is what is stored, to the last unit and whoever bears it.
  @Test(arguments: Backend.available) func aPreviewIsWhatIsStored(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let (anna, bob, carl) = (books.anna, books.bob, books.carl)
      func parts(_ values: [String]) -> String {
        zip([anna, bob, carl], values).map { #"{"member": "\#($0)"\#($1)}"# }.joined(separator: ", ")
      }
      let splits = [
        #"{"method": "equally"}"#, #"{"method": "shares"}"#,
        #"{"method": "shares", "parts": [\#(parts([", \"weight\": 1", ", \"weight\": 1", ""]))]}"#,
        #"{"method": "percentages", "parts": [\#(parts([", \"percent\": \"33.33\"", ", \"percent\": \"33.33\"", ", \"percent\": \"33.34\""]))]}"#,
        #"{"method": "exact", "parts": [\#(parts([", \"amount\": \"0.50\"", ", \"amount\": \"0.50\""]))]}"#,
        #"{"method": "adjusted", "parts": [\#(parts([", \"amount\": 1", "", ""]))]}"#,
        #"{"method": "items", "items": [{"amount": "0.90"}], "tip": "0.10"}"#,
      ]
      for split in splits {
        for path in ["/expenses", "/kitty/counts"] {
          let isCount = path == "/kitty/counts"
          if isCount, split.contains("amount") { continue }
          let what =
            isCount
            ? #""counted": 100"# : #""description": "x", "amount": "1.00", "payer": "\#(anna)""#
          // Each time another id: a hundred of them would show a leftover cent that moves.
          for _ in 0..<4 {
            let dry = try await books.send("POST", "\(path)?dryRun=true", "{\(what), \"split\": \(split)}")
            let preview = try dry.decode(EntryPreview.self)
            let made = try await books.enter(
              path, "{\"id\": \"\(preview.id)\", \(what), \"split\": \(split)}")
            #expect(made.id == preview.id && made.content == preview.entry, "\(split)")
            #expect(try await books.server.balances(books.group.id, books.token) == preview.balances)
            if isCount { _ = try await books.send("DELETE", "/entries/\(made.id)") }
          }
        }
      }
      let entry = try await books.get(Entry.self, "/entries/1")
      let dry = try await books.send(
        "PATCH", "/expenses/\(entry.id)?dryRun=true", #"{"amount": 101}"#, headers: [("If-Match", "*")])
      #expect(try dry.decode(EntryPreview.self).id == entry.id)
    }
  }

  @Test(arguments: Backend.available) func whoIsLateLearnsTheVersion(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let made = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      let member = try await books.send("GET", "/members/\(books.bob)")
      let group = try await books.send("GET", "")
      let stale = [("If-Match", "\"99\"")]
      for (answer, now) in [
        (try await books.send("PATCH", "/expenses/\(made.id)", #"{"amount": 1}"#, headers: stale), "\"1\""),
        (try await books.send("DELETE", "/entries/1", headers: stale), "\"1\""),
        (
          try await books.send("PATCH", "/members/\(books.bob)", #"{"weight": 2}"#, headers: stale),
          try #require(member.header("ETag"))
        ),
        (
          try await books.send("PATCH", "", #"{"name": "x"}"#, headers: stale),
          try #require(group.header("ETag"))
        ),
      ] {
        try expectProblem(answer, 412, "stale")
        #expect(answer.header("ETag") == now && answer.text.contains("version \\\(now.dropLast())"))
      }
      for (tag, word) in [
        ("W/\"1\"", "weak"), ("x", "one ETag"), ("\"x\"", "one ETag"), ("\"1\", \"2\"", "one ETag"),
        ("\"", "one ETag"), ("\"1", "one ETag"), ("+1", "one ETag"), ("\"-1\"", "one ETag"),
      ] {
        let answer = try await books.send(
          "PATCH", "/expenses/\(made.id)", #"{"amount": 1}"#, headers: [("If-Match", tag)])
        try expectProblem(answer, 400, "bad_if_match")
        #expect(answer.text.contains(word), "\(answer.text)")
      }
      // Of many at once each that comes too late learns it as well.
      let answers = try await withThrowingTaskGroup(of: Answer.self) { tasks in
        for client in 0..<12 {
          tasks.addTask {
            try await books.send(
              "PATCH", "/expenses/\(made.id)", #"{"amount": \#(client + 1)}"#,
              headers: [("If-Match", "\"1\"")])
          }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.filter { $0.status == 200 }.count == 1)
      #expect(answers.allSatisfy { $0.header("ETag") == "\"2\"" })
    }
  }

  @Test(arguments: Backend.available) func targetsGoWithTheirMember(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let (anna, bob) = (books.anna, books.bob)
      func set(_ member: ID, _ amount: Int) async throws -> Answer {
        try await books.send(
          "PUT", "/kitty/targets", #"{"targets": [{"member": "\#(member)", "amount": \#(amount)}]}"#)
      }
      #expect(try await set(bob, 500).status == 200)
      #expect(try await books.send("DELETE", "/members/\(bob)").status == 204)
      #expect(try await books.get(Kitty.self, "/kitty").targets.isEmpty)
      try expectProblem(try await set(bob, 5), 422, "not_a_member", field: "targets.0.member")
      #expect(try await set(bob, 0).status == 200)
      try expectProblem(
        try await set(books.group.id, 0), 422, "not_a_member", field: "targets.0.member")
      // Nothing is missing where nothing was agreed.
      _ = try await books.enter("/payments", #"{"from": "\#(anna)", "to": "kitty", "amount": 700}"#)
      _ = try await books.enter("/payments", #"{"from": "kitty", "to": "\#(books.carl)", "amount": 700}"#)
      let targets = try await books.get(Kitty.self, "/kitty").targets
      #expect(targets.map { [$0.contributed, $0.missing] } == [[700, 0], [-700, 0]])
    }
  }

  @Test(arguments: Backend.available) func aStatementGoesForward(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let path = "/accounts/\(books.bob)/statement?from=2026-02-01&to="
      try expectProblem(try await books.send("GET", path + "2026-01-31"), 422, "out_of_order", field: "to")
      #expect(try await books.send("GET", path + "2026-02-01").status == 200)
    }
  }

  /// The API says how each plan was found.
  @Test(arguments: Backend.available, [16, 17, 24])
  func aPlanSaysWhetherItIsTheFewest(backend: Backend, count: Int) async throws {
    let guests = (1..<count).map { "Guest \($0)" }
    try await Books.run(on: backend, guests: guests) { books in
      let ids = books.members.map(\.id)
      let parts = ids.dropFirst().enumerated().map {
        #"{"member": "\#($1)", "amount": \#(1000 + $0 * $0 * 7 + $0 % 3)}"#
      }
      let total = (0..<(count - 1)).reduce(0) { $0 + 1000 + $1 * $1 * 7 + $1 % 3 }
      _ = try await books.enter(
        "/expenses",
        #"{"description": "x", "amount": \#(total), "payers": [{"account": "\#(ids[0])", "amount": \#(total - 3001)}, {"account": "\#(ids[1])", "amount": 3001}], "split": {"method": "exact", "parts": [\#(parts.joined(separator: ", "))]}}"#
      )
      let nets = try await books.server.balances(books.group.id, books.token)
      #expect(nets.filter { $0.net != 0 }.count == count)
      let plan = try await books.get(SettlementPlan.self, "/settlement")
      #expect(plan.methods.map(\.method) == [count <= 16 ? .fewest : .greedy])
      #expect(plan.payments.count <= count - 1)
      var left = Dictionary(uniqueKeysWithValues: nets.map { ($0.account, $0.net) })
      for payment in plan.payments {
        left[payment.from, default: 0] += payment.amount
        left[payment.to, default: 0] -= payment.amount
      }
      #expect(left.values.allSatisfy { $0 == 0 } && plan.payments.allSatisfy { $0.amount > 0 })
    }
  }
}
