import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Statistics, beside the export of the same books.
@Suite struct StatisticsTests {
  private static let units: [Statistics.Dimension] = [.day, .week, .month, .year]
  private static let others: [Statistics.Dimension] = [.category, .member, .payer, .kind]

  private func statistics(_ query: String, _ books: GroupFixture) async throws -> Statistics {
    let answer = try await books.send("GET", "/statistics?\(query)")
    try #require(answer.status == 200, "\(query): \(answer.text)")
    return try answer.decode(Statistics.self)
  }

  /// Sums of the expenses of a group that count, from its export.
  private struct Export {
    let entries: [(id: ID, content: EntryContent)]

    init(_ books: GroupFixture) async throws {
      let file = try await books.get(GroupFile.self, "/export")
      entries = file.entries.compactMap { entry in
        guard let last = entry.revisions.last, last.action != .deleted else { return nil }
        return (entry.id, last.content)
      }
    }

    /// The sums per currency of the expenses between two days.
    func totals(_ kind: EntryContent.Kind = .expense, from: Day = .first, to: Day = .last) -> [Currency:
      Int64]
    {
      var totals: [Currency: Int64] = [:]
      for (_, content) in entries
      where content.kind == kind && (from...to).contains(content.date) {
        totals[content.booked.currency, default: 0] += content.booked.amount
      }
      return totals
    }

    /// The sums by a key.
    func sums(_ key: (ID, EntryContent) -> [(String, Int64)]) -> [String: Int64] {
      var sums: [String: Int64] = [:]
      for (id, content) in entries where content.kind == .expense {
        for (key, amount) in key(id, content) {
          sums["\(key) \(content.booked.currency)", default: 0] += amount
        }
      }
      return sums.filter { $0.value != 0 }
    }
  }

  private func sums(_ rows: [Statistics.Row], _ key: (Statistics.Row) -> String) -> [String: Int64] {
    var sums: [String: Int64] = [:]
    for row in rows where row.kind == nil || row.kind == .expense {
      sums["\(key(row)) \(row.currency)", default: 0] += row.spent
    }
    return sums.filter { $0.value != 0 }
  }

