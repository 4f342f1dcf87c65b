import FoundationEssentials
import KittyShared

/// The rows through which a request asks the worker to convert a photo or check a receipt, and gets the outcome back.
struct PhotoConversionStore: Sendable {
  let database: any Database

  /// The purpose of an upload. Rows have these words.
  enum Purpose: String, Sendable {
    case photo, receipt
  }

  /// The outcome of a conversion.
  enum Outcome: Sendable, Equatable {
    case stored(Photo)
    case receipt(StoredReceipt)
    case rejected(PhotoRejection)
    /// The photo storage failed.
    case notStored
  }

  /// Inserts a request for the conversion of an upload, and enqueues its job.
  /// - Throws: `DatabaseFailure`, here and below.
  func request(
    _ upload: ID, for purpose: Purpose, at now: Instant, _ write: WriteContext
  ) async throws {
    try await database.transact(
      [
        """
        insert into photo_conversions (id, purpose, created_at) values (\(upload), \(purpose.rawValue), \(now))
        """,
        JobStore.enqueue(.convertPhoto, payload: upload.description, at: now),
      ], in: write)
  }

  /// Returns the outcome of a conversion; `nil` before it is complete.
  /// - Throws: `DatabaseFailure`; `Rejection` when the row was removed.
  func outcome(of upload: ID) async throws -> Outcome? {
    let rows = try await database.read("select outcome from photo_conversions where id = \(upload)")
    guard let row = rows.first else {
      throw Rejection.unavailable("The photo was not converted. Send it again.")
    }
    return try row.decode(String?.self).map { try JSON.decode(Outcome.self, from: Data($0.utf8)) }
  }

  /// Returns the purpose of an upload whose request still waits for the outcome; `nil` when none waits.
  func pending(_ upload: ID) async throws -> Purpose? {
    try await database.read("select purpose from photo_conversions where id = \(upload) and outcome is null")
      .first.flatMap { Purpose(rawValue: try $0.decode(String.self)) }
  }

  /// Writes the outcome of a conversion. A stored photo gets a removal job too: if the request ends before it sets the
  /// photo, the job removes it after the grace period.
  func complete(_ upload: ID, _ outcome: Outcome, at now: Instant, _ write: WriteContext) async throws {
    var statements: [SQL] = [
      "update photo_conversions set outcome = \(try JSON.text(of: outcome)) where id = \(upload) and outcome is null"
    ]
    switch outcome {
    case .stored(let photo):
      statements.append(
        JobStore.enqueueRemoval(ofPhotosFrom: "select \(photo.hash) as photo_hash", at: now))
    case .receipt(let receipt): statements.append(JobStore.enqueueRemoval(ofReceipt: receipt.hash, at: now))
    case .rejected, .notStored: break
    }
    try await database.transact(statements, in: write)
  }

  /// Removes the request, complete or not, and its job unless that is running.
  func remove(_ upload: ID, _ write: WriteContext) async throws {
    try await database.transact(
      [
        "delete from photo_conversions where id = \(upload)",
        """
        delete from jobs where kind = \(Job.Kind.convertPhoto.rawValue) and payload = \(upload.description)
          and leased_until is null
        """,
      ], in: write)
  }

  /// Removes requests older than the oldest upload.
  func deleteOld(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [
        "delete from photo_conversions where created_at < \(now.advanced(by: .zero - UploadFolder.maxAge))"
      ], in: write)
  }
}

extension PhotoConversionStore.Outcome: Codable {
  /// The words in the rows. Servers and workers of different versions read each other's during an upgrade.
  private enum CodingKeys: String, CodingKey {
    case stored = "kept"
    case receipt
    case rejected
    case notStored = "notKept"
  }
}
