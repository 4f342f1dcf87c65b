import TestSupport
import Testing

/// A user who does a part of the contract with keys, and looks at its effect on the screen and in the API.
struct TypedStory: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// The operations that are seen in the log of nginx afterwards.
  let operations: Set<ContractOperation>
  let play: @Sendable (Deployment, SMTPSink) async throws -> Void

  init(
    _ name: String, _ operations: [String],
    play: @escaping @Sendable (Deployment, SMTPSink) async throws -> Void
  ) {
    testDescription = name
    self.operations = Set(operations.map { ContractOperation($0) })
    self.play = play
  }

  static let all = [
    profile, passwords, sessions, keys, secondFactor, groups, members, categories, recurring, entries,
    receipts, kitty, settling, rounds, imports,
  ]
}

extension SMTPSink {
  /// Returns the token in a mail; 1 is the first mail with a token.
  func token(_ number: Int) async throws -> String {
    try await wait(
      for: "mail \(number) with a token", state: { messages.map(\.text).joined(separator: "\n") }
    ) {
      let tokens = messages.compactMap { message in
        message.text.firstMatch(of: /Token: +(\S+)/).map { String($0.output.1) }
      }
      return tokens.count >= number ? tokens[number - 1] : nil
    }
  }
}
