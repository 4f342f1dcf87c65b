import Foundation
import KittyShared
import Synchronization
import Testing

@testable import KittyTUI

/// The requests of the user's account.
struct AccountEffectTests {
  /// Runs one effect against a server.
  /// - Returns: Its messages, the requests, and the token afterwards.
  private func run(
    _ effect: Effect, home: String = "/proc/nowhere",
    _ answer: @escaping @Sendable (FakeServer.Request) -> (status: Int, body: String)?
  ) async throws -> (messages: [Message], requests: [FakeServer.Request], token: String?) {
    let seen = Mutex<[FakeServer.Request]>([])
    let server = try FakeServer { request in
      seen.withLock { $0.append(request) }
      return answer(request)
    }
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = EffectRunner(
      server: try ServerAddress("http://127.0.0.1:\(server.port)"),
      tokens: TokenFile(server: .standard, environment: ["HOME": home]), token: "t", home: "/"
    ) { $0.forEach { report.yield($0) } }
    runner.run(effect)
    var messages: [Message] = []
    for await event in events {
      if case .message(let message) = event { messages.append(message) }
      if case .finished = event { break }
    }
    return (messages, seen.withLock { $0 }, runner.token.withLock { $0 })
  }

  private static func json(_ value: some Encodable, _ status: Int = 200) -> (status: Int, body: String) {
    (status, String(decoding: (try? JSON.encode(value)) ?? Data(), as: UTF8.self))
  }

  private static let session = Session(
    id: Fixtures.id(1), token: "new", expiresAt: Instant(milliseconds: 0), deviceToken: nil,
    user: Account.user(email: nil))

  private static let refused = Problem(
    422, "invalid", "t", "The address is refused.")

  @Test func changedAccountComesBeforeTheEndOfTheChange() async throws {
    let effect = Effect.you(.change(version: 3, UserChange(timeZone: .clear)))
    let (messages, requests, _) = try await run(effect) { _ in Self.json(Account.user(version: 4)) }
    guard messages.count == 2, case .account(let user) = messages[0], case .you(.changed) = messages[1] else {
      Issue.record("\(messages)")
      return
    }
    #expect(user.version == 4 && requests[0].header("If-Match") == "\"3\"")
    #expect(requests[0].body.contains("\"timeZone\":null"))
  }

  @Test func deletionSendsThePasswordAndForgetsTheSession() async throws {
    let effect = Effect.you(.delete(AccountDeletion(password: "a long password")))
    let (messages, requests, token) = try await run(effect) { _ in (204, "") }
    guard case .you(.deleted) = messages.last else {
      Issue.record("\(messages)")
      return
    }
    #expect(requests[0].line.hasPrefix("DELETE /v1/me ") && requests[0].body.contains("a long password"))
    #expect(token == nil)
  }

  @Test func refusedDeletionKeepsTheSession() async throws {
    let effect = Effect.you(.delete(AccountDeletion(password: "a long password")))
    let (messages, _, token) = try await run(effect) { _ in Self.json(Self.refused, 422) }
    guard case .failed(effect, .problem) = messages.last else {
      Issue.record("\(messages)")
      return
    }
    #expect(token == "t")
  }

  @Test func halfOfNewRecoveryCodesIsSaid() async throws {
    let effect = Effect.you(
      .replaceSecondFactor(SecondFactorRemoval(password: "a long password", code: "123456")))
    let (messages, _, _) = try await run(effect) {
      $0.line.hasPrefix("DELETE") ? (204, "") : Self.json(Self.refused, 422)
    }
    guard case .you(.secondFactorRemoved)? = messages.first, case .failed(effect, .problem)? = messages.last
    else {
      Issue.record("\(messages)")
      return
    }
  }

  /// A token of an ended session would make the server refuse the request.
  @Test func forgottenPasswordIsReplacedWithoutASession() async throws {
    for effect in [
      AccountEffect.requestReset(PasswordResetRequest(email: "anna@example.org")),
      .resetPassword(PasswordReset(token: "t", password: "a long password")),
    ] {
      let (messages, requests, _) = try await run(.you(effect)) { _ in (204, "") }
      #expect(requests.count == 1 && requests[0].header("Authorization") == nil)
      if case .failed = messages.last { Issue.record("\(messages)") }
    }
  }

  @Test func refusedAddressDoesNotLookLikeARefusedSignUp() async throws {
    let effect = Effect.signUp(name: "anna", password: "a long password", email: "anna@example.org")
    let (messages, requests, token) = try await run(effect) {
      switch $0.line.split(separator: " ").prefix(2).joined(separator: " ") {
      case "POST /v1/sessions": Self.json(Self.session, 201)
      case "PATCH /v1/me": Self.json(Self.refused, 422)
      default: Self.json(Account.user(email: nil))
      }
    }
    #expect(requests.last?.body.contains("anna@example.org") == true && token == "new")
    guard case .you(.notice(let words)) = messages.last else {
      Issue.record("\(messages)")
      return
    }
    #expect(words.contains("without the address. The address is refused."))
    #expect(messages.contains { if case .signedIn = $0 { true } else { false } })
  }

  @Test func sessionThatCannotBeStoredIsSaid() async throws {
    let effect = Effect.signIn(name: "anna", password: "a long password")
    let (messages, _, token) = try await run(effect) { _ in Self.json(Self.session, 201) }
    guard case .you(.notice(let words)) = messages.last else {
      Issue.record("\(messages)")
      return
    }
    #expect(words.contains("you stay signed in until this program ends") && token == "new")
    #expect(messages.contains { if case .signedIn = $0 { true } else { false } })
  }

  @Test func tokenOfALostAnswerIsNotMadeTwice() async throws {
    let effect = Effect.you(.createToken(NewToken(id: Fixtures.id(1), name: "n", scopes: [.read])))
    let (messages, _, _) = try await run(effect) { _ in
      Self.json(Problem(409, "id_taken", "t", "d"), 409)
    }
    guard case .failed(_, .madeBefore(let words)) = messages.last else {
      Issue.record("\(messages)")
      return
    }
    #expect(words.contains("its secret was lost"))
  }
}
