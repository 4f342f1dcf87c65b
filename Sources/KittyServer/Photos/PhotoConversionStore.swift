import FoundationEssentials
import KittyShared

/// Photos that the worker is asked to convert, and its answers.
struct PhotoConversionStore: Sendable {
  let database: any Database

  /// What became of an upload.
  enum Outcome: Codable, Sendable, Equatable {
    case kept(Photo)
    case rejected(PhotoRejection)
    /// The photo store did not take it.
    case notKept
  }

  /// How long an upload is kept at most whose sender has gone away.
  static let lifetime: Duration = .seconds(3600)

  /// Asks for the conversion of an upload.
  func begin(_ upload: ID, at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [
        "insert into photo_conversions (id, created_at) values (\(upload), \(now))",
        JobStore.enqueue(.convertPhoto, payload: upload.description, at: now),
      ], in: write)
  }

  /// What became of it; `nil` while it is under way.
  /// - Throws: `DatabaseFailure`; `Rejection` when it was given up.
  func outcome(of upload: ID) async throws -> Outcome? {
    let rows = try await database.read("select outcome from photo_conversions where id = \(upload)")
    guard let row = rows.first else {
      throw Rejection.unavailable("The photo was not converted. Send it again.")
    }
    return try row.decode(String?.self).map { try JSON.decode(Outcome.self, from: Data($0.utf8)) }
  }

  /// Whether somebody still waits for it.
  func isWanted(_ upload: ID) async throws -> Bool {
    try await !database.read("select 1 from photo_conversions where id = \(upload) and outcome is null")
      .isEmpty
  }

  /// Answers. A photo that was kept is looked at once more after the grace: whoever sent it may have gone away, and
  /// then nothing shows it.
  func end(_ upload: ID, _ outcome: Outcome, at now: Instant, _ write: WriteContext) async throws {
    var statements: [SQL] = [
      "update photo_conversions set outcome = \(try JSON.text(of: outcome)) where id = \(upload) and outcome is null"
    ]
    if case .kept(let photo) = outcome {
      statements.append(
        JobStore.enqueueRemoval(ofPhotosFrom: "select \(photo.hash) as photo_hash", at: now))
    }
    try await database.transact(statements, in: write)
  }

  /// Takes the question back, answered or not: nobody begins with it any more.
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

  func deleteOld(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [
        "delete from photo_conversions where created_at < \(now.advanced(by: .zero - Self.lifetime))"
      ], in: write)
  }
}
