import Synchronization

/// The meters of all routes. A route's meter is made when the route is registered, so that a request only adds to
/// numbers that exist.
final class RequestMeters: Sendable {
  private let meters = Mutex<[RouteMeter]>([])
  /// The number of requests that are being answered.
  let inFlight = Atomic(0)

  /// Returns the meter of a route, and makes it at the first call.
  func meter(_ method: String, _ route: String) -> RouteMeter {
    meters.withLock { meters in
      if let existing = meters.first(where: { $0.method == method && $0.route == route }) { return existing }
      let meter = RouteMeter(method, route)
      meters.append(meter)
      return meter
    }
  }

  /// The meter of all requests that no route answers: unknown paths, wrong methods, `OPTIONS`. They share one
  /// label, because a client must not be able to make labels.
  var unmatched: RouteMeter { meter("any", "unmatched") }

  /// The readings of all routes that had at least one request.
  var readings: [RouteMeter.Reading] {
    meters.withLock { $0 }.map(\.reading).filter { !$0.statuses.isEmpty }
  }
}
