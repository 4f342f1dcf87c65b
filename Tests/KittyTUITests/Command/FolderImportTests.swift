import Foundation
import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// `kittycash import` of folders in which something is wrong, or that were imported before.
struct FolderImportTests {
  /// Returns an export without entries.
  private static func books(_ name: String, of member: ID) -> String {
    let day = "2026-01-01T00:00:00.000Z"
    return """
      {"format": "kittycash-group-2", "name": "\(name)", "currency": "EUR", "createdAt": "\(day)", "lastNumber": 0,
       "owner": "\(member)", "members": [{"id": "\(member)", "name": "Anna", "weight": 1, "createdAt": "\(day)"}],
       "targets": [], "categories": [], "entries": []}
      """
  }

  private static func inFolder(
    _ books: [(folder: String, text: String)], _ body: (String) async throws -> Void
  ) async throws {
    let top = NSTemporaryDirectory() + "kittycash-folder-\(ID(at: .now))"
    defer { try? FileManager.default.removeItem(atPath: top) }
    for (folder, text) in books {
      try FileManager.default.createDirectory(atPath: "\(top)/\(folder)", withIntermediateDirectories: true)
      try text.write(toFile: "\(top)/\(folder)/books.json", atomically: true, encoding: .utf8)
    }
    try await body(top)
  }

  @Test func groupThatFailsIsNamedAndTheOthersGoOn() async throws {
    let cut = #"{"format": "kittycash-group-2", "name": "Cut", "entries": [{"id""#
    let books = [
      ("Alps", OwnFileCommandTests.text), ("Cut", cut), ("Other", "{}"), ("Sea", OwnFileCommandTests.text),
    ]
    try await Self.inFolder(books) { top in
      // The damaged receipts of the first group do not stop the others.
      try "PK".write(toFile: "\(top)/Alps/receipts.zip", atomically: true, encoding: .utf8)
      let log = CommandTests.Log()
      let server = try OwnFileCommandTests().server(log)
      defer { withExtendedLifetime(server) {} }
      let stage = CommandTests.stage(server)
      let done = try await CommandRun.run(["import", top, "--plain"], stage)
      #expect(done.status == .failed)
      // What was imported is told.
      #expect(done.output.split(separator: "\n").count == 2, "\(done.output)")
      for words in [
        "\(top)/Alps: \(top)/Alps/receipts.zip is not a whole archive",
        "\(top)/Cut: This is not a whole export",
        "it is cut off", "\(top)/Other: \(top)/Other/books.json is not an export of KittyCash",
        "Of 4 groups not imported as a whole: \(top)/Alps, \(top)/Cut and \(top)/Other.",
      ] { #expect(done.errors.contains(words), "\(words) in \(done.errors)") }
      #expect(log.requests.count { $0.line.hasPrefix("POST /v1/groups ") } == 2)
      let tried = try await CommandRun.run(["import", top, "--plain", "--dry-run"], stage)
      #expect(tried.status == .failed && tried.errors.contains("\(top)/Cut: This is not a whole export"))
      #expect(tried.output == "-\tSea\t0\t2\t0\n", "\(tried.output)")
      for arguments in [["--map", "a=b"], ["--new", "x"], ["--currency", "EUR"], ["--accept-differences"]] {
        #expect(try await CommandRun.run(["import", top] + arguments, stage).status == .usage)
      }
    }
  }

  /// The user is a member of the imported group with an id of the file. The group that was exported is no copy.
  @Test func importedGroupIsLeftOutTheNextTime() async throws {
    let (me, first) = (Fixtures.members[0].id, Group.firstMember(of: Fixtures.id(90)))
    let original = Self.books("Flat 12", of: me).replacing(
      #""members": ["#,
      with: """
        "members": [{"id": "\(first)", "name": "Bob", "weight": 1, "createdAt": "2026-01-01T00:00:00.000Z"}, 
        """)
    for (text, arguments, made) in [
      (Self.books("Flat 12", of: me), [], 0), (Self.books("Renamed", of: me), [], 0),
      (Self.books("Flat 12", of: me), ["--again"], 1), (original, [], 1),
      (Self.books("Flat 12", of: Fixtures.id(77)), [], 1),
    ] as [(String, [String], Int)] {
      try await Self.inFolder([("Flat", text)]) { top in
        let archive = OwnFileCommandTests.archive([
          ("2026-01-31 #12-1 here.pdf", "1"), ("2026-01-31 #12-2 lacking.pdf", "2"),
          ("2026-01-31 #12-3 removed.pdf", "3"),
        ])
        try Data(archive).write(to: URL(filePath: "\(top)/Flat/receipts.zip"))
        let log = CommandTests.Log()
        let own = CommandTests.json(Fixtures.group("Alps"))
        let entry = CommandTests.json(ReceiptScreenTests.entry([ReceiptScreenTests.bill]))
        let server = try FakeServer { request in
          _ = log.add(request)
          if request.line.hasPrefix("PUT") { return (200, entry) }
          if request.line.contains("/receipts/1") { return (206, "1") }
          if request.line.contains("/receipts/2") { return CommandTests.problem(404, "no_file") }
          if request.line.contains("/receipts/3") { return CommandTests.problem(404, "not_found") }
          if request.line.hasPrefix("POST") { return (201, own) }
          return CommandTests.books(request)
        }
        let done = try await CommandRun.run(["import", top] + arguments, CommandTests.stage(server))
        #expect(done.status == .done, "\(done.errors)")
        #expect(log.requests.count { $0.line.hasPrefix("POST /v1/groups ") } == made, "\(done.errors)")
        let sent = log.requests.filter { $0.line.hasPrefix("PUT") }.map(\.body)
        #expect(sent == (made == 1 ? ["1", "2", "3"] : ["2"]))
        guard made == 0 else { return }
        for words in ["you have an import of this group: \"Flat 12\"", "1 receipt that it lacked."] {
          #expect(done.errors.contains(words), "\(words) in \(done.errors)")
        }
      }
    }
  }

  /// A group without entries has nothing to be imported into another one, and is a group all the same.
  @Test func emptyGroupIsPreviewed() async throws {
    try await Self.inFolder([("Flat", Self.books("Flat 12", of: Fixtures.id(77)))]) { top in
      let refusal = CommandTests.json(
        Problem(Rejection.invalid("file", "no_entries", "The file has no expense and no payment.")))
      let server = try FakeServer { request in
        request.line.contains("/imports") ? (422, refusal) : CommandTests.books(request)
      }
      let done = try await CommandRun.run(
        ["import", top, "--dry-run"], CommandTests.stage(server))
      #expect(done.status == .done && done.errors.contains("Would import Flat: 0 expenses"), "\(done.errors)")
      let file = try await CommandRun.run(
        ["import", "\(top)/Flat/books.json", "--dry-run", "--json"], CommandTests.stage(server))
      #expect(file.status == .done && file.output.contains("\"expenses\":0"), "\(file.output)")
    }
  }

  @Test func folderWithTheNameOfTheBooksIsAFolder() throws {
    let top = NSTemporaryDirectory() + "kittycash-names-\(ID(at: .now))"
    defer { try? FileManager.default.removeItem(atPath: top) }
    try FileManager.default.createDirectory(atPath: "\(top)/books.json", withIntermediateDirectories: true)
    try "{}".write(toFile: "\(top)/books.json/books.json", atomically: true, encoding: .utf8)
    #expect(try ImportCommand.groups(in: top) == ["\(top)/books.json"])
  }
}
