/// Counts the requests that are refused before the router, which no log line and no route counts.
final class RefusalMeter: Sendable {
  private let notHTTP = Counter()
  private let tooLarge = Counter()

  /// Counts a refused request.
  func add(status: Int) { (status == 431 ? tooLarge : notHTTP).add() }

  /// The number of refused requests by status.
  var readings: [(status: Int, number: Int)] { [(400, notHTTP.value), (431, tooLarge.value)] }
}
