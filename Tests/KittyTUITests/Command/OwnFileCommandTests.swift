import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// `kittycash import` of KittyCash's own files: a folder of `export --all`, and an export for a group with entries.
struct OwnFileCommandTests {
  static let text = #"{"format": "kittycash-group-2"}"#

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
  static func archive(_ files: [(name: String, text: String)]) -> [UInt8] {
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

  func server(_ log: CommandTests.Log, importing answer: (Int, String)? = nil) throws -> FakeServer {
    let group = CommandTests.json(Fixtures.group("Alps"))
    let report = CommandTests.json(ImportReport(format: .kittycash, expenses: 2))
    let entry = CommandTests.json(ReceiptScreenTests.entry([ReceiptScreenTests.bill]))
    return try FakeServer { request in
      _ = log.add(request)
      if request.line.hasPrefix("DELETE") { return (204, "") }
      if request.line.hasPrefix("PATCH") { return (200, CommandTests.json(Fixtures.group("Hills"))) }
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
    // A receipt that is refused is said, also by the status.
    #expect(done.status == .failed, "\(done.errors)")
    #expect(
      done.output.split(separator: "\n").map { $0.split(separator: "\t").last } == ["2", "0"],
      "\(done.output)")
    for words in [
      "Imported Alps with 2 receipts.", "Imported Alps with 0 receipts.",
      "#13 has no receipt bad.pdf: Not a PDF.", "/Alps: 1 receipt refused: see above.",
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
      cut.status == .failed && cut.errors.contains("with 1 receipt.") && cut.errors.contains("cut off"),
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
    let new = try await run(["--dry-run"], log)
    #expect(
      new.errors.contains("Would make the new group as it was") && new.errors.contains("2 expenses"),
      "\(new.errors)")
    #expect(log.requests.last?.line.hasPrefix("POST /v1/imports?dryRun=true&group=") == true)
    let joined = try await run(["--map", "Anna=me"], log)
    #expect(joined.errors.contains("Imported 2 expenses"), "\(joined.errors)")
    #expect(log.requests.allSatisfy { !$0.line.contains("/import ") })
    let columns = try await run(["--group", "flat", "--column", "date=Datum"], log)
    #expect(columns.status == .usage && columns.errors.contains("has no columns"), "\(columns.errors)")
    #expect(try await run(["--again"], log).status == .usage)
    let refused = CommandTests.Log()
    #expect(try await run([], refused, CommandTests.problem(409, "not_empty")).status == .refused)
    #expect(refused.requests.last?.line.hasPrefix("DELETE") == true)
  }

  @Test func newGroupGetsTheWishedName() async throws {
    let log = CommandTests.Log()
    let server = try server(log)
    defer { withExtendedLifetime(server) {} }
    var stage = CommandTests.stage(server)
    stage.bytes = Array(Self.text.utf8)
    let done = try await CommandRun.run(["import", "-", "--new", "Hills"], stage)
    #expect(done.status == .done && done.errors.contains("Imported Hills."), "\(done.errors)")
    #expect(log.requests.last?.line.hasPrefix("PATCH") == true)
  }

  /// A tool such as `jq -S` sorts the fields, and a text in another file is no field.
  @Test func formatIsFoundAnywhereInAnExport() {
    let entries = String(repeating: #"{"note": "x"},"#, count: 10_000)
    for text in [
      #"{"entries": [\#(entries) {}], "format" : "kittycash-group-2", "members": []}"#, Self.text,
      "\u{feff}\n{\n  \"format\":\"kittycash-group-1\"}",
    ] { #expect(ImportFile.isExport(Array(text.utf8))) }
    for text in [
      "", "{", #"[{"format": "kittycash-group-2"}]"#, "Date,\"format\": \"kittycash-group-2\"",
      #"{"title": "\"format\": \"kittycash-group-2\""}"#, #"{"formats": "kittycash-group-2"}"#,
      #"{"format": ["kittycash-group-2"]}"#,
    ] { #expect(!ImportFile.isExport(Array(text.utf8)), "\(text)") }
    // The pieces of a file divide the field.
    for length in 1...40 {
      var search = ExportSearch()
      var rest = Array(Self.text.utf8)[...]
      while !rest.isEmpty, !search.isDone(reading: Array(rest.prefix(length))) {
        rest = rest.dropFirst(length)
      }
      #expect(search.isFound, "\(length)")
    }
    #expect(ImportFile.isExport(Self.compressed))
  }
}
