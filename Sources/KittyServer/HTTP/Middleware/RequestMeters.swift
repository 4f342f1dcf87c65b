import Synchronization

/// What is counted of requests: a meter for each route, made when the route is registered, so that a request only
/// adds to numbers that are there.
final class RequestMeters: Sendable {
  private let meters = Mutex<[RouteMeter]>([])
  /// How many are being answered.
  let inFlight = Atomic(0)

  /// The meter of a route.
  func meter(_ method: String, _ route: String) -> RouteMeter {
    meters.withLock { meters in
      if let known = meters.first(where: { $0.method == method && $0.route == route }) { return known }
      let meter = RouteMeter(method, route)
      meters.append(meter)
      return meter
    }
  }

  /// The meter of what no route answers: unknown paths, wrong methods, `OPTIONS`. What stands in such a request is
  /// for nobody to choose a label with.
  var unmatched: RouteMeter { meter("any", "unmatched") }

  /// What was asked at least once.
  var readings: [RouteMeter.Reading] {
    meters.withLock { $0 }.map(\.reading).filter { !$0.statuses.isEmpty }
  }
}

/// What is counted of the requests of one route. `HEAD` counts as the `GET` that it is the head of.
final class RouteMeter: Sendable {
  let method: String
  /// With the names of its holes, as `/v1/groups/{group}`.
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

  /// What was counted up to a moment.
  struct Reading: Sendable {
    let method: String
    let route: String
    /// How many by the status of their answer.
    let statuses: [Int: Int]
    let latencies: LatencyHistogram.Reading
  }
}
