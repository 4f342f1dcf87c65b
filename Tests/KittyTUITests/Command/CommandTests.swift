import Foundation
import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// Requests, output and exit codes of commands.
struct CommandTests {
  /// Records the requests.
  final class Log: Sendable {
    private let entries = Mutex<[FakeServer.Request]>([])
    var requests: [FakeServer.Request] { entries.withLock { $0 } }
    /// - Returns: The number of requests before this one.
    func add(_ request: FakeServer.Request) -> Int {
      entries.withLock { entries in
        entries.append(request)
        return entries.count - 1
      }
    }
    var entered: [FakeServer.Request] { requests.filter { $0.line.hasPrefix("POST") } }
  }

  static func json(_ value: some Encodable) -> String { (try? JSON.text(of: value)) ?? "" }

  /// A server with one group, which answers all requests except new entries.
  static func books(_ request: FakeServer.Request, groups: [Group] = [Fixtures.group()]) -> (Int, String)? {
    if request.line.hasPrefix("GET /v1/groups?archived=true") {
      return (200, json(Page<Group>(items: [], next: nil)))
    }
    if request.line.hasPrefix("GET /v1/groups?") { return (200, json(Page(items: groups, next: nil))) }
    if request.line.contains("/members?") { return (200, json(Page(items: Fixtures.members, next: nil))) }
    if request.line.contains("/entries?") { return (200, json(Page(items: Fixtures.expenses, next: nil))) }
    if request.line.contains("/settlement") {
      return (
        200,
        json(
          SettlementPlan(
            payments: [
              Transfer(
                from: .member(Fixtures.members[1].id), to: .member(Fixtures.members[0].id), amount: 2000,
                currency: Fixtures.eur)
            ], methods: []))
      )
    }
    if request.line.hasPrefix("GET /v1/groups/") { return (200, json(groups[0])) }
    if request.line.hasPrefix("GET /v1/me ") { return (200, json(Fixtures.account(in: nil))) }
    return nil
  }

  static let saved = (201, json(Entered.entry(Fixtures.expenses[0])))

  static func problem(_ status: Int, _ code: String, _ detail: String = "No.") -> (Int, String) {
    (status, json(Problem(status, code, "T", detail)))
  }

  static func stage(_ server: FakeServer) -> CommandRun.Stage {
    var stage = CommandRun.Stage()
    stage.server = "http://127.0.0.1:\(server.port)"
    stage.environment = ["KITTYCASH_TOKEN": "t", "HOME": "/nowhere"]
    return stage
  }

