import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The books as a script sees them, on both databases.
@Suite struct LedgerAPITests {
  @Test(arguments: Backend.available) func splitsOfEveryKind(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
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
      // A refund is the mirror image.
      #expect(
        try await shares(
          "-100",
          #"{"method": "exact", "parts": [\#(part(anna, #""amount": "-1""#)), \#(part(bob, #""amount": "-99""#))]}"#
        )
          == [-100, -9900])
      // A member's own weight is the default, and moves nothing that was there.
      let before = try await books.nets()
      let member = try await books.send("GET", "/members/\(bob)")
      let changed = try await books.send(
        "PATCH", "/members/\(bob)", #"{"weight": 3}"#, headers: [("If-Match", member.header("ETag") ?? "")])
      #expect(changed.status == 200)
      #expect(try await books.nets() == before)
      #expect(try await shares("50", #"{"method": "shares"}"#) == [1000, 3000, 1000])
    }
  }

  @Test(arguments: Backend.available) func badSplitsSayWhatIsMissing(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
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

  @Test(arguments: Backend.available) func theKitty(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let (anna, bob) = (books.anna, books.bob)
      let put = try await books.enter("/payments", #"{"from": "\#(anna)", "to": "kitty", "amount": "100"}"#)
      #expect(try await books.get(Entry.self, "/payments/\(put.id)") == put)
      #expect(put.kind == .contribution && put.description == "Contribution")
      #expect(
        try await books.nets()
          == ["Anna EUR": 10_000, "Bob EUR": 0, "Carl EUR": 0, "Kitty EUR": -10_000].mapKeys())
      _ = try await books.enter("/expenses", #"{"description": "Beer", "amount": "60", "payer": "kitty"}"#)
      let group = try await books.get(Group.self, "")
      #expect(group.kitty == [Money(amount: 4000, currency: group.currency)])
      // What is really in the pot.
      let dry = try await books.send("POST", "/kitty/counts?dryRun=true", #"{"counted": "37.00"}"#)
      #expect(dry.status == 200)
      let count = try await books.enter("/kitty/counts", #"{"counted": "37.00"}"#)
      #expect(
        count.expected == 4000 && count.counted == 3700 && count.shares?.map(\.amount) == [100, 100, 100])
      let exact = try await books.enter("/kitty/counts", #"{"counted": "37.00"}"#)
      #expect(exact.amount == 0)
      let payout = try await books.enter("/payments", #"{"from": "kitty", "to": "\#(bob)", "amount": "7"}"#)
      #expect(payout.kind == .payout)
      let set = try await books.send(
        "PUT", "/kitty/targets",
        #"{"targets": [{"member": "\#(anna)", "amount": "120"}, {"member": "\#(bob)", "amount": "10"}]}"#)
      let kitty = try set.decode(Kitty.self)
      #expect(kitty.holds.map(\.amount) == [3000])
      let targets = kitty.targets.map { [$0.target, $0.contributed, $0.missing] }
      #expect(targets == [[12_000, 10_000, 2000], [1000, -700, 1700]])
      // Deleting the count puts back what it took.
      #expect(try await books.send("DELETE", "/entries/\(count.id)").status == 204)
      #expect(try await books.get(Kitty.self, "/kitty").holds.map(\.amount) == [3300])
    }
  }

  @Test(arguments: Backend.available) func changesAreOnRecord(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let (anna, bob) = (books.anna, books.bob)
      let made = try await books.enter(
        "/expenses", #"{"description": "Dinner", "amount": "30", "payer": "\#(anna)", "note": "a\nb"}"#)
      let path = "/expenses/\(made.id)"
      #expect(try await books.send("PATCH", path, #"{"amount": "60"}"#).status == 428)
      let changed = try await books.send(
        "PATCH", path, #"{"amount": "60", "payer": "\#(bob)", "note": null}"#,
        headers: [("If-Match", "\"1\"")])
      #expect(changed.status == 200 && changed.header("ETag") == "\"2\"", "\(changed.text)")
      let stale = try await books.send("PATCH", path, #"{"amount": "90"}"#, headers: [("If-Match", "\"1\"")])
      #expect(try stale.problem().code == "stale" && stale.problem().detail.contains("\"2\""))
      #expect(try await books.nets().mapped() == ["Anna": -2000, "Bob": 4000, "Carl": -2000])
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(try await books.nets().values.allSatisfy { $0 == 0 })
      #expect(try await books.get(Page<Entry>.self, "/expenses").items.isEmpty)
      #expect(try await books.get(Page<Entry>.self, "/expenses?deleted=true").items.count == 1)
      let refused = try await books.send("PATCH", path, #"{"amount": 1}"#, headers: [("If-Match", "*")])
      #expect(refused.status == 409)
      let restored = try await books.send("POST", "/entries/1/restore")
      #expect(try restored.decode(Entry.self).version == 4)
      #expect(try await books.nets().mapped() == ["Anna": -2000, "Bob": 4000, "Carl": -2000])
      let history = try await books.get(History.self, "/entries/\(made.id)/history").revisions
      #expect(history.map(\.action) == [.created, .changed, .deleted, .restored])
      #expect(history.allSatisfy { $0.by == anna } && history.map(\.version) == [1, 2, 3, 4])
      let amount = try #require(history[1].changes.first { $0.field == "amount" })
      #expect(amount.old == .number(3000) && amount.new == .number(6000))
      #expect(
        history[1].changes.first { $0.field == "note" } == .init(field: "note", old: .text("a\nb"), new: nil))
      // Comments.
      let comment = try await books.send("POST", "/entries/1/comments", #"{"text": "Really?"}"#)
      #expect(comment.status == 201)
      #expect(
        try await books.get(Page<KittyShared.Comment>.self, "/entries/1/comments").items.map(\.text) == [
          "Really?"
        ])
      #expect(try await books.get(Entry.self, "/entries/1").commentCount == 1)
      // A number is never used again.
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(
        try await books.enter("/expenses", #"{"description": "y", "amount": 3, "payer": "kitty"}"#).number
          == 2)
    }
  }

  @Test(arguments: Backend.available) func closedBooksStay(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let old = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)", "date": "2026-03-31"}"#)
      let new = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)", "date": "2026-04-01"}"#)
      let group = try await books.send("GET", "")
      let closed = try await books.send(
        "PATCH", "", #"{"closedUntil": "2026-03-31"}"#, headers: [("If-Match", group.header("ETag") ?? "")])
      #expect(try closed.decode(Group.self).closedUntil?.description == "2026-03-31")
      let json = #"{"description": "x", "amount": 3, "payer": "kitty", "date": "DAY"}"#
      let any = [("If-Match", "*")]
      for refused in [
        try await books.send("POST", "/expenses", json.replacing("DAY", with: "2026-03-31")),
        try await books.send("PATCH", "/expenses/\(old.id)", #"{"amount": 1}"#, headers: any),
        try await books.send("PATCH", "/expenses/\(new.id)", #"{"date": "2026-03-01"}"#, headers: any),
        try await books.send("DELETE", "/entries/\(old.id)"),
      ] {
        #expect(try refused.problem().code == "closed", "\(refused.text)")
      }
      #expect(
        try await books.send("POST", "/expenses", json.replacing("DAY", with: "2026-04-01")).status == 201)
      #expect(try await books.send("DELETE", "/entries/\(new.id)").status == 204)
      let opened = try await books.send("PATCH", "", #"{"closedUntil": null}"#, headers: any)
      #expect(try opened.decode(Group.self).closedUntil == nil)
      #expect(try await books.send("DELETE", "/entries/\(old.id)").status == 204)
    }
  }

  @Test(arguments: Backend.available) func aDryRunWritesNothing(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let json = #"{"description": "x", "amount": "100", "payer": "\#(books.anna)"}"#
      let answer = try await books.send(
        "POST", "/expenses?dryRun=true", json, headers: [("Idempotency-Key", "k")])
      #expect(answer.status == 200)
      let preview = try answer.decode(EntryPreview.self)
      #expect(preview.entry.shares?.map(\.amount).reduce(0, +) == 10_000)
      #expect(preview.balances.map(\.net).reduce(0, +) == 0 && preview.balances[0].paid == 10_000)
      let payment = try await books.send(
        "POST", "/payments?dryRun=true", #"{"from": "\#(books.bob)", "to": "kitty", "amount": 5}"#)
      #expect(try payment.decode(EntryPreview.self).entry.kind == .contribution)
      #expect(try await books.get(Page<Entry>.self, "/entries?deleted=true").items.isEmpty)
      #expect(try await books.enter("/expenses", json).number == 1)
    }
  }

  @Test(arguments: Backend.available) func theSameKeyFiftyTimesIsOneEntry(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let json = #"{"description": "x", "amount": "100", "payer": "\#(books.anna)"}"#
      let key = [("Idempotency-Key", "one-key")]
      let answers = try await withThrowingTaskGroup(of: Answer.self) { tasks in
        for _ in 0..<50 { tasks.addTask { try await books.send("POST", "/expenses", json, headers: key) } }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.allSatisfy { $0.status == 201 })
      #expect(Set(answers.map(\.text)).count == 1)
      #expect(Set(answers.map { "\($0.header("ETag") ?? "-") \($0.header("Location") ?? "-")" }).count == 1)
      #expect(try await books.get(Page<Entry>.self, "/entries").items.count == 1)
      // The answer stays what it was, whatever became of the entry.
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(try await books.send("POST", "/expenses", json, headers: key).text == answers[0].text)
      let other = try await books.send("POST", "/expenses", json.replacing("100", with: "99"), headers: key)
      #expect(try other.problem().code == "key_reused")
      // A request that was refused does not use its key up.
      let second = [("Idempotency-Key", "second")]
      #expect(try await books.send("POST", "/members", #"{"name": "Bob"}"#, headers: second).status == 409)
      #expect(try await books.send("POST", "/members", #"{"name": "Dora"}"#, headers: second).status == 201)
      // A server that ended between the entry and its answer finds the entry again.
      try await books.server.dependencies.database.transact([
        "update idempotency_keys set status = null, created_at = 0 where key = 'one-key'"
      ])
      let found = try await books.send("POST", "/expenses", json, headers: key)
      #expect(try found.decode(Entry.self).number == 1)
      #expect(
        try await books.send("POST", "/expenses", json, headers: [("Idempotency-Key", "a b")]).status == 400)
      // Also in an archived group, where nothing new is taken.
      let archived = try await books.send(
        "PATCH", "/v1/groups/\(books.group.id)", #"{"archived": true}"#, headers: [("If-Match", "*")])
      #expect(archived.status == 200)
      #expect(try await books.send("POST", "/expenses", json, headers: key).text == answers[0].text)
      for headers in [[], [("Idempotency-Key", "new")]] {
        let refused = try await books.send("POST", "/expenses", json, headers: headers)
        #expect(try refused.problem().code == "archived")
      }
    }
  }

  @Test(arguments: Backend.available) func statementsDebtsAndThePlan(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
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

  @Test(arguments: Backend.available) func aGroupIsDeletedWhenSettledOrForced(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      #expect(try await books.send("DELETE", "").status == 409)
      #expect(try await books.send("DELETE", "?force=true").status == 204)
      #expect(try await books.send("GET", "").status == 404)
      #expect(try await books.get(Page<Group>.self, "/v1/groups?deleted=true").items.count == 1)
      #expect(try await books.get(MyBalances.self, "/v1/me/balances").groups.isEmpty)
      #expect(try await books.send("POST", "/restore").status == 200)
      #expect(try await books.send("GET", "").status == 200)
      #expect(try await books.send("DELETE", "?force=true").status == 204)
      // After 30 days it is gone for good, and not before.
      let groups = GroupStore(database: books.server.dependencies.database)
      #expect(try await !groups.purge(at: Instant.now.advanced(by: .seconds(29 * 86_400))))
      #expect(try await groups.purge(at: Instant.now.advanced(by: .seconds(31 * 86_400))))
      let rows = try await books.server.dependencies.database.read(
        "select (select count(*) from postings) + (select count(*) from accounts) + (select count(*) from groups)"
      )
      #expect(try rows[0].decode(Int.self) == 0)
    }
  }
}

extension [String: Int64] {
  /// With the names that the test server gives.
  fileprivate func mapKeys() -> [String: Int64] {
    Dictionary(uniqueKeysWithValues: map { ($0.key.replacing("Anna", with: "anna"), $0.value) })
  }
  /// By name alone.
  fileprivate func mapped() -> [String: Int64] {
    Dictionary(
      uniqueKeysWithValues: map {
        ($0.key.replacing(" EUR", with: "").replacing("anna", with: "Anna"), $0.value)
      })
  }
}
