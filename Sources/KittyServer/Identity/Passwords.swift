import KittyShared
import NIOPosix
import Sodium
import Synchronization

/// Hashes and verifies passwords on threads of its own. Argon2id needs tens of milliseconds of a core and 19 MiB, so only
/// a few run at once, and the number that wait is limited. Users at a familiar address, and those who are signed in, have
/// a thread and places of their own: a flood of sign-ins by strangers does not lock them out.
final class Passwords: Sendable {
  private let strangers = Lane(threads: 2, limit: 64)
  private let familiar = Lane(threads: 1, limit: 16)
  /// The hash to verify against when the user does not exist, so that the response takes the same time.
  private let decoyHash: String
  private let count = Atomic(0)

  /// The number of passwords that were verified so far.
  var checks: Int { count.load(ordering: .relaxed) }

  /// The result of a verification.
  struct Verdict: Sendable {
    /// `true` when the password belongs to the hash.
    let isRight: Bool
    /// A new hash to store, when the current one was made at another cost than today's.
    let renewedHash: String?
  }

  init() throws {
    decoyHash = try Password.hash(base64URL(try randomBytes(count: 16)))
  }

  /// Threads, and the places of those who run on them or wait for them.
  private struct Lane: Sendable {
    let threads: NIOThreadPool
    let limiter: ConcurrencyLimiter

    init(threads: Int, limit: Int) {
      self.threads = NIOThreadPool(numberOfThreads: threads)
      limiter = ConcurrencyLimiter(limit: limit)
      self.threads.start()
    }
  }

  /// Hashes a new password in the composed form of Unicode: keyboards send the same letter in different forms.
  /// - Parameters:
  ///   - field: The field with the password.
  ///   - user: The user whose password it becomes.
  /// - Throws: `Rejection` when the password is easy to guess, and when too many wait.
  func hash(_ password: String, _ field: String, of user: User) async throws -> String {
    if let error = PasswordRule.error(password, field, of: user) { throw Rejection.invalid([error]) }
    return try await run { try Password.hash(password.composed) }
  }

  /// Verifies a password. It takes the same time without a hash, and then the password is wrong. A hash may be of another
  /// form than the composed one, from the time before that rule: it is verified too, and renewed.
  /// - Throws: `Rejection` when too many wait.
  func verify(_ password: String, hash: String?) async throws -> Verdict {
    let hash = hash == UserStore.noPassword ? nil : hash
    return try await run { [self] in
      let composed = password.composed
      let right = try Self.forms(of: password).first { try Password.verify($0, hash: hash ?? decoyHash) }
      count.add(1, ordering: .relaxed)
      guard let right, let hash else { return Verdict(isRight: false, renewedHash: nil) }
      let isOld = !right.utf8.elementsEqual(composed.utf8) || Password.needsRehash(hash)
      return Verdict(isRight: true, renewedHash: isOld ? try Password.hash(composed) : nil)
    }
  }

  /// The forms of a password in which it may have been hashed: one form for a password in ASCII.
  private static func forms(of password: String) -> [String] {
    [password, password.decomposed].reduce(into: [password.composed]) { forms, form in
      if !forms.contains(where: { $0.utf8.elementsEqual(form.utf8) }) { forms.append(form) }
    }
  }

  /// Stops the threads.
  func close() async throws {
    for lane in [strangers, familiar] { try await lane.threads.shutdownGracefully() }
  }

  private func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    let lane = SignInLimit.isFamiliar || DatabaseCaller.current.user != nil ? familiar : strangers
    guard lane.limiter.tryAcquire() else {
      throw Rejection.unavailable(
        "Too many users are signing in. Try again in a few seconds.", retryAfter: 3)
    }
    defer { lane.limiter.release() }
    return try await lane.threads.runIfActive(work)
  }
}
