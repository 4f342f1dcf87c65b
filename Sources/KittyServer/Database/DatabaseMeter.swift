/// Counters of the batches of statements, and of their failures.
final class DatabaseMeter: Sendable {
  let reads = Batches()
  let writes = Batches()
  private let unavailable = Counter()
  private let refused = Counter()
  private let faults = Counter()

  /// Batches of statements, each a transaction.
  final class Batches: Sendable {
    let latencies = LatencyHistogram()
    let statements = Counter()
  }

  func failed(_ error: any Error) {
    switch error {
    case DatabaseFailure.unavailable, DatabaseFailure.overloaded, DatabaseFailure.tooSlow: unavailable.add()
    case DatabaseFailure.notUnique, DatabaseFailure.brokenReference, DatabaseFailure.refused,
      DatabaseFailure.outOfRange:
      refused.add()
    default: faults.add()
    }
  }

  /// The number of failed batches by their cause: the database was unavailable or overloaded; a rule of the schema
  /// refused the statements, for example because of a duplicate name; a bug in the program.
  var failures: [(kind: String, number: Int)] {
    [("unavailable", unavailable.value), ("refused", refused.value), ("fault", faults.value)]
  }
}
