import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// `kittycash import` and `imports` of files of other programs.
struct FileCommandTests {
  private static let report = ImportReport(
    id: Fixtures.id(40), format: .splitwise, readings: ["UTF-8"], name: "Alps",
    members: [
      .init(name: "Anna B.", member: Fixtures.members[0].id, here: "Anna", isNew: false),
      .init(name: "Vic", member: nil, here: "Vic", isNew: true),
    ], expenses: 3, payments: 1, duplicates: 2, twins: 1, from: Day("2026-01-02"), to: Day("2026-03-04"),
    currencies: [Fixtures.eur], newCategories: ["Food"],
    leftOut: [.init(place: "line 7", text: "Zero", reason: "It changes no balance.")],
    notices: ["line 9: several members paid \"Ski\"."],
    balances: [.init(name: "Vic", currency: Fixtures.eur, there: -1250, here: -1250)], showsBalances: false,
    differs: false,
    missing: [
      .init(number: 9, date: Day("2026-01-03")!, text: "Rent\u{1b}", import: Fixtures.id(41))
    ])

  private func server(_ log: CommandTests.Log, currencies: [Currency]? = nil) throws -> FakeServer {
    var report = Self.report
    if let currencies { (report.currencies, report.currency) = (currencies, currencies.first) }
    let answer = CommandTests.json(report)
    let imports = CommandTests.json(
      Page(
        items: [
          ImportRecord(
            id: Fixtures.id(40), format: .splitwise, entries: 4, createdBy: Fixtures.members[0].id,
            createdAt: Instant(milliseconds: 1_780_000_000_000))
        ], next: nil))
    let group = CommandTests.json(Fixtures.group("Alps"))
    return try FakeServer { request in
      _ = log.add(request)
      if request.line.hasPrefix("DELETE") { return (204, "") }
      if request.line.contains("/imports") {
        return (200, request.line.hasPrefix("POST") ? answer : imports)
      }
      if request.line.hasPrefix("POST /v1/groups ") || request.line.hasPrefix("PATCH") { return (201, group) }
      return CommandTests.books(request)
    }
  }

  private func run(_ arguments: [String], _ log: CommandTests.Log, currencies: [Currency]? = nil)
    async throws -> CommandRun
  {
    let server = try server(log, currencies: currencies)
    defer { withExtendedLifetime(server) {} }
    var stage = CommandTests.stage(server)
    stage.bytes = Array("Date,Description,Category,Cost,Currency,Anna B.,Vic\n".utf8)
    return try await CommandRun.run(["import", "-"] + arguments, stage)
  }

