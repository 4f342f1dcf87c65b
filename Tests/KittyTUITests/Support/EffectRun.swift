import KittyShared

@testable import KittyTUI

/// One effect, run against a server of the test.
enum EffectRun {
  /// Runs an effect and returns its messages.
  static func messages(of effect: Effect, port: UInt16) async throws -> [Message] {
    let (events, report) = AsyncStream.makeStream(of: AppState.Event.self)
    let runner = try runner(port: port) { report.yield($0) }
    return await messages(of: effect, runner, events)
  }

  static func runner(
    port: UInt16, post: @escaping @Sendable (AppState.Event) -> Void
  ) throws -> EffectRunner {
    EffectRunner(
      server: try ServerAddress("http://127.0.0.1:\(port)"),
      tokens: TokenFile(server: .standard, environment: ["HOME": "/nowhere"]), token: "t", home: "/",
      post: { $0.forEach(post) })
  }

  /// Runs an effect with a runner whose events are `events`.
  static func messages(
    of effect: Effect, _ runner: EffectRunner, _ events: AsyncStream<AppState.Event>
  ) async -> [Message] {
    runner.run(effect)
    var messages: [Message] = []
    for await event in events {
      if case .message(let message) = event { messages.append(message) }
      if case .finished(effect) = event { break }
    }
    return messages
  }
}
