import FoundationEssentials
import KittyShared
import Logging

/// What is done for a job of each kind.
struct JobHandlers: Sendable {
  let database: any Database
  let resets: PasswordResets
  let photos: any PhotoStorage
  let uploads: Uploads
  let converter: PhotoConverterProcess
  let logger: Logger

  private var conversions: PhotoConversionStore { PhotoConversionStore(database: database) }

  /// Does a job. It may have been begun before and not ended: each can be done twice.
  /// - Throws: Why it could not be done now; `UnknownJob`.
  func perform(_ job: Job, at now: Instant) async throws -> Job.Outcome {
    let write = WriteContext()
    switch Job.Kind(rawValue: job.kind) {
    case .convertPhoto: try await convertPhoto(job.payload, at: now, write)
    case .removePhoto: return try await removePhoto(job.payload, at: now)
    case .resetPassword: try await resets.write(to: job.payload, at: now, write)
    case .cleanSessions: try await SessionStore(database: database).deleteExpired(at: now, write)
    case .cleanTokens: try await TokenStore(database: database).deleteExpired(at: now, write)
    case .cleanKeys: try await IdempotencyStore(database: database).deleteOld(at: now, write)
    case .cleanInvites:
      try await InviteStore(database: database).deleteExpired(at: now, write)
      try await SignUpInviteStore(database: database).deleteOld(at: now, write)
    case .cleanResets: try await resets.store.deleteExpired(at: now, write)
    case .cleanUploads:
      try await conversions.deleteOld(at: now, write)
      try uploads.removeOld()
      try await photos.removeStaged(before: PhotoConversionStore.lifetime)
    case .purgeGroups:
      while try await GroupStore(database: database).purge(at: now, write) { try Task.checkCancellation() }
    case .checkBooks: return .done(result: try await checkBooks())
    case nil: throw UnknownJob(kind: job.kind)
    }
    return .done()
  }

  private func convertPhoto(_ payload: String, at now: Instant, _ write: WriteContext) async throws {
    guard let upload = ID(payload), try await conversions.isWanted(upload) else { return }
    try await conversions.end(upload, try await outcome(of: upload), at: now, write)
  }

  /// Every attempt has a place of its own: another worker may be at the same photo, if this one was too slow.
  private func outcome(of upload: ID) async throws -> PhotoConversionStore.Outcome {
    do {
      let place = try uploads.begin()
      defer { uploads.end(place) }
      var file = uploads.upload(upload).file
      if !FileManager.default.fileExists(atPath: file) {
        file = place.file
        guard try await photos.fetch(upload, into: file) else {
          throw PhotoStorageFailure(
            description:
              "the upload \(upload) is not here: server and worker need the same data folder, or a bucket")
        }
      }
      let size = try await converter.convert(file, into: place.folder)
      return .kept(try await photos.keep(place, width: size.width, height: size.height))
    } catch let rejection as PhotoRejection {
      return .rejected(rejection)
    } catch let failure as PhotoConverterProcess.Failure {
      // When the worker stops, the converter is stopped too, and another worker begins anew.
      try Task.checkCancellation()
      // A decoder crashed or ran out of its limits: the picture is at fault until the log shows otherwise.
      logger.error("photo conversion failed", metadata: ["why": "\(failure)"])
      return .rejected(.damaged)
    } catch let failure as PhotoStorageFailure {
      logger.error("photo store failed", metadata: ["why": "\(failure)"])
      return .notKept
    }
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
