import Synchronization

/// Statuses and latencies of the requests of one route. `HEAD` counts as `GET`.
final class RouteMeter: Sendable {
  let method: String
  /// The path with the names of its parameters, such as `/v1/groups/{group}`.
  let route: String
  private let latencies = LatencyHistogram()
  private let statuses = Mutex<[Int: Int]>([:])

  init(_ method: String, _ route: String) {
    self.method = method
    self.route = route
  }

  func add(status: Int, _ duration: Duration) {
    statuses.withLock { $0[status, default: 0] += 1 }
    latencies.add(duration)
  }

  var reading: Reading {
    Reading(
      method: method, route: route, statuses: statuses.withLock { $0 }, latencies: latencies.reading)
  }

  /// The counts up to a moment.
  struct Reading: Sendable {
    let method: String
    let route: String
    /// The number of requests by the status of their response.
    let statuses: [Int: Int]
    let latencies: LatencyHistogram.Reading
  }
}
