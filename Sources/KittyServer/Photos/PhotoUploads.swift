import KittyShared
import Logging
import ServiceLifecycle

/// Has the worker convert an upload, and waits for the outcome: the client learns at once whether its photo is usable.
///
/// The life of a photo, and who cleans up:
/// 1. `PhotoController` writes the body to `UploadFolder`, and removes that folder when the request ends.
/// 2. `PhotoUploads` stages the upload (only for a bucket), inserts a row with a job in `PhotoConversionStore`, and
///    polls the row. At the end it removes the row, the job and the staged copy, also for a client that has
///    disconnected.
/// 3. The worker's `JobHandlers` fetches the upload into a folder of its own, and removes that after the attempt.
/// 4. `PhotoConverterProcess` runs `kittycash-photo`, which checks the picture and writes the variants.
/// 5. `PhotoStorage` stores the variants under their hash. The worker writes the outcome into the row, with a job that
///    removes the photo when it is not in use after `JobStore.photoGracePeriod`.
/// 6. `PhotoController` sets the photo of the user or group. The photo that it replaces gets a removal job as well.
/// 7. After a crash, the hourly job `uploads.clean` removes folders, rows and staged copies older than
///    `UploadFolder.maxAge`.
struct PhotoUploads: Sendable {
  let store: PhotoConversionStore
  let photos: any PhotoStorage
  /// Longest time to wait for the outcome.
  var timeout: Duration
  /// Longest time to wait for the outcome once the server stops. It has nine seconds to stop.
  private static let shutdownTimeout: Duration = .seconds(5)

  /// Has an upload converted and stored.
  /// - Throws: `PhotoRejection` when the picture is not usable; `PhotoStorageFailure`; `Rejection` when no
  ///   worker answers in time.
  func convert(_ upload: UploadFolder.Upload, logger: Logger, _ write: WriteContext) async throws -> Photo {
    guard case .stored(let photo) = try await outcome(of: upload, for: .photo, logger, write) else {
      throw Self.unknownOutcome
    }
    return photo
  }

  /// Has an upload checked and stored as a receipt.
  /// - Throws: As `convert` does.
  func checkReceipt(
    _ upload: UploadFolder.Upload, logger: Logger, _ write: WriteContext
  ) async throws -> StoredReceipt {
    guard case .receipt(let receipt) = try await outcome(of: upload, for: .receipt, logger, write) else {
      throw Self.unknownOutcome
    }
    return receipt
  }

  /// An older worker does not know what the upload is for.
  private static let unknownOutcome = PhotoStorageFailure(
    description: "a worker of another version converted an upload: update the workers")

  private func outcome(
    of upload: UploadFolder.Upload, for purpose: PhotoConversionStore.Purpose, _ logger: Logger,
    _ write: WriteContext
  ) async throws -> PhotoConversionStore.Outcome {
    try await photos.stage(upload.id, file: upload.original)
    let result: Result<PhotoConversionStore.Outcome, any Error>
    do {
      try await store.request(upload.id, for: purpose, at: .now, write)
      result = .success(try await outcome(of: upload.id, logger))
    } catch { result = .failure(error) }
    // In a task of its own: this one is cancelled when the client disconnects.
    await Task {
      do {
        try await store.remove(upload.id, write)
        try await photos.unstage(upload.id)
      } catch {
        logger.warning("upload not removed", metadata: ["upload": "\(upload.id)", "why": "\(error)"])
      }
    }.value
    return try result.get()
  }

  /// Polls the row, first every 10 ms, at last every 200 ms.
  private func outcome(of upload: ID, _ logger: Logger) async throws -> PhotoConversionStore.Outcome {
    var deadline = ContinuousClock.now + timeout
    var pause: Duration = .milliseconds(10)
    var isStopping = false
    while ContinuousClock.now < deadline {
      try await Task.sleep(for: pause)
      if !isStopping, Task.isShuttingDownGracefully {
        isStopping = true
        deadline = min(deadline, .now + Self.shutdownTimeout)
      }
      pause = min(pause * 3 / 2, .milliseconds(200))
      switch try await store.outcome(of: upload) {
      case .stored(let photo): return .stored(photo)
      case .receipt(let receipt): return .receipt(receipt)
      case .rejected(let rejection): throw rejection
      case .notStored:
        throw PhotoStorageFailure(description: "the worker could not store a photo: see its log")
      case nil: continue
      }
    }
    logger.error(
      "no worker converted a photo in time: start kittycash-server worker, or look at its log",
      metadata: ["upload": "\(upload)"])
    throw Rejection.unavailable(
      "Photo processing is currently unavailable. Nothing was changed; try again in a minute.", retryAfter: 60
    )
  }
}
