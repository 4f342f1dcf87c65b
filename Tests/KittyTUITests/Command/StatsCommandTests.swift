import KittyShared
import Testing

@testable import KittyTUI

/// `kittycash stats`.
struct StatsCommandTests {
  private func run(_ arguments: [String], _ dimension: Statistics.Dimension) async throws -> (
    run: CommandRun, asked: [String]
  ) {
    let log = CommandTests.Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      if request.line.contains("/statistics?") {
        return (200, CommandTests.json(Fixtures.statistics(by: dimension)))
      }
      if request.line.contains("/categories?") {
        return (200, CommandTests.json(Page(items: Fixtures.categories, next: nil)))
      }
      return CommandTests.books(request)
    }
    let run = try await CommandRun.run(["stats", "flat"] + arguments, CommandTests.stage(server))
    return (run, log.requests.map(\.line).filter { $0.contains("/statistics?") })
  }

  @Test func monthsHaveBars() async throws {
    let (run, asked) = try await run(["--from", "2025-01-01"], .month)
    #expect(run.status == .done && run.errors == "")
    #expect(asked.count == 1 && asked[0].contains("?by=month&from=2025-01-01 "), "\(asked)")
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 16 && lines[0].hasPrefix("Month"), "\(run.output)")
    #expect(lines[1].contains("2025-11") && lines[1].contains("12.34 EUR") && lines[1].hasSuffix("█"))
    // Each currency has a scale of its own.
    #expect(lines[15].contains("50 JPY") || lines[15].contains("5000 JPY"))
    #expect(lines[15].hasSuffix(String(repeating: "█", count: 24)))
  }

  /// The server has a row for each currency and month; people want those in which something was spent.
  @Test func emptyMonthIsShownOnce() async throws {
    let jpy = try #require(Currency(code: "JPY"))
    let rows = [(0, 0), (500, 0), (700, 90)].enumerated().flatMap { month, spent in
      [(spent.0, Fixtures.eur), (spent.1, jpy)].map { amount, currency in
        var row = Statistics.Row(currency: currency, spent: Int64(amount), count: amount == 0 ? 0 : 1)
        row.period = "2026-0\(month + 1)"
        return row
      }
    }
    let statistics = Statistics(
      by: [.month], from: nil, to: nil,
      totals: [
        .init(currency: Fixtures.eur, spent: 1200, count: 2), .init(currency: jpy, spent: 90, count: 1),
      ], rows: rows)
    let server = try FakeServer { request in
      request.line.contains("/statistics?")
        ? (200, CommandTests.json(statistics))
        : request.line.contains("/categories?")
          ? (200, CommandTests.json(Page<KittyShared.Category>(items: [], next: nil)))
          : CommandTests.books(request)
    }
    let stage = CommandTests.stage(server)
    let lines = try await CommandRun.run(["stats", "flat"], stage).output.split(separator: "\n")
    #expect(lines.count == 5, "\(lines)")
    for (line, words) in zip(lines.dropFirst(), ["0.00 EUR", "5.00 EUR", "7.00 EUR", "90 JPY"]) {
      #expect(line.contains(words), "\(lines)")
    }
    // Programs get every row.
    #expect(
      try await CommandRun.run(["stats", "flat", "--plain"], stage).output.split(separator: "\n").count == 6)
  }

  @Test(arguments: ["foo", "", "month,", "day,month,year", "tag,tag"]) func wrongDimensionIsInvalid(
    by: String
  ) {
    let error = #expect(throws: (any Error).self) {
      try KittyTUI.parseAsRoot(["stats", "flat", "--by", by])
    }
    #expect(error.map { KittyTUI.exitCode(for: $0) } == .validationFailure)
  }

  @Test func categoriesHaveNamesForPeopleAndIdsForPrograms() async throws {
    let people = try await run(["--by", "category"], .category).run
    #expect(people.output.contains("Food › Groceries") && people.output.contains("No category"))
    #expect(people.output.contains("░"))
    let plain = try await run(["--by", "category", "--plain"], .category).run
    let fields = plain.output.split(separator: "\n").map {
      $0.split(separator: "\t", omittingEmptySubsequences: false)
    }
    #expect(fields[0] == ["\(Fixtures.categories[0].id)", "420.50", "EUR", "5", "", ""])
    #expect(fields[3] == ["", "-40.00", "EUR", "1", "", ""])
    let table = try await run(["--by", "member", "--csv"], .member).run
    let lines = table.output.split(separator: "\r\n")
    #expect(lines[0] == "member,spent,currency,count,share,paid")
    #expect(lines[1] == "\(Fixtures.members[0].id),800.00,EUR,6,800.00,0.00", "\(table.output)")
    #expect(throws: (any Error).self) { try KittyTUI.parseAsRoot(["stats", "flat", "--csv", "--json"]) }
  }
}
