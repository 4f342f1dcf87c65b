/// Jobs that are done one after the other; what is in another queue is not waited for.
enum JobQueue: Sendable, CaseIterable {
  /// Photos that somebody has sent and waits for.
  case photos
  /// Everything else, some of which takes minutes.
  case general

  /// The queues of a worker: two photos at once.
  static let all: [JobQueue] = [.general, .photos, .photos]

  /// Which jobs are in it.
  var condition: SQL {
    switch self {
    case .photos: "kind = \(Job.Kind.convertPhoto.rawValue)"
    case .general: "kind <> \(Job.Kind.convertPhoto.rawValue)"
    }
  }

  /// How long a worker may be silent before another one takes its job over.
  var lease: Duration {
    switch self {
    // Shorter than the person waits.
    case .photos: .seconds(8)
    case .general: .seconds(60)
    }
  }
}
