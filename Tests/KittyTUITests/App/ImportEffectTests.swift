import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// The requests of imports of files of other programs: a preview makes no group.
struct ImportEffectTests {
  private let new = Fixtures.id(7)

  /// Runs an effect with a file, and returns its messages with the lines of its requests.
  private func run(
    _ effect: (String) -> Effect, refusing: Int? = nil, code: String = "x"
  ) async throws -> (messages: [Message], lines: [String]) {
    let path = NSTemporaryDirectory() + "kittycash-\(UUID().uuidString).csv"
    try "Date,Description".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let log = CommandTests.Log()
    let report = CommandTests.json(Fixtures.importReport)
    let group = CommandTests.json(Fixtures.group("Alps", number: 7))
    let server = try FakeServer { request in
      _ = log.add(request)
      let problem = CommandTests.json(Problem(refusing ?? 404, code, "t", "No."))
      if request.line.contains("/imports") { return refusing.map { ($0, problem) } ?? (200, report) }
      return request.line.hasPrefix("DELETE") ? (204, "") : (201, group)
    }
    let messages = try await EffectRun.messages(of: effect(path), port: server.port)
    let lines = log.requests.map { $0.line.split(separator: " ").prefix(2).joined(separator: " ") }
    return (messages, lines)
  }

  private func preview(_ path: String) -> Effect {
    .previewImport(.new(NewGroup(id: new, name: "")), path: path, ImportWishes())
  }

  private func importing(_ path: String) -> Effect {
    .importFile(.new(NewGroup(id: new, name: "Alps", currency: Fixtures.eur)), path: path, ImportWishes())
  }

  @Test func previewMakesNoGroup() async throws {
    let first = try await run(preview)
    guard case .importPreviewed(Fixtures.importReport)? = first.messages.last else {
      return _ = Issue.record("\(first.messages)")
    }
    #expect(first.lines == ["POST /v1/imports?dryRun=true&group=\(new)"])
    let refused = try await run(preview, refusing: 422)
    guard case .failed? = refused.messages.last else { return _ = Issue.record("\(refused.messages)") }
    #expect(refused.lines == first.lines)
    // The answer to the import was lost, and the file is previewed once more.
    let made = try await run(preview, refusing: 409, code: "id_taken")
    guard case .failed(_, .madeBefore)? = made.messages.last else {
      return _ = Issue.record("\(made.messages)")
    }
  }

  @Test func refusedImportLeavesNoGroup() async throws {
    let done = try await run(importing)
    guard case .fileImported(_, _?, Fixtures.importReport)? = done.messages.last else {
      return _ = Issue.record("\(done.messages)")
    }
    #expect(done.lines == ["POST /v1/groups", "POST /v1/groups/\(new)/imports"])
    let refused = try await run(importing, refusing: 409)
    #expect(refused.lines.last == "DELETE /v1/groups/\(new)", "\(refused.lines)")
    // Some of it may be written, so the group stays.
    let lost = try await run(importing, refusing: 502)
    guard case .failed(_, .uncertain)? = lost.messages.last else {
      return _ = Issue.record("\(lost.messages)")
    }
    #expect(!lost.lines.contains { $0.hasPrefix("DELETE") })
  }

  @Test func previewInAGroupChangesNothing() async throws {
    let group = Fixtures.group().id
    let done = try await run { .previewImport(.group(group), path: $0, ImportWishes(dates: "dmy")) }
    #expect(done.lines == ["POST /v1/groups/\(group)/imports?dates=dmy&dryRun=true"], "\(done.lines)")
    let lost = try await run({ .previewImport(.group(group), path: $0, ImportWishes()) }, refusing: 502)
    guard case .failed(_, .offline)? = lost.messages.last else { return _ = Issue.record("\(lost.messages)") }
  }

  @Test func sentencesWithParametersAreLeftOut() {
    #expect("Two readings. Send dates=dmy.".withoutParameters == "Two readings.")
    #expect(
      "line 1.5: Bad. Correct the file, or send decimal=point. More".withoutParameters
        == "line 1.5: Bad. More.")
    #expect("Send force=true.".withoutParameters == "")
  }
}
