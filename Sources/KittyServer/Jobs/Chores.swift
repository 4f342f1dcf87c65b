import KittyShared
import Logging

/// What is done for a job of each kind.
struct Chores: Sendable {
  let database: any Database
  let resets: PasswordResets
  let photos: any PhotoStorage
  let logger: Logger

  /// Does a job. It may have been begun before and not ended: each can be done twice.
  /// - Throws: Why it could not be done now; `UnknownJob`.
  func perform(_ job: Job, at now: Instant) async throws -> Job.Outcome {
    switch Job.Kind(rawValue: job.kind) {
    case .removePhoto: return try await removePhoto(job.payload, at: now)
    case .resetPassword: try await resets.write(to: job.payload, at: now)
    case .cleanSessions: try await SessionStore(database: database).deleteExpired(at: now)
    case .cleanTokens: try await TokenStore(database: database).deleteExpired(at: now)
    case .cleanKeys: try await IdempotencyStore(database: database).deleteOld(at: now)
    case .cleanInvites:
      try await InviteStore(database: database).deleteExpired(at: now)
      try await SignUpInviteStore(database: database).deleteOld(at: now)
    case .cleanResets: try await resets.store.deleteExpired(at: now)
    case .purgeGroups:
      while try await GroupStore(database: database).purge(at: now) { try Task.checkCancellation() }
    case .checkBooks: return .done(result: try await checkBooks())
    case nil: throw UnknownJob(kind: job.kind)
    }
    return .done()
  }

  private func removePhoto(_ hash: String, at now: Instant) async throws -> Job.Outcome {
    guard try await !JobStore(database: database).isShown(photo: hash) else { return .done() }
    guard try await photos.remove(hash, untouchedFor: JobStore.graceForPhotos) else {
      return .notBefore(now.advanced(by: JobStore.graceForPhotos))
    }
    return .done()
  }

  /// - Returns: How much does not fit.
  private func checkBooks() async throws -> Int {
    let findings = try await Audit(database: database, photos: photos).findings()
    for finding in findings { logger.error("the books are not right", metadata: ["finding": "\(finding)"]) }
    logger.notice("the books were checked", metadata: ["findings": "\(findings.count)"])
    return findings.count
  }
}
