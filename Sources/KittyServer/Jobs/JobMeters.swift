/// Counts the outcomes of jobs in this process, by job kind.
final class JobMeters: Sendable {
  enum Outcome: String, CaseIterable, Sendable {
    case done, postponed, failed
    /// Returned to the queue because the worker stops.
    case released
    /// Lost: at the end the job was cancelled, or claimed by another worker.
    case lost
  }

  private let counters: [String: [Outcome: Counter]]
  /// Label of kinds that this version does not know.
  private static let unknown = "unknown"

  init() {
    counters = Dictionary(
      uniqueKeysWithValues: (Job.Kind.allCases.map(\.rawValue) + [Self.unknown]).map { kind in
        (kind, Dictionary(uniqueKeysWithValues: Outcome.allCases.map { ($0, Counter()) }))
      })
  }

  /// Counts the outcome of one job.
  func count(_ kind: String, _ outcome: Outcome) {
    (counters[kind] ?? counters[Self.unknown])?[outcome]?.add()
  }

  /// The counters that are not zero.
  var readings: [(kind: String, outcome: String, number: Int)] {
    counters.sorted { $0.key < $1.key }.flatMap { kind, counters in
      Outcome.allCases.compactMap { outcome in
        let number = counters[outcome]?.value ?? 0
        return number == 0 ? nil : (kind, outcome.rawValue, number)
      }
    }
  }
}
