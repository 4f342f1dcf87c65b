import FoundationEssentials
import KittyShared
import Logging

/// The handler of each kind of job.
///
/// A handler may run twice for one job, since a worker can stop between the work and the record of its outcome. So each
/// one can be repeated without harm.
struct JobHandlers: Sendable {
  let database: any Database
  let passwordResets: PasswordResets
  let emailConfirmations: EmailConfirmations
  let notices: AccountNotices
  let secondFactors: SecondFactors
  let photos: any PhotoStorage
  let uploads: UploadFolder
  let converter: PhotoConverterProcess
  let recurring: RecurringBooks
  let imports: FileImports
  let logger: Logger

  /// Does the work of a job.
  /// - Throws: `UnknownJob`, or the error that makes the job fail.
  func handle(_ job: Job, at now: Instant) async throws -> Job.Outcome {
    guard let kind = Job.Kind(rawValue: job.kind) else { throw UnknownJob(kind: job.kind) }
    let write = WriteContext()
    switch kind {
    case .convertPhoto: try await convertPhoto(ofUpload: job.payload, at: now, write)
    case .removePhoto: return try await removePhoto(job.payload, at: now)
    case .removeReceipt: return try await removeReceipt(job.payload, at: now)
    case .resetPassword: try await passwordResets.enqueueMails(to: job.payload, at: now, write)
    case .mailReset: try await passwordResets.write(to: try user(of: job), at: now, write)
    case .confirmEmail: try await emailConfirmations.write(to: try user(of: job), at: now, write)
    case .tellUser: try await notices.write(job.payload)
    case .cleanSessions: try await SessionStore(database: database).deleteExpired(at: now, write)
    case .cleanTokens:
      try await TokenStore(database: database).deleteExpired(at: now, write)
      try await DeviceTokenStore(database: database).deleteExpired(at: now, write)
    case .cleanKeys: try await IdempotencyStore(database: database).deleteOld(at: now, write)
    case .cleanInvites: try await deleteExpiredInvites(at: now, write)
    case .cleanResets:
      try await passwordResets.store.deleteExpired(at: now, write)
      try await emailConfirmations.store.deleteExpired(at: now, write)
    case .cleanUploads: try await removeAbandonedUploads(at: now, write)
    case .purgeGroups: try await purgeDeletedGroups(at: now, write)
    case .sealSecrets: try await sealSecrets(write)
    case .bookRecurring: try await bookRecurring(job.payload, at: now)
    case .undoImports: try await imports.undoUnfinished(at: now)
    case .checkBooks: return .done(result: try await auditBooks())
    }
    return .done()
  }

  private func user(of job: Job) throws -> ID {
    guard let user = ID(job.payload) else { throw DatabaseFailure.fault("the job names no user") }
    return user
  }

  private func sealSecrets(_ write: WriteContext) async throws {
    let (sealed, unreadable) = try await secondFactors.reseal(write)
    if sealed > 0 {
      logger.notice("secrets of second factors were encrypted", metadata: ["number": "\(sealed)"])
    }
    guard unreadable > 0 else { return }
    logger.error(
      "secrets of second factors cannot be read: SECRETS_KEY lacks their key",
      metadata: ["number": "\(unreadable)"])
  }

  // MARK: Photos

  private func convertPhoto(ofUpload payload: String, at now: Instant, _ write: WriteContext) async throws {
    let conversions = PhotoConversionStore(database: database)
    guard let upload = ID(payload), let purpose = try await conversions.pending(upload) else { return }
    try await conversions.complete(upload, try await convert(upload, for: purpose), at: now, write)
  }

  private func convert(
    _ upload: ID, for purpose: PhotoConversionStore.Purpose
  ) async throws -> PhotoConversionStore.Outcome {
    do {
      // A folder for this attempt alone: a worker that lost its lease may still be converting the same upload.
      let attempt = try uploads.create()
      defer { uploads.remove(attempt) }
      var original = uploads.upload(upload).original
      if !FileManager.default.fileExists(atPath: original) {
        original = attempt.original
        guard try await photos.fetchStaged(upload, into: original) else {
          throw PhotoStorageFailure(
            description: """
              upload \(upload) not found: server and worker must share the data folder, or keep photos in a bucket
              """)
        }
      }
      switch purpose {
      case .photo:
        let size = try await converter.convert(original, into: attempt.folder)
        return .stored(try await photos.store(attempt, width: size.width, height: size.height))
      case .receipt:
        let type = try await converter.checkReceipt(original, into: attempt.folder)
        return .receipt(try await photos.store(receipt: original, of: type, in: attempt))
      }
    } catch let rejection as PhotoRejection {
      return .rejected(rejection)
    } catch let failure as PhotoConverterProcess.Failure {
      // A worker that stops also stops the converter; then the next worker converts the photo.
      try Task.checkCancellation()
      // The decoder crashed or reached its limits. This is the picture's fault as far as the user is concerned.
      logger.error("photo conversion failed", metadata: ["why": "\(failure)"])
      return .rejected(.damaged)
    } catch let failure as PhotoStorageFailure {
      logger.error("photo store failed", metadata: ["why": "\(failure)"])
      return .notStored
    }
  }

  private func removePhoto(_ hash: String, at now: Instant) async throws -> Job.Outcome {
    guard try await !JobStore(database: database).isInUse(photo: hash) else { return .done() }
    guard try await photos.remove(hash, .photo, untouchedFor: JobStore.photoGracePeriod) else {
      return .notBefore(now.advanced(by: JobStore.photoGracePeriod))
    }
    return .done()
  }

  private func removeReceipt(_ hash: String, at now: Instant) async throws -> Job.Outcome {
    guard try await !JobStore(database: database).isInUse(receipt: hash) else { return .done() }
    guard try await photos.remove(hash, .receipt, untouchedFor: JobStore.photoGracePeriod) else {
      return .notBefore(now.advanced(by: JobStore.photoGracePeriod))
    }
    return .done()
  }

  private func removeAbandonedUploads(at now: Instant, _ write: WriteContext) async throws {
    try await PhotoConversionStore(database: database).deleteOld(at: now, write)
    try uploads.removeAbandoned()
    try await photos.removeStaged(olderThan: UploadFolder.maxAge)
  }

  // MARK: The books

  /// Books the entries of one rule, `group/rule`, or of all that are due.
  private func bookRecurring(_ payload: String, at now: Instant) async throws {
    guard !payload.isEmpty else { return try await recurring.bookAll(at: now) }
    let ids = payload.split(separator: "/").compactMap { ID(String($0)) }
    guard ids.count == 2 else { throw DatabaseFailure.fault("the job names no rule") }
    try await recurring.book(ids[1], in: ids[0], at: now)
  }

  private func deleteExpiredInvites(at now: Instant, _ write: WriteContext) async throws {
    try await InviteStore(database: database).deleteExpired(at: now, write)
    try await SignUpInviteStore(database: database).deleteOld(at: now, write)
  }

  private func purgeDeletedGroups(at now: Instant, _ write: WriteContext) async throws {
    while try await GroupPurge(database: database).run(at: now, write) { try Task.checkCancellation() }
  }

  /// - Returns: The number of findings.
  private func auditBooks() async throws -> Int {
    let findings = try await Audit(database: database, photos: photos).findings()
    for finding in findings { logger.error("the books are not right", metadata: ["finding": "\(finding)"]) }
    logger.notice("the books were checked", metadata: ["findings": "\(findings.count)"])
    return findings.count
  }
}
