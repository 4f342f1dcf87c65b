import KittyShared
import NIOPosix
import Sodium
import Synchronization

/// Hashes and checks passwords on threads of its own: Argon2id takes tens of milliseconds of a core and
/// 19 MiB, so only two run at once and only so many may wait.
final class Passwords: Sendable {
  private let threads: NIOThreadPool
  private let waiting = ConcurrencyLimiter(limit: 64)
  /// Checked against when there is no such user, so that the answer takes the same time.
  private let decoy: String
  private let count = Atomic(0)

  /// How many passwords were held against a hash so far.
  var checks: Int { count.load(ordering: .relaxed) }

  /// What a check has found.
  struct Verdict: Sendable {
    /// Whether the password belongs to the hash.
    let isRight: Bool
    /// A hash to take instead, when the one there is was made at another cost than today's.
    let renewed: String?
  }

  init() throws {
    decoy = try Password.hash(base64URL(try randomBytes(count: 16)))
    threads = NIOThreadPool(numberOfThreads: 2)
    threads.start()
  }

  /// - Throws: `Rejection` when too many wait.
  func hash(_ password: String) async throws -> String {
    try await run { try Password.hash(password) }
  }

  /// Whether the password belongs to the hash; it does not, after the same time, when there is no hash.
  /// - Throws: `Rejection` when too many wait.
  func verify(_ password: String, hash: String?) async throws -> Verdict {
    try await run { [self] in
      let matches = try Password.verify(password, hash: hash ?? decoy)
      count.add(1, ordering: .relaxed)
      guard matches, let hash else { return Verdict(isRight: false, renewed: nil) }
      return Verdict(
        isRight: true, renewed: Password.isOutdated(hash) ? try Password.hash(password) : nil)
    }
  }

  func close() async throws { try await threads.shutdownGracefully() }

  private func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    guard waiting.tryAcquire() else {
      throw Rejection.unavailable(
        "Too many people are signing in. Try again in a few seconds.", retryAfter: 3)
    }
    defer { waiting.release() }
    return try await threads.runIfActive(work)
  }
}
