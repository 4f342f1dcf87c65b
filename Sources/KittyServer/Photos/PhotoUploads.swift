import KittyShared
import Logging
import ServiceLifecycle

/// Has the worker convert what was uploaded, and waits for its answer: whoever sent a photo is told at once whether
/// it is one.
struct PhotoUploads: Sendable {
  let store: PhotoConversionStore
  let photos: any PhotoStorage
  let outcomes: PhotoConverterProcess.Outcomes
  /// How long the answer is waited for.
  var timeout: Duration
  /// How long the answer is waited for once the server is to stop: it has nine seconds for everything.
  private static let lastPatience: Duration = .seconds(5)
  /// So many may wait at once.
  private let waiting = ConcurrencyLimiter(limit: 32)

  init(
    store: PhotoConversionStore, photos: any PhotoStorage, outcomes: PhotoConverterProcess.Outcomes,
    timeout: Duration
  ) {
    self.store = store
    self.photos = photos
    self.outcomes = outcomes
    self.timeout = timeout
  }

  /// Has an upload converted and kept.
  /// - Throws: `PhotoRejection` when the picture is not taken, `PhotoStorageFailure` when it cannot be kept,
  ///   `Rejection` when too many wait, or no worker answers in time.
  func convert(_ upload: Uploads.Upload, logger: Logger, _ write: WriteContext) async throws -> Photo {
    guard waiting.tryAcquire() else {
      outcomes.turnedAway.add()
      throw Rejection.unavailable(
        "Too many photos are being sent. Try again in a few seconds.", retryAfter: 5)
    }
    defer { waiting.release() }
    try await photos.stage(upload.id, file: upload.file)
    let result: Result<Photo, any Error>
    do {
      try await store.begin(upload.id, at: .now, write)
      result = .success(try await answer(upload.id, logger))
    } catch { result = .failure(error) }
    // Also when whoever sent it has gone away. What is left after a crash is removed within hours.
    await Task {
      do {
        try await store.remove(upload.id, write)
        try await photos.unstage(upload.id)
      } catch {
        logger.warning("an upload is left behind", metadata: ["upload": "\(upload.id)", "why": "\(error)"])
      }
    }.value
    return try result.get()
  }

  private func answer(_ upload: ID, _ logger: Logger) async throws -> Photo {
    var deadline = ContinuousClock.now + timeout
    var pause: Duration = .milliseconds(10)
    var isStopping = false
    while ContinuousClock.now < deadline {
      try await Task.sleep(for: pause)
      if !isStopping, Task.isShuttingDownGracefully {
        isStopping = true
        deadline = min(deadline, .now + Self.lastPatience)
      }
      pause = min(pause * 3 / 2, .milliseconds(200))
      switch try await store.outcome(of: upload) {
      case .kept(let photo): return photo
      case .rejected(let rejection): throw rejection
      case .notKept:
        throw PhotoStorageFailure(description: "the worker could not keep a photo; its log says why")
      case nil: continue
      }
    }
    logger.error(
      "no worker has converted a photo in time: start kittycash-server worker, or look at its log",
      metadata: ["upload": "\(upload)"])
    throw Rejection.unavailable(
      "Photos are not being looked at just now. Nothing was changed; try again in a minute.", retryAfter: 60)
  }
}
