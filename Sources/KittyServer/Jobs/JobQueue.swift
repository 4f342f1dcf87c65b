/// A queue of jobs. One worker task takes its jobs one after the other; queues do not wait for each other.
enum JobQueue: Sendable, CaseIterable {
  /// Conversions of photos: a person waits for each.
  case photos
  /// All other jobs, some of which take minutes.
  case general

  /// The queue of each task of a worker: it converts two photos at the same time.
  static let ofWorker: [JobQueue] = [.general, .photos, .photos]

  /// Length of a lease. A job whose worker does not renew its lease in time goes to another worker.
  var lease: Duration {
    switch self {
    // Shorter than the time that an upload waits for its conversion.
    case .photos: .seconds(8)
    case .general: .seconds(60)
    }
  }
}
