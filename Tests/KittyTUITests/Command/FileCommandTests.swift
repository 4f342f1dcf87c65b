import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// `kittycash import` and `imports` of files of other programs, and `kittycash export --all`.
struct FileCommandTests {
  private static let report = ImportReport(
    id: Fixtures.id(40), format: .splitwise, readings: ["UTF-8"], name: "Alps",
    members: [
      .init(name: "Anna B.", member: Fixtures.members[0].id, here: "Anna", isNew: false),
      .init(name: "Vic", member: nil, here: "Vic", isNew: true),
    ], expenses: 3, payments: 1, duplicates: 2, from: Day("2026-01-02"), to: Day("2026-03-04"),
    currencies: [Fixtures.eur], newCategories: ["Food"],
    leftOut: [.init(place: "line 7", text: "Zero", reason: "It changes no balance.")],
    notices: ["line 9: several members paid \"Ski\"."],
    balances: [.init(name: "Vic", currency: Fixtures.eur, there: -1250, here: -1250)], differs: false)

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
        "--group", "flat", "--map", "Anna B.=me", "--map", "Vic=V=1", "--column", "date=Datum", "--dates",
        "dmy",
        "--decimal", "comma", "--format", "csv", "--accept-differences",
      ], log)
    #expect(done.status == .done, "\(done.errors)")
    let sent = try #require(log.requests.last { $0.line.hasPrefix("POST") })
    #expect(sent.header("Content-Type") == "application/octet-stream" && sent.body.hasPrefix("Date,"))
    for part in [
      "map=%7B", "%22Anna%20B.%22%3A%22me%22", "%22Vic%22%3A%22V%3D1%22",
      "columns=%7B%22date%22%3A%22Datum%22%7D",
      "dates=dmy", "decimal=comma", "format=csv", "differences=accept",
    ] { #expect(sent.line.contains(part), "\(part) in \(sent.line)") }
    for words in ["Anna B.", "new", "-12.50 EUR", "line 7", "It changes no balance."] {
      #expect(done.output.contains(words), "\(words) in \(done.output)")
    }
    for words in [
      "Read as Splitwise: UTF-8.", "from 2026-01-02 to 2026-03-04", "New categories: Food.",
      "several members paid",
      "2 entries are in the group already.", "Imported 3 expenses and 1 payment.",
    ] { #expect(done.errors.contains(words), "\(words) in \(done.errors)") }
    let plain = try await run(["--group", "flat", "--plain"], log)
    #expect(plain.output.hasPrefix("\(Fixtures.id(40))\t") && plain.output.hasSuffix("\t3\t1\t2\n"))
    let wrong = try await run(["--group", "flat", "--map", "Anna"], log)
    #expect(
      wrong.status == .usage && wrong.errors.contains("\"Anna\" has no equals sign."), "\(wrong.errors)")
  }

  @Test(arguments: [
    ("It is no code. Send currency=EUR.", "It is no code. Use --currency EUR."),
    ("Correct it, or send dates=dmy or dates=mdy.", "Correct it, or use --dates dmy or --dates mdy."),
    ("Export it, or send encoding= with one of utf-8.", "Export it, or use --encoding with one of utf-8."),
    ("Name it with format=, or with columns=.", "Name it with --format, or with --column."),
    ("See it with dryRun=true; send differences=accept.", "See it with --dry-run; use --accept-differences."),
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

  @Test func allGroupsAreExportedIntoAFolder() async throws {
    let folder = NSTemporaryDirectory() + "kittycash-all-\(ID(at: Instant(milliseconds: 1)))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let groups = [Fixtures.group("A/B"), Fixtures.group("..", number: 2), Fixtures.group("a/b", number: 3)]
    let entry = ReceiptScreenTests.entry([ReceiptScreenTests.bill])
    let server = try FakeServer { request in
      if request.line.contains("format=") { return (200, "books") }
      if request.line.contains("/v1/me/export") { return (200, "mine") }
      if request.line.contains("receipts.zip") { return (200, "PK") }
      if request.line.contains("/entries?") {
        let items = request.line.contains("\(groups[0].id)") ? [entry] : []
        return (200, CommandTests.json(Page(items: items, next: nil)))
      }
      if request.line.contains("archived=true") {
        return (200, CommandTests.json(Page(items: [groups[2]], next: nil)))
      }
      return CommandTests.books(request, groups: Array(groups.prefix(2)))
    }
    let stage = CommandTests.stage(server)
    let done = try await CommandRun.run(["export", "--all", folder], stage)
    #expect(done.status == .done, "\(done.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names == ["A-B", "a-b 2", "account.json", "group"], "\(names)")
    #expect(try String(contentsOfFile: folder + "/account.json", encoding: .utf8) == "mine")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/A-B").sorted()
    #expect(files == ["books.beancount", "books.csv", "books.journal", "books.json", "receipts.zip"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/group").count == 4)
    // A second time, nothing is mixed with what is there.
    #expect(try await CommandRun.run(["export", "--all", folder], stage).status == .failed)
    for arguments in [
      ["export"], ["export", "flat", "--all", "x"], ["export", "--all", "x", "--format", "csv"],
    ] {
      #expect(throws: (any Error).self) { try KittyTUI.parseAsRoot(arguments) }
    }
  }
}

/// `kittycash import` of KittyCash's own files: a folder of `export --all`, and an export for a group with entries.
struct OwnFileCommandTests {
  private static let text = #"{"format": "kittycash-group-2"}"#

  /// The same, compressed by gzip.
  private static let compressed = Array(
    Data(base64Encoded: "H4sIAAAAAAACA6tWSssvyk0sUbJSUMrOLCmpTE4sztBNL8ovLdA1UqoFAOYQ5UYfAAAA") ?? Data())

  @Test func compressedFileIsSentAsItIs() async throws {
    let log = CommandTests.Log()
    let server = try server(log)
    defer { withExtendedLifetime(server) {} }
    var stage = CommandTests.stage(server)
    stage.bytes = Self.compressed
    #expect(try await CommandRun.run(["import", "-"], stage).status == .done)
    let sent = try #require(log.requests.last { $0.line.contains("/import ") })
    #expect(sent.header("Content-Encoding") == "gzip")
    // Damaged data goes to the server too, which says why it refuses it.
    stage.bytes = [0x1f, 0x8b, 0x08, 0x07]
    _ = try await CommandRun.run(["import", "-", "--group", "flat"], stage)
    #expect(log.requests.last { $0.line.contains("/imports") }?.header("Content-Encoding") == "gzip")
    stage.bytes = Array(Self.text.utf8)
    _ = try await CommandRun.run(["import", "-"], stage)
    #expect(log.requests.last { $0.line.contains("/import ") }?.header("Content-Encoding") == nil)
  }

  /// Returns a zip file as the server writes it.
  private static func archive(_ files: [(name: String, text: String)]) -> [UInt8] {
    func bytes(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    var archive: [UInt8] = []
    for file in files {
      let (name, content) = (Array(file.name.utf8), Array(file.text.utf8))
      let fields = [
        (0x0403_4b50, 4), (20, 2), (1 << 11, 2), (0, 2), (0, 2), (0, 2), (Int(CRC32.of(content)), 4),
        (content.count, 4), (content.count, 4), (name.count, 2), (0, 2),
      ]
      archive += fields.flatMap { bytes($0.0, $0.1) } + name + content
    }
    return archive + [0x50, 0x4b, 5, 6] + [UInt8](repeating: 0, count: 18)
  }

  private func server(_ log: CommandTests.Log, importing answer: (Int, String)? = nil) throws -> FakeServer {
    let group = CommandTests.json(Fixtures.group("Alps"))
    let report = CommandTests.json(ImportReport(format: .kittycash, expenses: 2))
    let entry = CommandTests.json(ReceiptScreenTests.entry([ReceiptScreenTests.bill]))
    return try FakeServer { request in
      _ = log.add(request)
      if request.line.hasPrefix("DELETE") { return (204, "") }
      if request.line.contains("/imports") { return (200, report) }
      if request.line.contains("/import ") { return answer ?? (200, group) }
      if request.line.contains("/receipts/") {
        return request.line.contains("/entries/13/")
          ? CommandTests.problem(422, "invalid", "Not a PDF.") : (200, entry)
      }
      if request.line.hasPrefix("POST /v1/groups ") { return (201, group) }
      return CommandTests.books(request)
    }
  }

  @Test func folderBecomesGroupsWithTheirReceipts() async throws {
    let top = NSTemporaryDirectory() + "kittycash-in-\(ID(at: .now))"
    defer { try? FileManager.default.removeItem(atPath: top) }
    for folder in ["Alps", "Flat", "empty"] {
      try FileManager.default.createDirectory(atPath: "\(top)/\(folder)", withIntermediateDirectories: true)
    }
    for folder in ["Alps", "Flat"] {
      try Self.text.write(toFile: "\(top)/\(folder)/books.json", atomically: true, encoding: .utf8)
    }
    let archive = Self.archive([
      ("2026-01-31 #12-1 bill one.pdf", "%PDF-1.7 one"), ("2026-01-31 #13-2 bad.pdf", "x"),
      ("2026-02-01 #14-10 Ü.pdf", "%PDF-1.7 two"),
    ])
    try Data(archive).write(to: URL(filePath: "\(top)/Alps/receipts.zip"))
    let log = CommandTests.Log()
    let server = try server(log)
    defer { withExtendedLifetime(server) {} }
    let stage = CommandTests.stage(server)
    let done = try await CommandRun.run(["import", top, "--plain"], stage)
    #expect(done.status == .done, "\(done.errors)")
    #expect(
      done.output.split(separator: "\n").map { $0.split(separator: "\t").last } == ["2", "0"],
      "\(done.output)")
    for words in [
      "Imported Alps with 2 receipts.", "Imported Alps with 0 receipts.",
      "#13 has no receipt bad.pdf: Not a PDF.",
    ] {
      #expect(done.errors.contains(words), "\(words) in \(done.errors)")
    }
    #expect(log.requests.count { $0.line.hasPrefix("POST /v1/groups ") } == 2)
    let sent = log.requests.filter { $0.line.hasPrefix("PUT") }
    #expect(sent.map(\.body) == ["%PDF-1.7 one", "x", "%PDF-1.7 two"])
    #expect(sent[0].line.contains("/entries/12/receipts/1?name=bill%20one.pdf"))
    #expect(sent[2].line.contains("/entries/14/receipts/10?name=%C3%9C.pdf"))
    // One folder is one group; a file that was cut off is said.
    try Data(archive.dropLast(40)).write(to: URL(filePath: "\(top)/Alps/receipts.zip"))
    let cut = try await CommandRun.run(["import", "\(top)/Alps"], stage)
    #expect(!cut.errors.contains("SafeText"), "\(cut.errors)")
    #expect(
      cut.status == .failed && cut.errors.contains("with 1 receipts") && cut.errors.contains("cut off"),
      "\(cut.errors)")
    #expect(try await CommandRun.run(["import", "\(top)/empty"], stage).status == .failed)
    #expect(try await CommandRun.run(["import", top, "--group", "flat"], stage).status == .usage)
  }

  @Test func namesOfReceiptsTellTheirPlace() {
    let place = ReceiptArchive.place(in: "2026-01-31 #12-3 a #1-2 b.pdf")
    #expect(place?.entry == 12 && place?.number == 3 && place?.name == "a #1-2 b.pdf")
    for name in [
      "", "bill.pdf", "2026-01-31 #12-11 x", "2026-01-31 #0-1 x", "2026-01-31 12-1 x", "2026-13-31 #1-1 x",
      "2026-01-31 #1-1 ",
    ] {
      #expect(ReceiptArchive.place(in: name) == nil, "\(name)")
    }
  }

  @Test func exportJoinsAGroupWithEntries() async throws {
    func run(_ arguments: [String], _ log: CommandTests.Log, _ answer: (Int, String)? = nil) async throws
      -> CommandRun
    {
      let server = try server(log, importing: answer)
      defer { withExtendedLifetime(server) {} }
      var stage = CommandTests.stage(server)
      stage.bytes = Array(Self.text.utf8)
      return try await CommandRun.run(["import", "-"] + arguments, stage)
    }
    for code in ["not_empty", "not_allowed"] {
      let log = CommandTests.Log()
      let done = try await run(["--group", "flat"], log, CommandTests.problem(409, code))
      #expect(
        done.errors.contains("Read as KittyCash") && done.errors.contains("Imported 2 expenses"),
        "\(done.errors)")
      #expect(log.requests.last { $0.line.hasPrefix("POST") }?.line.contains("/imports") == true)
    }
    // A preview and a mapping are those of the entries; alone, an export becomes a group as it was.
    let log = CommandTests.Log()
    let tried = try await run(["--group", "flat", "--dry-run", "--map", "Anna=me"], log)
    #expect(tried.errors.contains("Would import 2 expenses"), "\(tried.errors)")
    #expect(log.requests.allSatisfy { !$0.line.contains("/import ") })
    #expect(try await run(["--dry-run"], log).status == .usage)
    #expect(try await run(["--group", "flat", "--column", "date=Datum"], log).status == .usage)
    let refused = CommandTests.Log()
    #expect(try await run([], refused, CommandTests.problem(409, "not_empty")).status == .refused)
    #expect(refused.requests.last?.line.hasPrefix("DELETE") == true)
  }
}
