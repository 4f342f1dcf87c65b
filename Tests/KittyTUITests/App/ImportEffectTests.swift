import Foundation
import KittyShared
import Testing

@testable import KittyTUI

/// The requests of imports of files of other programs: a group for a preview is removed again.
struct ImportEffectTests {
  private let lent = Fixtures.id(7)

  /// Runs an effect with a file, and returns its messages with the lines of its requests.
  private func run(
    _ effect: (String) -> Effect, refusing: Int? = nil, isKnown: Bool = false
  ) async throws -> (messages: [Message], lines: [String]) {
    let path = NSTemporaryDirectory() + "kittycash-\(UUID().uuidString).csv"
    try "Date,Description".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let log = CommandTests.Log()
    let report = CommandTests.json(Fixtures.importReport)
    let group = CommandTests.json(Fixtures.group("Alps", number: 7))
    let server = try FakeServer { request in
      _ = log.add(request)
      let problem = CommandTests.json(Problem(refusing ?? 404, "x", "t", "No."))
      if request.line.contains("/restore") {
        return isKnown ? (200, group) : (404, CommandTests.json(Problem(404, "not_found", "t", "No.")))
      }
      if request.line.contains("/imports") { return refusing.map { ($0, problem) } ?? (200, report) }
      return request.line.hasPrefix("DELETE") ? (204, "") : (201, group)
    }
    let messages = try await EffectRun.messages(of: effect(path), port: server.port)
    let lines = log.requests.map { $0.line.split(separator: " ").prefix(2).joined(separator: " ") }
    return (messages, lines)
  }

  private func preview(_ path: String) -> Effect {
    .previewImport(.new(NewGroup(id: lent, name: "", currency: Fixtures.eur)), path: path, ImportWishes())
  }

  private func importing(_ path: String) -> Effect {
    .importFile(.new(NewGroup(id: lent, name: "Alps", currency: Fixtures.eur)), path: path, ImportWishes())
  }

  @Test func previewLeavesNoGroup() async throws {
    let first = try await run(preview)
    guard case .importPreviewed(Fixtures.importReport)? = first.messages.last else {
      return _ = Issue.record("\(first.messages)")
    }
    #expect(
      first.lines == [
        "POST /v1/groups/\(lent)/restore", "POST /v1/groups", "POST /v1/groups/\(lent)/imports?dryRun=true",
        "DELETE /v1/groups/\(lent)",
      ])
    // The next one is in the same group, so that the list of deleted groups has one.
    let second = try await run(preview, isKnown: true)
    #expect(second.lines.count == 3 && !second.lines.contains("POST /v1/groups"), "\(second.lines)")
    let refused = try await run(preview, refusing: 422)
    guard case .failed? = refused.messages.last else { return _ = Issue.record("\(refused.messages)") }
    #expect(refused.lines.last == "DELETE /v1/groups/\(lent)")
  }

  @Test func refusedImportLeavesNoGroup() async throws {
    let done = try await run(importing)
    guard case .fileImported(_, _?, Fixtures.importReport)? = done.messages.last else {
      return _ = Issue.record("\(done.messages)")
    }
    #expect(done.lines == ["POST /v1/groups", "POST /v1/groups/\(lent)/imports"])
    let refused = try await run(importing, refusing: 409)
    #expect(refused.lines.last == "DELETE /v1/groups/\(lent)", "\(refused.lines)")
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
