import Hummingbird

/// Counts the requests of one route: how many are in flight, their statuses and their latencies.
struct RequestMetricsMiddleware: RouterMiddleware {
  let meters: RequestMeters
  let meter: RouteMeter

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    meters.inFlight.add(1, ordering: .relaxed)
    defer { meters.inFlight.subtract(1, ordering: .relaxed) }
    let start = ContinuousClock.now
    let response = try await next(request, context)
    meter.add(status: response.status.code, ContinuousClock.now - start)
    return response
  }
}
