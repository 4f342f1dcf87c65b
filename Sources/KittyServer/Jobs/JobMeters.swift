/// How jobs end in this process, counted by their kind.
final class JobMeters: Sendable {
  /// How it ended.
  enum Outcome: String, CaseIterable, Sendable {
    case done, postponed, failed
    /// Given back, because the worker stops.
    case released
    /// By the time it ended it was another worker's, or nobody's.
    case lost
  }

  private let counters: [String: [Outcome: Counter]]
  /// Of a kind that this version does not know.
  private static let unknown = "unknown"

  init() {
    counters = Dictionary(
      uniqueKeysWithValues: (Job.Kind.allCases.map(\.rawValue) + [Self.unknown]).map { kind in
        (kind, Dictionary(uniqueKeysWithValues: Outcome.allCases.map { ($0, Counter()) }))
      })
  }

  /// Counts one.
  func count(_ kind: String, _ ending: Outcome) { (counters[kind] ?? counters[Self.unknown])?[ending]?.add() }

  /// What was counted, without the zeros.
  var readings: [(kind: String, outcome: String, number: Int)] {
    counters.sorted { $0.key < $1.key }.flatMap { kind, endings in
      Outcome.allCases.compactMap { ending in
        let number = endings[ending]?.value ?? 0
        return number == 0 ? nil : (kind, ending.rawValue, number)
      }
    }
  }
}
