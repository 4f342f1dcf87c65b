import Foundation
import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// Exporting a group to a file and importing one.
struct GroupFileTests {
  private static let export = #"{"format": "kittycash-group-2"}"#

  private let group = Fixtures.group()

  private func form() -> AppState {
    var state = Fixtures.openGroup()
    state.type("Sx")
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  private func export(_ format: ExportFormat, _ path: String, replaces: Bool = false) -> Effect {
    .export(group: group.id, format, path: path, replaces: replaces)
  }

  @Test func everyFormatHasItsFileName() {
    var state = form()
    let paths = [
      "~/flat-12.json", "~/flat-12.csv", "~/flat-12.xlsx", "~/flat-12.journal", "~/flat-12.beancount",
    ]
    for (format, path) in zip(ExportFormat.allCases, paths) {
      #expect(state.text.contains(path), "\(state.text)")
      let effect = export(format, path)
      #expect(state.press(.control("s")) == [effect])
      state.get(.failed(effect, .offline("Away.")))
      state.finish(effect)
      #expect(state.text.contains("Not exported. Away."))
      state.press(.tab, .right)
    }
  }

  @Test func ownPathStaysWithAnotherFormat() {
    var state = form()
    state.press(.tab, .control("u"))
    state.type("/tmp/x")
    state.press(.tab)
    // Enter takes the format and goes to the path, from which it writes the file.
    state.type("csv")
    state.press(.enter)
    #expect(state.press(.enter) == [export(.csv, "/tmp/x")])
  }

  @Test func fileIsReplacedOnlyByAKeyOfItsOwn() {
    var state = form()
    let effect = export(.json, "~/flat-12.json")
    #expect(state.press(.control("o")).isEmpty)
    #expect(state.press(.enter).isEmpty)
    #expect(state.press(.enter) == [effect])
    state.get(.fileExists("~/flat-12.json"))
    state.finish(effect)
    #expect(state.text.contains("~/flat-12.json exists. ^O replaces it"), "\(state.text)")
    // Enter tries again and does not replace it.
    #expect(state.press(.enter) == [effect])
    state.get(.fileExists("~/flat-12.json"))
    state.finish(effect)
    state.type("2")
    #expect(state.press(.control("o")).isEmpty, "another path")
    state.press(.backspace)
    let replacing = export(.json, "~/flat-12.json", replaces: true)
    #expect(state.press(.control("o")) == [replacing])
    state.get(.exported(path: "/home/anna/flat-12.json", bytes: 2000))
    #expect(
      state.top is GroupSettingsScreen
        && state.text.contains("\"Flat 12\" is in /home/anna/flat-12.json, 2 KiB."), "\(state.text)")
  }