  @Test(arguments: Backend.available, [UInt64(1), 2, 3])
  func everyPartitionHasTheSameTotal(backend: Backend, seed: UInt64) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: seed)
      let export = try await Export(books)
      let expected = export.totals().filter { $0.value != 0 }
      let single = Self.units + Self.others
      let firsts: [Statistics.Dimension] = [.week, .month, .year, .category]
      let pairs = firsts.flatMap { one in
        Self.others.filter { $0 != one }.map { "\(one),\($0)" }
      }
      for by in single.map(\.rawValue) + pairs + ["payer,category", "member,kind", "category,month"] {
        let found = try await statistics("by=\(by)", books)
        #expect(found.by.map(\.rawValue).joined(separator: ",") == by)
        let totals = Dictionary(uniqueKeysWithValues: found.totals.map { ($0.currency, $0.spent) })
        #expect(totals.filter { $0.value != 0 } == expected, "\(by)")
        let sums = sums(found.rows) { _ in "" }
        #expect(sums == Dictionary(uniqueKeysWithValues: expected.map { (" \($0.key)", $0.value) }), "\(by)")
        let count = export.entries.count { $0.content.kind == .expense }
        #expect(found.totals.reduce(0) { $0 + $1.count } == Int64(count), "\(by)")
      }
      for (from, to) in [("2024-11-01", "2025-02-13"), ("2025-01-01", "2025-01-31")] {
        let (first, last) = (try #require(Day(from)), try #require(Day(to)))
        for by in ["day", "month", "category", "member", "week,payer", "category,member"] {
          let found = try await statistics("by=\(by)&from=\(from)&to=\(to)", books)
          let totals = Dictionary(uniqueKeysWithValues: found.totals.map { ($0.currency, $0.spent) })
          #expect(totals == export.totals(from: first, to: last), "\(by)")
        }
      }
    }
  }

  @Test(arguments: Backend.available, [UInt64(4), 5])
  func partsAreThoseOfTheExport(backend: Backend, seed: UInt64) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: seed)
      let export = try await Export(books)
      let byMonth = try await statistics("by=month,category", books)
      #expect(
        sums(byMonth.rows) { "\($0.period ?? "") \($0.category?.description ?? "none")" }
          == export.sums { id, content in
            content.spendingParts(entry: id).map {
              ("\(content.date.description.prefix(7)) \($0.category?.description ?? "none")", $0.amount)
            }
          })
      let byTag = try await statistics("by=tag,year", books)
      #expect(
        sums(byTag.rows) { "\($0.tag ?? "-") \($0.period ?? "")" }
          == export.sums { _, content in
            let tags = content.allTags
            return (tags.isEmpty ? ["-"] : tags.sorted()).map {
              ("\($0) \(content.date.description.prefix(4))", content.booked.amount)
            }
          })
      let byMember = try await statistics("by=member,category", books)
      let shares = export.sums { id, content in
        content.shareCells(entry: id).map {
          ("\($0.account) \($0.category?.description ?? "none")", $0.amount)
        }
      }
      #expect(sums(byMember.rows) { "\($0.member!) \($0.category?.description ?? "none")" } == shares)
      // What each bore and paid is what the balances say, without the counts.
      let members = try await statistics("by=member", books)
      let paid = export.sums { id, content in
        zip(content.payers ?? [], content.paidParts(entry: id)).map { ("\($0.account)", $1) }
      }
      var found: [String: Int64] = [:]
      for row in members.rows where row.paid != 0 { found["\(row.member!) \(row.currency)"] = row.paid }
      #expect(found == paid)
      let byPayer = try await statistics("by=payer", books)
      #expect(sums(byPayer.rows) { "\($0.payer!)" } == paid)
      // By kind, counts stand beside the expenses.
      let kinds = try await statistics("by=kind", books)
      for row in kinds.rows {
        #expect(export.totals(row.kind!)[row.currency] == row.spent)
      }
      #expect(kinds.rows.contains { $0.kind == .count })
    }
  }

  @Test(
    .enabled(if: ExportTests.program("hledger") != nil, "hledger is not installed: `make test` installs it"),
    arguments: Backend.available, [UInt64(6), 7])
  func hledgerComputesTheSameMonths(backend: Backend, seed: UInt64) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: seed)
      #expect(try await books.get(Page<Entry>.self, "/entries?kind=count").items[0].amount != 0)
      for tag in ["share", "category", "tag-share", "shareware"] {
        _ = try await books.enter(
          "/expenses", #"{"description": "x #\#(tag)", "amount": 7, "payer": "\#(books.anna)"}"#)
      }
      let text = try await books.send("GET", "/export?format=hledger").text
      let file = NSTemporaryDirectory() + "kitty-\(ID(at: .now)).journal"
      defer { try? FileManager.default.removeItem(atPath: file) }
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      let hledger = try #require(ExportTests.program("hledger"))
      let names = try await books.get(Page<KittyShared.Category>.self, "/categories?removed=true").items
        .reduce(into: [ID: KittyShared.Category]()) { $0[$1.id] = $1 }
      func path(_ id: ID?) -> String {
        guard let category = id.flatMap({ names[$0] }) else { return "" }
        return category.parent.flatMap { names[$0]?.name }.map { "\($0):\(category.name)" } ?? category.name
      }
      let found = try await statistics("by=month,category", books)
      for month in Set(found.rows.compactMap(\.period)).sorted() {
        let balance = try await runProgram(
          hledger,
          [
            "-f", file, "balance", "--flat", "--no-total", "--pivot", "category", "tag:^share$", "-p", month,
            "-O", "csv", "--layout=bare",
          ])
        #expect(balance.status == 0, "\(balance.output)")
        var told: [String: Int64] = [:]
        for line in balance.output.split(separator: "\n").dropFirst() {
          let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\"")) }
          let currency = try #require(Currency(code: cells[1]))
          let decimal = cells[2].hasSuffix(".") ? String(cells[2].dropLast()) : cells[2]
          let amount = try Amount(decimal: decimal, currency: currency).minorUnits
          if amount != 0 { told["\(cells[0]) \(currency)"] = -amount }
        }
        let expected = sums(found.rows.filter { $0.period == month }) { path($0.category) }
        #expect(told == expected, "\(month)")
      }
    }
  }

  /// A member bore and paid in a month the difference of the balances at its end and before it.
  @Test(arguments: Backend.available, [UInt64(8), 9])
  func partsOfMonthsAreDifferencesOfBalances(backend: Backend, seed: UInt64) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: seed)
      for entry in try await books.get(Page<Entry>.self, "/entries?kind=count").items {
        #expect(try await books.send("DELETE", "/entries/\(entry.id)").status == 204)
      }
      let rows = try await statistics("by=month,member", books).rows
      let months = Set(rows.compactMap(\.period)).sorted()
      #expect(months.count > 2)
      var before: [String: (share: Int64, paid: Int64)] = [:]
      for month in months {
        let last = CalendarUnit.month.last(CalendarUnit.month.number(of: Day("\(month)-01")!))
        var now: [String: (share: Int64, paid: Int64)] = [:]
        for balance in try await books.get(Balances.self, "/balances?at=\(last)").balances {
          now["\(balance.account) \(balance.currency)"] = (balance.share, balance.paid)
        }
        for row in rows where row.period == month {
          let key = "\(row.member!) \(row.currency)"
          #expect(row.share == (now[key]?.share ?? 0) - (before[key]?.share ?? 0), "\(month) \(key)")
          #expect(row.paid == (now[key]?.paid ?? 0) - (before[key]?.paid ?? 0), "\(month) \(key)")
        }
        let keys = Set(rows.filter { $0.period == month }.map { "\($0.member!) \($0.currency)" })
        for (key, value) in now where !keys.contains(key) { #expect(value == before[key] ?? (0, 0)) }
        before = now
      }
    }
  }

  @Test(arguments: Backend.available) func everyMonthHasARowAndRefundsLessen(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      func spend(_ amount: Int64, _ day: String, _ more: String = "") async throws -> Entry {
        try await books.enter(
          "/expenses",
          #"{"description": "x", "amount": \#(amount), "payer": "\#(books.anna)", "date": "\#(day)"\#(more)}"#
        )
      }
      let empty = try await statistics("by=month&from=2026-01-01&to=2026-03-31", books)
      #expect(empty.rows.map(\.period) == ["2026-01", "2026-02", "2026-03"])
      #expect(empty.rows.allSatisfy { $0.spent == 0 && $0.currency.code == "EUR" } && empty.totals.isEmpty)
      #expect(try await statistics("by=month,category", books).rows.isEmpty)

      _ = try await spend(1000, "2026-01-31", #", "tags": ["trip", "sun"]"#)
      _ = try await spend(-300, "2026-01-31", #", "tags": ["trip"]"#)
      let late = try await spend(500, "2026-04-02")
      _ = try await books.enter(
        "/payments",
        #"{"from": "\#(books.bob)", "to": "\#(books.anna)", "amount": 900, "date": "2026-02-01"}"#)
      let months = try await statistics("by=month", books)
      #expect(months.rows.map(\.period) == ["2026-01", "2026-02", "2026-03", "2026-04"])
      #expect(months.rows.map(\.spent) == [700, 0, 0, 500] && months.rows.map(\.count) == [2, 0, 0, 1])
      let weeks = try await statistics("by=week&to=2026-02-08", books)
      #expect(weeks.rows.map(\.period) == ["2026-W05", "2026-W06"])
      // An entry with two tags counts in both, and one without in a row of its own.
      let tags = try await statistics("by=tag", books)
      #expect(tags.rows.map(\.tag) == ["sun", "trip", nil] && tags.rows.map(\.spent) == [1000, 700, 500])
      #expect(tags.totals.map(\.spent) == [1200])

      // A change moves an entry, a deletion takes it away, and a restoration brings it back.
      let moved = try await books.send(
        "PATCH", "/expenses/\(late.id)", #"{"date": "2026-02-03", "amount": 600}"#,
        headers: [("If-Match", "*")])
      #expect(moved.status == 200)
      #expect(try await statistics("by=month", books).rows.map(\.spent) == [700, 600])
      #expect(try await books.send("DELETE", "/entries/\(late.id)").status == 204)
      #expect(try await statistics("by=month", books).rows.map(\.spent) == [700])
      #expect(try await books.send("POST", "/entries/\(late.id)/restore").status == 200)
      #expect(try await statistics("by=month", books).rows.map(\.spent) == [700, 600])
    }
  }

  @Test(arguments: Backend.available) func seriesAreTheBalancesOfEachDay(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      #expect(try await books.get(BalanceSeries.self, "/balances/series").days.isEmpty)
      try await books.fill(seed: 9)
      for query in [
        "every=month", "every=week&from=2024-12-01&to=2025-01-31", "every=year",
        "every=day&from=2025-01-10&to=2025-01-20",
      ] {
        let series = try await books.get(BalanceSeries.self, "/balances/series?\(query)")
        #expect(!series.days.isEmpty && series.series.allSatisfy { $0.nets.count == series.days.count })
        for (index, day) in series.days.enumerated() {
          let balances = try await books.get(Balances.self, "/balances?at=\(day)").balances
          var expected: [String: Int64] = [:]
          for balance in balances where balance.net != 0 {
            expected["\(balance.account) \(balance.currency)"] = balance.net
          }
          var found: [String: Int64] = [:]
          for line in series.series where line.nets[index] != 0 {
            found["\(line.account) \(line.currency)"] = line.nets[index]
          }
          #expect(found == expected, "\(query) \(day)")
        }
      }
      let own = try await books.get(BalanceSeries.self, "/balances/series?account=\(books.bob)")
      #expect(Set(own.series.map(\.account)) == [.member(books.bob)])
    }
  }

  @Test(arguments: Backend.available) func migrationMakesTheRowsOfOlderEntries(backend: Backend) async throws
  {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: 3)
      let database = books.server.dependencies.database
      let all: SQL = "select * from spending order by group_id, month, category_id, currency, entry_id"
      let before = try await database.read(all).map(\.columns)
      #expect(before.count > 20)
      try await database.transact([
        "drop table spending",
        "delete from schema_migrations where version = \(Migration.spending.version)",
      ])
      #expect(try await database.migrate(Migration.all) == [Migration.spending.version])
      // Another text than that of the statement that was prepared for the old table.
      let again: SQL = "select s.* from spending s order by group_id, month, category_id, currency, entry_id"
      #expect(try await database.read(again).map(\.columns) == before)
    }
  }

  @Test(arguments: Backend.available) func badQuestionIsRefusedWithItsField(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 3, "payer": "\#(books.anna)", "date": "1901-01-01"}"#)
      let other = try await books.server.makeGroup(books.token).0
      for (path, field, code) in [
        ("/statistics?by=x", "by", "unknown_dimension"), ("/statistics?by=", "by", "unknown_dimension"),
        ("/statistics?by=month,", "by", "unknown_dimension"), ("/statistics?by=month,month", "by", "twice"),
        ("/statistics?by=month,category,tag", "by", "too_many"),
        ("/statistics?by=month,year", "by", "not_together"),
        ("/statistics?by=member,payer", "by", "not_together"),
        ("/statistics?from=2026-02-30", "from", "not_a_date"),
        ("/statistics?from=2026-02-02&to=2026-02-01", "to", "out_of_order"),
        ("/statistics?by=day&from=1900-01-01&to=9999-12-31", "by", "too_many_rows"),
        ("/balances/series?every=hour", "every", "unknown_unit"),
        ("/balances/series?every=day&from=2026-01-01&to=2926-12-31", "every", "too_many_rows"),
        ("/balances/series?account=x", "account", "not_an_account"),
        ("/balances/series?account=\(other.id)", "account", "not_a_member"),
        ("/charts/spending.svg?every=day", "every", "not_for_this_chart"),
        ("/charts/kitty.svg?account=kitty", "account", "not_for_this_chart"),
        ("/charts/kitty.svg?format=png", "format", "unknown_format"),
        ("/charts/kitty.svg?currency=EURO", "currency", "unknown_currency"),
        ("/charts/spending.svg?by=x", "by", "unknown_dimension"),
      ] {
        let answer = try await books.send("GET", path)
        let problem = try answer.problem()
        #expect(
          [400, 422].contains(answer.status) && problem.errors?.first?.field == field
            && problem.errors?.first?.code == code, "\(path): \(answer.text)")
      }
      for path in ["/charts/spending", "/charts/x.svg", "/charts/spending.png"] {
        #expect(try await books.send("GET", path).status == 404)
      }
      #expect(try await books.send("GET", "/statistics?by=year&from=1900-01-01&to=9999-12-31").status == 200)
    }
  }

  /// A wrong year in one entry must not hide all others.
  @Test(arguments: Backend.available) func entryOfLongAgoLeavesStatisticsReadable(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      for (day, amount) in [("1900-01-01", 3), ("2026-11-20", 6), ("2026-11-22", 9)] {
        _ = try await books.enter(
          "/expenses",
          #"{"description": "x", "amount": \#(amount), "payer": "\#(books.anna)", "date": "\#(day)"}"#)
      }
      let days = try await statistics("by=day", books)
      #expect(days.rows.map(\.period) == ["1900-01-01", "2026-11-20", "2026-11-22"])
      #expect(days.rows.map(\.spent) == [3, 6, 9] && days.totals.map(\.spent) == [18])
      // Where the rows are few enough, none is left out.
      #expect(try await statistics("by=month", books).rows.count == 126 * 12 + 11)
      #expect(try await statistics("by=day&from=2026-11-20", books).rows.map(\.spent) == [6, 0, 9])
      #expect(try await books.send("GET", "/charts/spending.svg?by=day").status == 200)
      let series = try await books.get(BalanceSeries.self, "/balances/series?every=day")
      #expect(series.days.count == 10_000 && series.days.last == Day("2026-11-22"))
      let nets = series.series.first { $0.account == .member(books.anna) }?.nets
      #expect(nets?.first == 2 && nets?.last == 12, "\(String(describing: nets?.last))")
    }
  }

  /// A filter counts the entries that the list of entries finds with it. What is meant by "me" differs between members, so
  /// the cache has no such reply.
  @Test(arguments: Backend.available) func filterChoosesTheEntries(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: 8)
      for filter in [
        "paid:me", "with:bob", "tag:trip OR #sun", "-category:none", "amount:%3E20", "nothinglikeit",
      ] {
        let query = filter.replacing(" ", with: "+").replacing("#", with: "%23")
        let page = try await books.get(
          Page<Entry>.self, "/entries?q=kind:expense+(\(query))&limit=200&deleted=false")
        var expected: [Currency: Int64] = [:]
        for entry in page.items { expected[entry.booked.currency, default: 0] += entry.booked.amount }
        for by in ["month", "category", "member,category", "day,payer", "tag"] {
          let found = try await statistics("by=\(by)&q=\(query)", books)
          let totals = Dictionary(uniqueKeysWithValues: found.totals.map { ($0.currency, $0.spent) })
          #expect(totals == expected, "\(by) of \(filter)")
        }
        let chart = try await books.send("GET", "/charts/spending.svg?format=csv&q=\(query)")
        #expect(chart.status == 200, "\(chart.text)")
      }
      let other = try await books.server.signUp("bob")
      _ = try await books.server.join(books.group.id, other, invitedBy: books.token)
      let mine = try await statistics("by=month&q=paid:me", books)
      let theirs = try await books.send("GET", "/statistics?by=month&q=paid:me", token: other)
      #expect(try theirs.decode(Statistics.self) != mine)
      try expectProblem(await books.send("GET", "/statistics?q=paid:zoe"), 422, "unknown_name")
      try expectProblem(await books.send("GET", "/charts/balances.svg?q=rent"), 422, "not_for_this_chart")
    }
  }
}
