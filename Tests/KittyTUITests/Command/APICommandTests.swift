import KittyShared
import Testing

@testable import KittyTUI

/// Requests that the user writes: `kittycash api`.
struct APICommandTests {
  private typealias Log = CommandTests.Log

  /// Runs the command against a server that answers with the same text.
  private func run(
    _ arguments: [String], answer: (Int, String) = (200, "{\"ok\":true}"), isTerminal: Bool = false
  ) async throws -> (run: CommandRun, requests: [FakeServer.Request]) {
    let log = Log()
    let server = try FakeServer { request in
      _ = log.add(request)
      return request.line.hasPrefix("GET /v1/groups?archived") ? CommandTests.books(request) : answer
    }
    var stage = CommandTests.stage(server)
    stage.isTerminal = isTerminal
    let result = try await CommandRun.run(["api"] + arguments, stage)
    return (result, log.requests.filter { !$0.line.hasPrefix("GET /v1/groups?archived") })
  }

  @Test func anyRequestCanBeSent() async throws {
    let group = Fixtures.group()
    let cases: [(arguments: [String], line: String, body: String)] = [
      (["me"], "GET /v1/me ", ""), (["/v1/me"], "GET /v1/me ", ""),
      (["groups?deleted=true"], "GET /v1/groups?deleted=true ", ""),
      (["me", "-X", "PATCH", "--if-match", "3", "--data", "{}"], "PATCH /v1/me ", "{}"),
      (["me/tokens", "-X", "delete"], "DELETE /v1/me/tokens ", ""),
      (
        ["groups/{group}/members", "--group", "\(group.id)", "--data", "{\"name\":\"D\"}"],
        "POST /v1/groups/\(group.id)/members ", "{\"name\":\"D\"}"
      ),
    ]
    for (arguments, line, body) in cases {
      let (result, requests) = try await run(arguments)
      #expect(result.status == .done && result.output == "{\"ok\":true}\n", "\(result.errors)")
      let sent = try #require(requests.first)
      #expect(sent.line.hasPrefix(line) && sent.body == body, "\(sent.line)")
      #expect(sent.header("Authorization") == "Bearer t")
      #expect((sent.header("If-Match") != nil) == arguments.contains("--if-match"))
      #expect((sent.header("Idempotency-Key") != nil) == line.hasPrefix("POST /v1/groups/"))
    }
  }

  @Test func changeWithoutAKeyIsSentOnce() async throws {
    for (path, count) in [("me/tokens", 1), ("groups", 3)] {
      let log = Log()
      let server = try FakeServer { request in
        _ = log.add(request)
        return nil
      }
      let run = try await CommandRun.run(["api", path, "--data", "{}"], CommandTests.stage(server))
      #expect(run.status == .uncertain && log.requests.count == count, "\(run.errors)")
      #expect(Set(log.requests.map { $0.header("Idempotency-Key") ?? "" }).count == 1)
      #expect(run.errors.contains("--key") == (path == "groups"), "\(run.errors)")
    }
  }

  @Test func pagesAreJoined() async throws {
    let server = try FakeServer { request in
      request.line.contains("cursor=c1")
        ? (200, "{\"items\":[{\"n\":2}]}")
        : request.line.contains("cursor") ? (404, "") : (200, "{\"items\":[{\"n\":1}],\"next\":\"c1\"}")
    }
    for path in ["groups", "groups?archived=true"] {
      let run = try await CommandRun.run(["api", path, "--all"], CommandTests.stage(server))
      #expect(run.output.contains("{\"n\":1},{\"n\":2}") && !run.output.contains("next"), "\(run.errors)")
    }
    let other = try await run(["me", "--all"])
    #expect(other.run.status == .failed && other.run.errors.contains("leave --all out"))
  }

  @Test func refusalHasItsStatusAndWords() async throws {
    let (result, _) = try await run(
      ["me"], answer: CommandTests.problem(403, "token_limited", "Not with this."))
    #expect(result.status == .refused && result.output.isEmpty && result.errors.contains("Not with this."))
  }

  @Test func pictureIsNotPrintedOnATerminal() async throws {
    let (result, _) = try await run(["me/photo"], answer: (200, "\u{1}picture"), isTerminal: true)
    #expect(result.status == .usage && result.output.isEmpty && result.errors.contains("to a file with >"))
  }

  @Test func terminalGetsNoControlCharacters() async throws {
    let (result, _) = try await run(["me"], answer: (200, "{\"a\":\"\u{9b}31m\"}"), isTerminal: true)
    #expect(!result.output.unicodeScalars.contains("\u{9b}"), "\(result.output)")
  }

  @Test(arguments: [
    ["me", "-X", "TRACE"], ["me", "--data", "{}", "--input", "f"], ["me", "--all", "--data", "{}"],
    ["groups/{group}"], ["me", "--group", "flat"], ["gro ups"], ["groups/../me"], ["gr\u{fc}ppe"], ["me#x"],
    ["me/tokens", "-X", "DELETE", "--key", "01a2046a-3978-7d32-9a4b-6c7d8e9f0a1b"],
    ["groups", "--key", "01a2046a-3978-7d32-9a4b-6c7d8e9f0a1b"],
  ]) func invalidRequestIsNotSent(arguments: [String]) async throws {
    await #expect(throws: (any Error).self) { try await run(arguments) }
  }
}
