import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// `kittycash export --all`.
struct ExportAllTests {
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

  /// Names that file systems and the export itself do not allow.
  @Test func everyGroupHasAFolder() {
    var names = ExportCommand.ownNames
    let faces = String(repeating: "😀", count: 64)
    let cut = String(repeating: "😀", count: 50)
    #expect(ExportCommand.folder(for: faces, beside: &names) == cut)
    #expect(ExportCommand.folder(for: faces + "x", beside: &names) == cut + " 2")
    for (name, folder) in [
      ("account.json", "account.json 2"), ("Account.JSON", "Account.JSON 3"), ("books.json", "books.json 2"),
      ("BOOKS.CSV", "BOOKS.CSV 2"), ("receipts.zip", "receipts.zip 2"), ("books", "books"), ("...", "group"),
    ] { #expect(ExportCommand.folder(for: name, beside: &names) == folder) }
    // One letter with its marks is longer than a name.
    let marked = ExportCommand.folder(for: "e" + String(repeating: "\u{e0100}", count: 63), beside: &names)
    #expect(!marked.isEmpty && marked.utf8.count <= ExportCommand.maxNameBytes)
    let family = String(repeating: "👨‍👩‍👧", count: 12)
    let whole = ExportCommand.folder(for: family, beside: &names)
    #expect(whole == String(repeating: "👨‍👩‍👧", count: 11))
  }

  @Test func groupThatFailsIsNamedAndTheOthersGoOn() async throws {
    let folder = NSTemporaryDirectory() + "kittycash-fail-\(ID(at: .now))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let groups = [Fixtures.group("Bad"), Fixtures.group("Good", number: 2)]
    let server = try FakeServer { request in
      if request.line.contains("\(groups[0].id)") { return CommandTests.problem(500, "fault", "Broken.") }
      if request.line.contains("format=") { return (200, "books") }
      if request.line.contains("/v1/me/export") { return CommandTests.problem(500, "fault", "Broken too.") }
      if request.line.contains("/entries?") {
        return (200, CommandTests.json(Page<Entry>(items: [], next: nil)))
      }
      return CommandTests.books(request, groups: groups)
    }
    let done = try await CommandRun.run(["export", "--all", folder], CommandTests.stage(server))
    #expect(done.status == .failed)
    for words in [
      "Not saved as a whole: \"Bad\". Broken.", "Saved \(folder)/Good.",
      "Not saved as a whole: your account. Broken too.",
      "kittycash: Not saved as a whole: \"Bad\" and your account.",
    ] { #expect(done.errors.contains(words), "\(words) in \(done.errors)") }
    #expect(FileManager.default.fileExists(atPath: folder + "/Good/books.json"))
  }

  /// A wait that a proxy asks for in the header, and one that only the problem names.
  @Test(arguments: [(429, true), (503, true), (429, false)])
  func commandWaitsWhereTheServerAsks(status: Int, hasHeader: Bool) async throws {
    let log = CommandTests.Log()
    let problem = Problem(status, "too_many_requests", "T", "Later.", retryAfter: hasHeader ? nil : 1)
    let server = try FakeServer(retryAfter: hasHeader ? 1 : nil) { request in
      if request.line.contains("format=") {
        return log.add(request) == 0 ? (status, CommandTests.json(problem)) : (200, "books")
      }
      return CommandTests.books(request)
    }
    let done = try await CommandRun.run(["export", "flat"], CommandTests.stage(server))
    #expect(done.status == .done && done.output == "books", "\(done.errors)")
    #expect(done.errors == "The server asks to wait: 1 second.\n" && log.requests.count == 2)
  }

  @Test(arguments: [
    Problem(429, "too_many_requests", "T", "Tomorrow.", retryAfter: 86_400),
    Problem(503, "outcome_unknown", "T", "Unknown.", retryAfter: 1),
    Problem(429, "too_many_requests", "T", "Some time."),
  ]) func noCommandWaitsForever(problem: Problem) async throws {
    let log = CommandTests.Log()
    let server = try FakeServer { request in
      guard request.line.contains("format=") else { return CommandTests.books(request) }
      _ = log.add(request)
      return (problem.status, CommandTests.json(problem))
    }
    let done = try await CommandRun.run(["export", "flat"], CommandTests.stage(server))
    #expect(done.status == .unreachable && done.errors.contains(problem.detail), "\(done.errors)")
    #expect(log.requests.count == 1 && !done.errors.contains("asks to wait"))
  }
}
