import Foundation
import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// Effects whose response is lost.
struct EffectRunnerTests {
  private let group = Fixtures.id(90)
  private let expense = NewExpense(
    id: Fixtures.id(777), description: "Dinner", amount: .minorUnits(9999), currency: Fixtures.eur,
    payer: .kitty)
  private var effect: Effect { .createExpense(group: group, expense) }

  /// Runs one effect and returns the events that it posted.
  private func run(
    _ effect: Effect, port: UInt16, whileRunning: @escaping @Sendable (EffectRunner) -> Void = { _ in }
  ) async throws -> [Message] {
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = EffectRunner(
      server: try ServerAddress("http://127.0.0.1:\(port)"),
      tokens: TokenFile(server: .standard, environment: ["HOME": "/nowhere"]), token: "t", home: "/"
    ) { $0.forEach { report.yield($0) } }
    runner.run(effect)
    whileRunning(runner)
    var messages: [Message] = []
    for await event in events {
      if case .message(let message) = event { messages.append(message) }
      if case .finished = event { break }
    }
    return messages
  }

  private func failure(_ messages: [Message]) -> ClientFailure? {
    if case .failed(_, let failure) = messages.last { failure } else { nil }
  }

  private static func problem(_ status: Int, _ code: String) -> (Int, String) {
    let json = (try? JSON.encode(Problem(status, code, "t", "d"))) ?? Data()
    return (status, String(decoding: json, as: UTF8.self))
  }

  @Test(arguments: ["key_reused", "id_taken"])
  func anotherVersionUnderTheSameIDIsNotSaidToBeSaved(code: String) async throws {
    let stored = Fixtures.expenses[0]
    let json = String(decoding: try JSON.encode(stored), as: UTF8.self)
    let server = try FakeServer { $0.line.hasPrefix("POST") ? Self.problem(409, code) : (200, json) }
    let messages = try await run(effect, port: server.port)
    #expect(failure(messages) == .savedBefore(stored))
  }

  @Test func idIsTheIdempotencyKey() async throws {
    let entered = String(decoding: try JSON.encode(Fixtures.expenses[0]), as: UTF8.self)
    let seen = Sent(heads: [])
    let server = try FakeServer {
      seen.note($0.head)
      return (201, entered)
    }
    let messages = try await run(effect, port: server.port)
    guard case .entered = messages.last else {
      Issue.record("\(messages)")
      return
    }
    #expect(seen.all.first?.contains("Idempotency-Key: \(Fixtures.id(777))") == true)
  }

  /// An answer of a server, of a proxy or of a broken connection to a change.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var answer: (status: Int, body: String)?
    /// The bytes of the answer that never come.
    var missing = 0
    /// `true` when certainly nothing was changed.
    let isUndone: Bool