  private func inFolder(_ body: (String) async throws -> Void) async throws {
    let folder = NSTemporaryDirectory() + "kittycash-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  /// Runs one effect and returns the messages that it posted.
  private func run(
    _ effect: Effect, home: String, port: UInt16, hasFiles: Bool = true
  ) async throws -> [Message] {
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = EffectRunner(
      server: try ServerAddress("http://127.0.0.1:\(port)"),
      tokens: TokenFile(server: .standard, environment: ["HOME": "/nowhere"]), token: "t", home: home,
      hasFiles: hasFiles
    ) { $0.forEach { report.yield($0) } }
    runner.run(effect)
    var messages: [Message] = []
    for await event in events {
      if case .message(let message) = event { messages.append(message) }
      if case .finished = event { break }
    }
    return messages
  }

  @Test func exportNeverReplacesAFileSilently() async throws {
    try await inFolder { folder in
      let path = folder + "/books.csv"
      let lines = Mutex<[String]>([])
      let server = try FakeServer { request in
        lines.withLock { $0.append(request.line) }
        return (200, "a,b")
      }
      let first = try await run(export(.csv, "~/books.csv"), home: folder, port: server.port)
      guard case .exported(path, bytes: 3) = first.last else { Issue.record("\(first)"); return }
      #expect(lines.withLock { $0 } == ["GET /v1/groups/\(group.id)/export?format=csv HTTP/1.1"])
      // The permissions are those of any new file.
      let other = folder + "/other"
      try #require(FileManager.default.createFile(atPath: other, contents: nil))
      func mode(_ path: String) throws -> NSNumber? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
      }
      #expect(try mode(path) == mode(other))
      try "mine".write(toFile: path, atomically: true, encoding: .utf8)
      let second = try await run(export(.csv, "~/books.csv"), home: folder, port: server.port)
      guard case .fileExists = second.last else { Issue.record("\(second)"); return }
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
      #expect(lines.withLock { $0.count } == 1, "nothing is read for a file that is not written")
      _ = try await run(export(.csv, "~/books.csv", replaces: true), home: folder, port: server.port)
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "a,b")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["books.csv", "other"])
      for (bad, words) in [
        ("~/none/x", "There is no folder"), ("~", "is a folder"), ("~/", "name of a file"),
      ] {
        let refused = try await run(export(.csv, bad), home: folder, port: server.port)
        guard case .refused(let why) = refused.last else { Issue.record("\(refused)"); return }
        #expect(why.contains(words), "\(why)")
      }
    }
  }

  @Test func sessionWithoutFilesReadsAndWritesNone() async throws {
    try await inFolder { folder in
      try Self.export.write(toFile: folder + "/a.json", atomically: true, encoding: .utf8)
      let server = try FakeServer { _ in (200, "{}") }
      let effects: [Effect] = [
        export(.csv, "~/books.csv"), .importGroup(path: "~/a.json", id: Fixtures.id(1), key: Fixtures.id(2)),
        .lookAtImport(path: "~/a.json"), .complete(path: "~/"), .upload(.me, path: "~/a.json"),
      ]
      for effect in effects {
        let messages = try await run(effect, home: folder, port: server.port, hasFiles: false)
        guard case .refused(let why) = messages.last else { Issue.record("\(messages)"); return }
        #expect(why == EffectRunner.noFiles)
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a.json"])
    }
  }

  @Test func importCreatesAGroupAndFillsIt() async throws {
    try await inFolder { folder in
      try Self.export.write(toFile: folder + "/a.json", atomically: true, encoding: .utf8)
      let imported = ImportedGroup(
        group: group, renamed: [.init(member: Fixtures.id(2), from: "Bob", to: "Bob 2")])
      let answers = [try JSON.encode(group), try JSON.encode(imported)].map {
        String(decoding: $0, as: UTF8.self)
      }
      let seen = Mutex<[FakeServer.Request]>([])
      let server = try FakeServer { request in
        seen.withLock { $0.append(request) }
        return request.line.contains("/import") ? (200, answers[1]) : (201, answers[0])
      }
      let (id, key) = (Fixtures.id(7), Fixtures.id(8))
      let messages = try await run(
        .importGroup(path: "~/a.json", id: id, key: key), home: folder, port: server.port)
      guard case .imported(let found) = messages.last else { Issue.record("\(messages)"); return }
      #expect(found == imported)
      let requests = seen.withLock { $0 }
      // One key for two requests would be refused.
      #expect(requests[0].header("Idempotency-Key") == "\(id)")
      #expect(requests.count == 2 && requests[1].line.hasPrefix("POST /v1/groups/\(id)/import "))
      #expect(
        requests[1].header("Content-Type") == "application/json"
          && requests[1].header("Idempotency-Key") == "\(key)" && requests[1].body.contains("format"))
    }
  }

  @Test func refusedImportLeavesNoGroup() async throws {
    try await inFolder { folder in
      try Self.export.write(toFile: folder + "/a.json", atomically: true, encoding: .utf8)
      let created = String(decoding: try JSON.encode(group), as: UTF8.self)
      let refusal = String(
        decoding: try JSON.encode(Problem(422, "invalid", "t", "entries.3: It is wrong.")), as: UTF8.self)
      let lines = Mutex<[String]>([])
      let server = try FakeServer { request in
        lines.withLock { $0.append(request.line) }
        return request.line.contains("/import")
          ? (422, refusal) : request.line.hasPrefix("DELETE") ? (204, "") : (201, created)
      }
      let (id, key) = (Fixtures.id(7), Fixtures.id(8))
      let messages = try await run(
        .importGroup(path: "~/a.json", id: id, key: key), home: folder, port: server.port)
      guard case .failed(_, .problem(let problem)) = messages.last else {
        Issue.record("\(messages)"); return
      }
      #expect(problem.detail == "entries.3: It is wrong.")
      #expect(lines.withLock { $0.last }?.hasPrefix("DELETE /v1/groups/\(id)") == true)
    }
  }

  /// The keys of an old draft have ended: its file may be imported already, and its group in use.
  @Test(arguments: ["id_taken", "not_empty"]) func oldDraftNeitherDeletesNorImportsTwice(code: String)
    async throws
  {
    try await inFolder { folder in
      try Self.export.write(toFile: folder + "/a.json", atomically: true, encoding: .utf8)
      let created = String(decoding: try JSON.encode(group), as: UTF8.self)
      let conflict = String(decoding: try JSON.encode(Problem(409, code, "t", "Conflict.")), as: UTF8.self)
      let lines = Mutex<[String]>([])
      let server = try FakeServer { request in
        lines.withLock { $0.append(request.line) }
        return code == "not_empty" && !request.line.contains("/import") ? (201, created) : (409, conflict)
      }
      let messages = try await run(
        .importGroup(path: "~/a.json", id: Fixtures.id(7), key: Fixtures.id(8)), home: folder,
        port: server.port)
      guard case .failed(_, let failure)? = messages.last else { return _ = Issue.record("\(messages)") }
      #expect(lines.withLock { $0.allSatisfy { $0.hasPrefix("POST") } })
      #expect(lines.withLock { $0.count } == (code == "id_taken" ? 1 : 2))
      #expect(code == "not_empty" || failure.message("").contains("probably imported before"))
    }
  }

  @Test func importTellsProgressAndRenamedMembers() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([]))
    state.type("I~/a.json")
    let effect = Effect.importGroup(path: "~/a.json", id: Fixtures.id(777), key: Fixtures.id(777))
    #expect(state.press(.enter) == [.lookAtImport(path: "~/a.json")])
    #expect(state.get(.importFound(path: "~/a.json", isExport: true)) == [effect])
    state.finish(.lookAtImport(path: "~/a.json"))
    state.get(.progress(sent: 2048, total: 10_240))
    #expect(state.text.contains("Sending: 2 of 10 KiB"), "\(state.text)")
    state.get(.progress(sent: 10_240, total: 10_240))
    #expect(state.text.contains("Sent. The server is importing the books"))
    state.get(
      .imported(
        ImportedGroup(group: group, renamed: [.init(member: Fixtures.id(2), from: "Bob", to: "Bob 2")])))
    state.finish(effect)
    let rows = state.text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(state.text.contains("\"Flat 12\" is imported.") && rows.contains("Bob → Bob 2"), "\(state.text)")
    #expect(state.press(.enter) == [.loadGroup(group.id)])
    #expect(state.top is GroupScreen && state.screens.count == 2)
  }

  @Test func refusedImportKeepsThePathAndTakesAnotherID() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([]))
    state.type("I~/a.json")
    let effect = Effect.importGroup(path: "~/a.json", id: Fixtures.id(777), key: Fixtures.id(777))
    state.press(.enter)
    state.get(.importFound(path: "~/a.json", isExport: true))
    state.finish(.lookAtImport(path: "~/a.json"))
    state.context.newID = { Fixtures.id(778) }
    state.get(.failed(effect, .problem(Problem(400, "malformed", "t", "GET …/export"))))
    state.finish(effect)
    #expect(
      state.text.contains("Not imported. This is not an export of KittyCash as JSON.")
        && state.text.contains("~/a.json"), "\(state.text)")
    #expect(state.press(.enter) == [.lookAtImport(path: "~/a.json")])
    #expect(
      state.get(.importFound(path: "~/a.json", isExport: true))
        == [.importGroup(path: "~/a.json", id: Fixtures.id(778), key: Fixtures.id(778))])
    state.finish(.lookAtImport(path: "~/a.json"))
    // The outcome of a lost answer is not known: the same id makes it safe.
    let second = Effect.importGroup(path: "~/a.json", id: Fixtures.id(778), key: Fixtures.id(778))
    state.get(.failed(second, .uncertain("No answer.")))
    state.finish(second)
    #expect(state.text.contains("^S again is safe"))
    state.press(.enter)
    #expect(state.get(.importFound(path: "~/a.json", isExport: true)) == [second])
  }

  @Test func wordsOfTheAPIAreNotShown() {
    for rejection in [
      Rejection.stale, .signInNeeded, .secondFactorNeeded,
      .conflict("not_settled", "Settle first, or send force=true."),
    ] {
      let words = ClientFailure.rejected(rejection).message
      for term in ["ETag", "Bearer", "POST", "\"code\"", "force"] {
        #expect(!words.contains(term), "\(words)")
      }
    }
  }
}
