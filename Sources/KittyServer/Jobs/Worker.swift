import FoundationEssentials
import KittyShared
import Logging
import ServiceLifecycle

/// Does the jobs that requests leave for later, and what is due every hour.
struct Worker: Service {
  let jobs: JobStore
  let sessions: SessionStore
  let tokens: TokenStore
  let groups: GroupStore
  let invites: InviteStore
  let keys: IdempotencyStore
  let signUpInvites: SignUpInviteStore
  let resets: PasswordResets
  let audit: Audit
  let photos: PhotoFolder
  let logger: Logger

  /// How long it sleeps when there is nothing to do.
  private static let pause: Duration = .seconds(2)
  private static let upkeep: Duration = .seconds(3600)
  /// How often the books are recomputed.
  private static let auditInterval: Duration = .seconds(86_400)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var nextUpkeep = ContinuousClock.now
      var nextAudit = ContinuousClock.now + Self.auditInterval
      while !Task.isCancelled {
        do {
          if ContinuousClock.now >= nextUpkeep {
            try await sessions.deleteExpired(at: .now)
            try await tokens.deleteExpired(at: .now)
            try await keys.deleteOld(at: .now)
            try await signUpInvites.deleteOld(at: .now)
            try await resets.store.deleteExpired(at: .now)
            try await invites.deleteExpired(at: .now)
            while try await groups.purge(at: .now) {}
            nextUpkeep = .now + Self.upkeep
          }
          if try await step() { continue }
          if ContinuousClock.now >= nextAudit {
            for finding in try await audit.findings() {
              logger.error("the books are not right", metadata: ["finding": "\(finding)"])
            }
            nextAudit = .now + Self.auditInterval
          }
        } catch {
          // The database is away or refuses: the jobs are still there.
          logger.warning("worker waits", metadata: ["error": "\(error)"])
        }
        try? await Task.sleep(for: Self.pause)
      }
    }
  }

  /// Does the job that is due, if there is one.
  /// - Returns: Whether there was one.
  func step(at now: Instant = .now) async throws -> Bool {
    guard let job = try await jobs.claim(at: now) else { return false }
    do {
      switch Job.Kind(rawValue: job.kind) {
      case .removePhoto: try await removePhoto(job, at: now)
      case .resetPassword:
        try await resets.write(to: job.payload, at: now)
        try await jobs.finish(job)
      case nil: throw UnknownJob(kind: job.kind)
      }
    } catch {
      logger.error(
        "job failed",
        metadata: [
          "job": "\(job.kind)", "id": "\(job.id)", "attempt": "\(job.attempts)", "error": "\(error)",
        ])
      try await jobs.fail(job, error: "\(error)", at: now)
    }
    return true
  }

  private func removePhoto(_ job: Job, at now: Instant) async throws {
    guard try await !jobs.isShown(photo: job.payload) else { return try await jobs.finish(job) }
    // A photo that was touched within this time may be about to be shown.
    if try photos.remove(job.payload, untouchedFor: JobStore.graceForPhotos) {
      try await jobs.finish(job)
    } else {
      try await jobs.postpone(job, until: now.advanced(by: JobStore.graceForPhotos))
    }
  }
}

/// A job of a kind that this version does not know.
struct UnknownJob: Error, CustomStringConvertible {
  let kind: String
  var description: String { "no worker of this version knows the job \"\(kind)\"" }
}