    static let all: [Fault] =
      [
        (400, "x", true), (401, "sign_in_needed", true), (403, "x", true), (404, "x", true),
        (409, "changed_meanwhile", true), (412, "stale", true), (422, "invalid", true), (428, "x", true),
        (429, "too_many_requests", true), (500, "internal", false), (503, "overloaded", true),
        (503, "outcome_unknown", false),
      ].map { status, code, isUndone in
        Fault(
          testDescription: "\(status) \(code)", answer: EffectRunnerTests.problem(status, code),
          isUndone: isUndone)
      } + [
        Fault(testDescription: "502 of a proxy", answer: (502, "<html>"), isUndone: false),
        Fault(testDescription: "504 of a proxy", answer: (504, "<html>"), isUndone: false),
        Fault(testDescription: "no answer", answer: nil, isUndone: false),
        Fault(testDescription: "half an answer", answer: (201, "{\"kind\":"), missing: 90, isUndone: false),
        Fault(testDescription: "broken JSON", answer: (201, "{\"kind\":"), isUndone: false),
        Fault(testDescription: "another page", answer: (200, "<html>"), isUndone: false),
      ]
  }

  /// The text stays, and the next attempt has the same id, so that it is entered once whatever happened to the first.
  @Test(arguments: Fault.all) func faultKeepsTheTextAndItsID(fault: Fault) async throws {
    let server = try FakeServer(missing: fault.missing) { _ in fault.answer }
    var (state, submitted) = Fixtures.writeExpense()
    let effect = try #require(submitted)
    let messages = try await run(effect, port: server.port)
    #expect(failure(messages)?.isUndone == fault.isUndone)
    for message in messages { state.get(message) }
    state.finish(effect)
    #expect(state.screens.contains { $0 is ExpenseForm && $0.hasUnsaved })
    for read in state.context.running { state.finish(read) }
    let again = state.top is ExpenseForm ? state.press(.control("s")) : state.get(.signedIn(name: "anna"))
    #expect(again.filter(\.isWrite) == [effect])
  }

  @Test func lookUpOfAnInviteIsNeverUncertain() async throws {
    // No response, and an unreadable one: nothing can have been changed.
    for answer in [nil, (200, "{}")] as [(Int, String)?] {
      let server = try FakeServer { _ in answer }
      let found = failure(try await run(.lookUpInvite(InviteCode(code: "c")), port: server.port))
      #expect(found?.isUndone == true)
      let joined = failure(try await run(.acceptInvite(InviteCode(code: "c")), port: server.port))
      #expect(joined?.isUndone == false)
    }
  }

  @Test func inviteCreatedWithOtherContentIsReported() async throws {
    let server = try FakeServer { _ in Self.problem(409, "key_reused") }
    let effect = Effect.createInvite(group: group, NewInvite(id: Fixtures.id(777)))
    guard case .madeBefore = failure(try await run(effect, port: server.port)) else {
      Issue.record("it was not said")
      return
    }
  }

  @Test func memberSavedWithAnotherNameIsRenamed() async throws {
    let id = Fixtures.id(55)
    func member(_ name: String, _ version: Int64) throws -> String {
      let member = Member(
        id: id, name: name, user: nil, role: .guest, photo: nil, createdAt: Instant(milliseconds: 0),
        removedAt: nil, version: version)
      return String(decoding: try JSON.encode(member), as: UTF8.self)
    }
    let (first, second) = (try member("Bbo", 1), try member("Bob", 2))
    let seen = Sent(heads: [])
    let server = try FakeServer {
      seen.note($0.head)
      if $0.line.hasPrefix("POST") { return Self.problem(409, "key_reused") }
      return (200, $0.line.hasPrefix("PATCH") ? second : first)
    }
    let messages = try await run(
      .addMember(group: group, NewMember(id: id, name: "Bob")), port: server.port)
    guard case .memberAdded = messages.last else {
      Issue.record("\(messages)")
      return
    }
    #expect(seen.all.last?.contains("If-Match: \"1\"") == true)
  }

  @Test func onlyUnsentChangesAreReportedAsNotSaved() async throws {
    // The connection breaks after everything was sent.
    let silent = try FakeServer { _ in nil }
    guard case .uncertain = failure(try await run(effect, port: silent.port)) else {
      Issue.record("a broken connection is not certain")
      return
    }
    // A read that breaks changes nothing.
    guard case .offline = failure(try await run(.loadGroups(.inUse), port: silent.port)) else {
      Issue.record("a read is offline")
      return
    }
    // A proxy that lost the server.
    let proxy = try FakeServer { _ in (504, "") }
    guard case .uncertain = failure(try await run(effect, port: proxy.port)) else {
      Issue.record("a proxy's answer is not certain")
      return
    }
    // A server that lost its database after it had asked it; one that had not asked is certain.
    let unknown = try FakeServer { _ in Self.problem(503, "outcome_unknown") }
    guard case .uncertain = failure(try await run(effect, port: unknown.port)) else {
      Issue.record("an unknown outcome is not certain")
      return
    }
    let busy = try FakeServer { _ in Self.problem(503, "unavailable") }
    guard case .offline = failure(try await run(effect, port: busy.port)) else {
      Issue.record("what was not begun is certain")
      return
    }
    // No server listens on port 9 of the loopback.
    guard case .offline = failure(try await run(effect, port: 9)) else {
      Issue.record("what never went out is certain")
      return
    }
  }

  /// A proxy does not know what the server did.
  @Test func wordsOfAProxyAreNotShown() async throws {
    let proxy = try FakeServer { _ in
      let problem = Problem(502, "unavailable", "t", "Nothing was changed; try again shortly.")
      return (502, String(decoding: (try? JSON.encode(problem)) ?? Data(), as: UTF8.self))
    }
    #expect(
      failure(try await run(effect, port: proxy.port))
        == .uncertain("The server did not finish the request (HTTP 502)."))
    guard case .offline(let why) = failure(try await run(.loadGroups(.inUse), port: proxy.port)) else {
      Issue.record("a read is offline")
      return
    }
    #expect(why.contains("is not running (HTTP 502)") && !why.contains("Nothing was changed"))
  }

  @Test func cancelledChangeMayHaveBeenSaved() async throws {
    let arrived = DispatchSemaphore(value: 0)
    let end = DispatchSemaphore(value: 0)
    let server = try FakeServer { _ in
      arrived.signal()
      end.wait()
      return nil
    }
    let messages = try await run(effect, port: server.port) { runner in
      Thread.detachNewThread {
        arrived.wait()
        runner.cancelAll()
      }
    }
    end.signal()
    #expect(failure(messages) == .uncertain("Stopped."))
    #expect(
      failure(messages)?.message("Not saved.")
        == "Stopped. It may have been done: look before you repeat it.")
  }
}

/// The received events, from any thread.
private final class Sent: Sendable {
  private let heads: Mutex<[String]>
  init(heads: [String]) { self.heads = Mutex(heads) }
  func note(_ head: String) { heads.withLock { $0.append(head) } }
  var all: [String] { heads.withLock { $0 } }
}