  @Test func fileJoinsAGroup() async throws {
    let log = CommandTests.Log()
    let done = try await run(
      [
        "--group", "flat", "--map", "Anna B.=me", "--map", "=A+1=V", "--column", "date=Datum", "--dates",
        "dmy",
        "--decimal", "comma", "--format", "csv", "--accept-differences", "--keep-twins",
      ], log)
    #expect(done.status == .done, "\(done.errors)")
    let sent = try #require(log.requests.last { $0.line.hasPrefix("POST") })
    #expect(sent.header("Content-Type") == "application/octet-stream" && sent.body.hasPrefix("Date,"))
    for part in [
      "map=%7B", "%22Anna%20B.%22%3A%22me%22", "%22%3DA%2B1%22%3A%22V%22",
      "columns=%7B%22date%22%3A%22Datum%22%7D",
      "dates=dmy", "decimal=comma", "format=csv", "differences=accept", "twins=keep",
    ] { #expect(sent.line.contains(part), "\(part) in \(sent.line)") }
    for words in [
      "Anna B.", "new", "-12.50 EUR", "line 7", "It changes no balance.", "Computed", "Not in the file", "#9",
      "2026-01-03", "\(Fixtures.id(41))",
    ] {
      #expect(done.output.contains(words), "\(words) in \(done.output)")
    }
    for words in [
      "Read as Splitwise: UTF-8.", "from 2026-01-02 to 2026-03-04", "New categories: Food.",
      "several members paid",
      "2 entries are in the group already, 1 of them by the same day, text and amounts.",
      "1 entry of an earlier file of the same books is not in this one: undo that import first, or both count.",
      "Imported 3 expenses and 1 payment.",
    ] { #expect(done.errors.contains(words), "\(words) in \(done.errors)") }
    let plain = try await run(["--group", "flat", "--plain"], log)
    #expect(plain.output.hasPrefix("\(Fixtures.id(40))\t") && plain.output.hasSuffix("\t3\t1\t2\n"))
    for (maps, words) in [
      (["--map", "Anna"], "\"Anna\" has no equals sign."), (["--map", "=Anna"], "nothing on one side"),
      (["--map", "Anna="], "nothing on one side"),
      (["--map", "Anna=me", "--map", "anna =Vic"], "--map has \"anna\" twice"),
      (["--column", "date=A", "--column", "date=B"], "--column has \"date\" twice"),
    ] {
      let wrong = try await run(["--group", "flat"] + maps, log)
      #expect(wrong.status == .usage && wrong.errors.contains(words), "\(wrong.errors)")
    }
  }

  @Test func unknownGroupIsNotMade() async throws {
    let log = CommandTests.Log()
    let wrong = try await run(["--group", "Falt 12"], log)
    #expect(wrong.status == .notFound)
    for words in ["Did you mean \"Flat 12\"?", "use --new instead of --group"] {
      #expect(wrong.errors.contains(words), "\(wrong.errors)")
    }
    #expect(log.entered.isEmpty)
    #expect(try await run(["--new", "Falt 12"], log).status == .done)
    #expect(log.requests.first { $0.line.hasPrefix("POST /v1/groups ") }?.body.contains("Falt 12") == true)
    for arguments in [
      ["import", "-", "--group", "a", "--new", "b"], ["imports", "flat", "--force"],
    ] {
      #expect(throws: (any Error).self) { try KittyTUI.parseAsRoot(arguments) }
    }
  }

  @Test(arguments: [
    ("It is no code. Send currency=EUR.", "It is no code. Use --currency EUR."),
    ("Correct it, or send dates=dmy or dates=mdy.", "Correct it, or use --dates dmy or --dates mdy."),
    ("Export it, or send encoding= with one of utf-8.", "Export it, or use --encoding with one of utf-8."),
    ("Name it with format=, or with columns=.", "Name it with --format, or with --column."),
    ("See it with dryRun=true; send differences=accept.", "See it with --dry-run; use --accept-differences."),
    ("Send twins=keep.", "Use --keep-twins."),
  ]) func refusalNamesTheOptionsOfTheCommand(server: String, shown: String) {
    let failure = CommandFailure(.refused, server, requestID: "1").withImportOptions
    #expect(failure == CommandFailure(.refused, shown, requestID: "1"))
  }

  @Test func fileBecomesAGroupWithItsNameAndCurrency() async throws {
    let log = CommandTests.Log()
    let usd = try #require(Currency(code: "USD"))
    let done = try await run([], log, currencies: [usd, Fixtures.eur])
    #expect(done.status == .done, "\(done.errors)")
    let lines = log.requests.map(\.line)
    let made = log.requests.filter { $0.line.hasPrefix("POST /v1/groups ") }
    // The preview told the name and the currency, and made no group.
    #expect(made.count == 1 && made[0].body.contains("USD") && made[0].body.contains("Alps"))
    #expect(lines.first?.hasPrefix("POST /v1/imports?dryRun=true&group=") == true, "\(lines)")
    #expect(!lines.contains { $0.hasPrefix("DELETE") })
    #expect(lines.last { $0.contains("/imports") }?.contains("dryRun") == false)

    let tried = CommandTests.Log()
    #expect(try await run(["--dry-run"], tried).errors.contains("Would import 3 expenses and 1 payment."))
    #expect(tried.requests.map(\.line).allSatisfy { $0.hasPrefix("POST /v1/imports?dryRun=true") })
  }

  @Test func importIsListedAndUndone() async throws {
    let log = CommandTests.Log()
    let server = try server(log)
    defer { withExtendedLifetime(server) {} }
    let stage = CommandTests.stage(server)
    let listed = try await CommandRun.run(["imports", "flat"], stage)
    #expect(listed.output.contains("Splitwise") && listed.output.contains("\(Fixtures.id(40))"))
    let undone = try await CommandRun.run(["imports", "flat", "--undo", "last", "--force"], stage)
    #expect(undone.status == .done && undone.errors.contains("Undone: 4 entries of Splitwise."))
    let sent = try #require(log.requests.last?.line)
    #expect(sent.hasPrefix("DELETE") && sent.contains("/imports/\(Fixtures.id(40))?force=true"))
    #expect(try await CommandRun.run(["imports", "flat", "--undo", "x"], stage).status == .notFound)
  }

  /// A zip file without files helps in nothing: neither a file nor output is written.
  @Test func groupWithoutReceiptsHasNoZipFile() async throws {
    let server = try FakeServer { request in
      guard request.line.contains("receipts.zip") else { return CommandTests.books(request) }
      return (200, "PK\u{5}\u{6}" + String(repeating: "\0", count: 18))
    }
    let stage = CommandTests.stage(server)
    let path = NSTemporaryDirectory() + "kittycash-none-\(ID(at: Instant(milliseconds: 2))).zip"
    for arguments in [["--zip", path], ["--zip", "-", "--from", "2026-01-01"]] {
      let run = try await CommandRun.run(["receipts", "flat"] + arguments, stage)
      #expect(run.status == .failed && run.output.isEmpty, "\(run)")
      #expect(run.errors.contains("has a receipt. Nothing was written."), "\(run.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }
}