  @Test func lostResponseIsRetriedWithTheSameKey() async throws {
    let log = Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      if let answer = Self.books(request) { return answer }
      return log.entered.count == 1 ? nil : Self.saved
    }
    let run = try await CommandRun.run(["add", "flat", "12 tea @anna"], Self.stage(server))
    #expect(run.status == .done, "\(run.errors)")
    #expect(log.entered.count == 2)
    #expect(Set(log.entered.map { $0.header("Idempotency-Key") ?? "" }).count == 1)
    #expect(Set(log.entered.map(\.body)).count == 1)
    let sent = try JSON.decode(NewExpense.self, from: Data(log.entered[0].body.utf8))
    #expect(sent.id.map { "\($0)" } == log.entered[0].header("Idempotency-Key"))
    #expect(sent.description == "tea" && sent.date == Day("2026-11-24"))
    #expect(run.errors == "Saved as #12.\n")
  }

  /// A token for one group may not read the account: then it is the date of this machine.
  @Test(arguments: [
    ("Pacific/Auckland", 200, "2026-11-25"), (nil, 200, "2026-11-24"), (nil, 403, "2026-11-24"),
  ])
  func dateIsThatOfTheAccountsTimeZone(zone: String?, status: Int, day: String) async throws {
    let log = Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      if request.line.hasPrefix("GET /v1/me ") {
        return status == 200
          ? (200, Self.json(Fixtures.account(in: zone))) : Self.problem(status, "token_limited")
      }
      return Self.books(request) ?? Self.saved
    }
    for command in [["add", "flat", "12 tea"], ["settle", "flat", "--pay", "bob", "anna", "20"]] {
      let run = try await CommandRun.run(command, Self.stage(server))
      #expect(run.status == .done, "\(run.errors)")
      #expect(log.entered.last?.body.contains("\"date\":\"\(day)\"") == true)
    }
  }

  /// The outcome stays unknown when there is no response, and when a later attempt cannot reach the server.
  @Test(arguments: [nil, 503, 429]) func unknownOutcomeIsReportedWithTheKey(later: Int?) async throws {
    let log = Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      if let answer = Self.books(request) { return answer }
      return log.entered.count == 1 ? nil : later.map { Self.problem($0, "later") }
    }
    let run = try await CommandRun.run(["add", "flat", "12 tea"], Self.stage(server))
    #expect(run.status == .uncertain)
    let key = try #require(log.entered.first?.header("Idempotency-Key"))
    #expect(run.errors.contains("--key \(key)") && run.output.isEmpty, "\(run.errors)")
    let repeated = try await CommandRun.run(["add", "flat", "12 tea", "--key", key], Self.stage(server))
    // Where the server itself says that it did nothing, this time nothing was done.
    #expect(repeated.status == (later == nil ? .uncertain : .unreachable))
    #expect(Set(log.entered.map { $0.header("Idempotency-Key") ?? "" }) == [key])
    #expect(Set(log.entered.map(\.body)).count == 1)
  }

  @Test func unreachableServerIsNotAnUnknownOutcome() async throws {
    var stage = CommandRun.Stage()
    stage.environment = ["KITTYCASH_TOKEN": "t"]
    let run = try await CommandRun.run(["add", "\(Fixtures.id(90))", "12 tea"], stage)
    #expect(run.status == .unreachable && run.output.isEmpty && !run.errors.isEmpty)
  }

  @Test(arguments: [
    (401, CommandStatus.notSignedIn), (403, .refused), (404, .notFound), (409, .refused), (422, .refused),
    (429, .unreachable), (500, .unreachable), (503, .unreachable),
  ]) func aProblemHasItsNumber(status: Int, ended: CommandStatus) async throws {
    let log = Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      return Self.problem(status, "x")
    }
    let run = try await CommandRun.run(["groups"], Self.stage(server))
    #expect(run.status == ended)
    // The request id is the one that was sent, where the answer names none.
    let id = try #require(log.requests.first?.header("X-Request-Id"))
    #expect(
      run.errors.hasPrefix("kittycash: ") && run.errors.hasSuffix(". (request \(id))\n"), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1 && run.output.isEmpty)
  }

  @Test func rejectedTokenOfTheEnvironmentIsNamed() async throws {
    let server = try FakeServer { _ in Self.problem(401, "sign_in_needed") }
    let run = try await CommandRun.run(["groups"], Self.stage(server))
    #expect(run.status == .notSignedIn && run.errors.contains("$KITTYCASH_TOKEN"), "\(run.errors)")
    #expect(run.errors.contains("unset"), "\(run.errors)")
  }

  @Test func commandWithoutASessionSendsNothing() async throws {
    let log = Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      return nil
    }
    var stage = Self.stage(server)
    stage.environment = ["HOME": "/nowhere"]
    for command in [
      ["groups"], ["add", "flat", "1 x"], ["export", "flat"], ["photo", "flat", "-"], ["logout"],
    ] {
      let run = try await CommandRun.run(command, stage)
      #expect(run.status == .notSignedIn && run.output.isEmpty)
    }
    #expect(log.requests.isEmpty)
  }

  @Test func aGroupIsFoundByTheBeginningOfItsName() async throws {
    let groups = [
      Fixtures.group("Flat 12", number: 90), Fixtures.group("Flat 13", number: 91),
      Fixtures.group("Trip", number: 92),
      Fixtures.group("Trip to Rome", number: 93),
    ]
    let log = Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      return Self.books(request, groups: groups)
    }
    func run(_ name: String) async throws -> CommandRun {
      try await CommandRun.run(["settle", name, "--plain"], Self.stage(server))
    }
    for (name, number) in [("flat 13", 91), ("trip", 92), ("TRIP T", 93), ("\(Fixtures.id(91))", 91)] {
      #expect(try await run(name).status == .done)
      #expect(log.requests.last?.line.contains("\(Fixtures.id(Int64(number)))") == true, "\(name)")
    }
    let several = try await run("fl")
    #expect(several.status == .usage)
    #expect(several.errors.contains("\"Flat 12\" (\(Fixtures.id(90))) or \"Flat 13\" (\(Fixtures.id(91)))"))
    #expect(try await run("boat").status == .notFound)
    #expect(try await run("").status == .notFound)
  }

  @Test func ambiguousLineSendsNothing() async throws {
    let log = Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      return Self.books(request)
    }
    for line in ["tea", "12 tea @dan", "2 beers 7.50", "12 " + String(repeating: "x", count: 201)] {
      let run = try await CommandRun.run(["add", "flat", line], Self.stage(server))
      #expect(run.status == .usage && run.errors.contains("Nothing was saved.") && run.output.isEmpty)
    }
    let payment = try await CommandRun.run(["settle", "flat", "--pay", "bob", "me", "x"], Self.stage(server))
    #expect(payment.status == .usage)
    #expect(log.entered.isEmpty)
  }

  @Test func aDryRunWritesNothing() async throws {
    let log = Log()
    let preview = EntryPreview(id: Fixtures.id(7), entry: Fixtures.expenses[0].content, balances: [])
    let server = try FakeServer { request in
      _ = log.add(request)
      return Self.books(request) ?? (200, Self.json(Entered.preview(preview)))
    }
    let run = try await CommandRun.run(["add", "flat", "12 tea", "--dry-run", "--plain"], Self.stage(server))
    #expect(run.status == .done, "\(run.errors)")
    #expect(log.entered.count == 1 && log.entered[0].line.contains("?dryRun=true "))
    #expect(log.entered[0].header("Idempotency-Key") == nil)
    #expect(run.output.hasPrefix("entry\t\t2026-11-22\texpense\t"))
  }

  @Test func aPaymentIsRecorded() async throws {
    let log = Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      return Self.books(request) ?? Self.saved
    }
    let run = try await CommandRun.run(
      ["settle", "flat", "--pay", "bob", "me", "20 USD"], Self.stage(server))
    #expect(run.status == .done, "\(run.errors)")
    let sent = try JSON.decode(NewPayment.self, from: Data(log.entered[0].body.utf8))
    #expect(sent.from == .member(Fixtures.members[1].id) && sent.to == .member(Fixtures.members[0].id))
    #expect(sent.amount == .minorUnits(2000) && sent.currency?.code == "USD")
    #expect(log.entered[0].line.contains("/payments "))
    let plan = try await CommandRun.run(["settle", "flat"], Self.stage(server))
    #expect(
      plan.output == """
        From  To       Amount
        Bob   Anna  20.00 EUR

        """)
  }

  @Test func severalPagesAreOneDocument() async throws {
    let server = try FakeServer { request in
      let cursor = request.line.contains("cursor=2") ? 2 : request.line.contains("cursor=1") ? 1 : 0
      let items = [Fixtures.group("Group \(cursor)", number: Int64(cursor + 1))]
      return (200, Self.json(Page(items: items, next: cursor < 2 ? "\(cursor + 1)" : nil)))
    }
    let run = try await CommandRun.run(["groups", "--json"], Self.stage(server))
    let page = try JSON.decode(Page<Group>.self, from: Data(run.output.utf8))
    #expect(page.items.map(\.name) == ["Group 0", "Group 1", "Group 2"] && page.next == nil)
    // Up to a limit, and what follows can be asked for.
    let some = try await CommandRun.run(["groups", "--plain"], Self.stage(server))
    #expect(some.output.split(separator: "\n").count == 3)
  }

  @Test func singlePageOfJSONIsPrintedUnchanged() async throws {
    let body = #"{"items":[],"next":null,"newer":{"than":1.5,"this":"ü"}}"#
    let server = try FakeServer { _ in (200, body) }
    let run = try await CommandRun.run(["groups", "--json"], Self.stage(server))
    #expect(run.output == body + "\n" && run.errors.isEmpty)
  }

  @Test func serverTextCannotControlTheTerminal() async throws {
    let evil = "A\u{1b}[2J\u{9b}31m\u{202e}\u{7}\tB\nC\u{200b}\u{e0041}\u{2028}"
    let balance = Balance(account: .kitty, name: evil, currency: Fixtures.eur, paid: 0, share: 5)
    let server = try FakeServer { request in
      if request.line.contains("/balances") { return (200, Self.json(Balances(balances: [balance]))) }
      if request.line.contains("format=") { return (200, evil) }
      if request.line.contains("/photo") { return Self.problem(409, "x", evil) }
      return Self.books(request, groups: [Fixtures.group(evil)])
    }
    var stage = Self.stage(server)
    stage.environment["NO_COLOR"] = "1"
    stage.isTerminal = true
    stage.bytes = [0xff, 0xd8, 0xff]
    for arguments in [
      ["groups"], ["groups", "--plain"], ["groups", "--json"], ["balances", "A"],
      ["balances", "A", "--plain"],
      ["balances", "A", "--json"], ["export", "A", "--format", "csv"], ["photo", "A", "-"], ["settle", "x"],
    ] {
      let run = try await CommandRun.run(arguments, stage)
      let text = (run.output + run.errors).unicodeScalars
      #expect(!text.isEmpty)
      let bad = text.filter { scalar in
        switch scalar.properties.generalCategory {
        case .control: scalar != "\n" && scalar != "\t"
        case .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
      }
      #expect(bad.isEmpty, "\(arguments): \(bad.map(\.value))")
    }
    // A line of fields stays one line, with its own tabs alone.
    let plain = try await CommandRun.run(["groups", "--plain"], stage)
    #expect(plain.output.filter { $0 == "\n" }.count == 1 && plain.output.filter { $0 == "\t" }.count == 4)
    // JSON says the very same in other letters.
    let json = try await CommandRun.run(["groups", "--json"], stage)
    #expect(try JSON.decode(Page<Group>.self, from: Data(json.output.utf8)).items[0].name == evil)
  }

  /// Rows of CSV end in CR LF, which is one `Character`; a spreadsheet needs the byte order mark before them.
  @Test func exportedRowsAreLinesOnATerminal() async throws {
    let rows = "\u{feff}number,date\r\n1,2026-11-24\r\n"
    let server = try FakeServer { request in
      request.line.contains("format=") ? (200, rows) : Self.books(request, groups: [Fixtures.group("A")])
    }
    var stage = Self.stage(server)
    let arguments = ["export", "A", "--format", "csv"]
    #expect(try await Array(CommandRun.run(arguments, stage).output.utf8) == Array(rows.utf8))
    stage.isTerminal = true
    #expect(try await CommandRun.run(arguments, stage).output == "number,date\n1,2026-11-24\n")
  }

  @Test func coloursAreForTerminals() async throws {
    let server = try FakeServer { Self.books($0) }
    func hasCodes(_ change: (inout CommandRun.Stage) -> Void, _ more: String...) async throws -> Bool {
      var stage = Self.stage(server)
      change(&stage)
      return try await CommandRun.run(["groups"] + more, stage).output.contains("\u{1b}")
    }
    #expect(try await hasCodes { $0.isTerminal = true })
    #expect(try await !hasCodes { _ in })
    #expect(try await !hasCodes { ($0.isTerminal, $0.environment["NO_COLOR"]) = (true, "1") })
    #expect(try await !hasCodes { ($0.isTerminal, $0.environment["TERM"]) = (true, "dumb") })
    #expect(try await !hasCodes({ $0.isTerminal = true }, "--plain"))
    #expect(try await !hasCodes({ $0.isTerminal = true }, "--json"))
  }

  @Test func aPictureComesFromStandardInput() async throws {
    let log = Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      return request.line.hasPrefix("PUT")
        ? (200, Self.json(Photo(hash: "abc", width: 4, height: 3))) : Self.books(request)
    }
    var stage = Self.stage(server)
    stage.bytes = [0xff, 0xd8, 0xff, 0xe0]
    let run = try await CommandRun.run(["photo", "flat", "-", "--plain"], stage)
    #expect(run.status == .done && run.output == "abc\t4\t3\n", "\(run.errors)")
    #expect(log.requests.last?.header("Content-Length") == "4")
    stage.bytes = Array("hello".utf8)
    #expect(try await CommandRun.run(["photo", "flat", "-"], stage).status == .failed)
    stage.bytes = [0xff, 0xd8, 0xff] + [UInt8](repeating: 0, count: 64 << 20)
    #expect(try await CommandRun.run(["photo", "flat", "-"], stage).status == .failed)
    #expect(try await CommandRun.run(["photo", "flat", "/nowhere/x.jpg"], stage).status == .failed)
    #expect(log.requests.filter { $0.line.hasPrefix("PUT") }.count == 1)
  }

  @Test func receiptComesFromStandardInput() async throws {
    let log = Log()
    let entry = ReceiptScreenTests.entry([ReceiptScreenTests.bill])
    let server = try FakeServer { request in
      _ = log.add(request)
      return request.line.contains("/entries/12") || request.line.contains("/receipts/")
        ? (200, Self.json(entry)) : Self.books(request)
    }
    var stage = Self.stage(server)
    stage.bytes = Array("%PDF-1.7\n".utf8)
    let run = try await CommandRun.run(["receipt", "flat", "#12", "--name", "a b.pdf", "--plain"], stage)
    let hash = String(repeating: "a", count: 64)
    #expect(
      run.status == .done && run.output == "1\tbill.pdf\tapplication/pdf\t48213\t\(hash)\n", "\(run.errors)")
    // The first number is taken.
    let put = try #require(log.requests.last)
    #expect(put.line.hasPrefix("PUT") && put.line.contains("/receipts/2?name=a%20b.pdf"), "\(put.line)")
    #expect(put.header("If-Match") == "\"2\"")
    stage.bytes = Array("hello".utf8)
    let refused = try await CommandRun.run(["receipt", "flat", "#12"], stage)
    #expect(refused.status == .failed && refused.errors.contains("PDF, JPEG, PNG, WebP, GIF, HEIC or AVIF"))
    stage.bytes = Array("%PDF-1.7\n".utf8) + [UInt8](repeating: 0, count: Receipt.maxBytes)
    #expect(try await CommandRun.run(["receipt", "flat", "#12"], stage).status == .failed)
    #expect(log.requests.filter { $0.line.hasPrefix("PUT") }.count == 1)
    let removed = try await CommandRun.run(["receipt", "flat", "12", "--remove", "1"], stage)
    #expect(removed.status == .done && log.requests.last?.line.hasPrefix("DELETE") == true)
  }

  @Test(arguments: [
    ["groups", "--json", "--plain"], ["settle", "flat", "--pay", "a", "b"], ["settle", "flat", "--dry-run"],
    ["add", "flat", "1 x", "--key", "7"], ["entries", "flat", "--limit", "0"],
    ["export", "flat", "--format", "x"],
    ["add", "flat", "1", "x"], ["nonsense"], ["receipt", "flat", "x"],
    ["receipt", "flat", "1", "--read", "11"], ["receipt", "flat", "1", "--read", "1", "--remove", "1"],
  ]) func wrongArgumentsAreRefused(arguments: [String]) {
    let error = #expect(throws: (any Error).self) { try KittyTUI.parseAsRoot(arguments) }
    #expect(error.map { KittyTUI.exitCode(for: $0) } == .validationFailure)
  }
}
