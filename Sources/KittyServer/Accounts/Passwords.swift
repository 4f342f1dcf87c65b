import KittyShared
import NIOPosix
import Sodium

/// Hashes and checks passwords on threads of its own: Argon2id takes tens of milliseconds of a core and
/// 19 MiB, so only two run at once and only so many may wait.
final class Passwords: Sendable {
  private let threads: NIOThreadPool
  private let waiting = Waiting(limit: 64)
  /// Checked against when there is no such user, so that the answer takes the same time.
  private let decoy: String

  init() throws {
    decoy = try Password.hash(base64URL(try randomBytes(count: 16)))
    threads = NIOThreadPool(numberOfThreads: 2)
    threads.start()
  }

  /// - Throws: `Problem` 503 when too many wait.
  func hash(_ password: String) async throws -> String {
    try await run { try Password.hash(password) }
  }

  /// Whether the password belongs to the hash; `false`, after the same time, when there is no hash.
  /// - Throws: `Problem` 503 when too many wait.
  func verify(_ password: String, hash: String?) async throws -> Bool {
    let decoy = decoy
    return try await run {
      let matches = try Password.verify(password, hash: hash ?? decoy)
      return matches && hash != nil
    }
  }

  func close() async throws { try await threads.shutdownGracefully() }

  private func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    guard waiting.enter() else {
      throw Problem.unavailable("Too many people are signing in. Try again in a few seconds.", retryAfter: 3)
    }
    defer { waiting.leave() }
    return try await threads.runIfActive(work)
  }
}
