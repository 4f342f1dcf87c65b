import Hummingbird

/// Refuses a write early when the database is overloaded: the write itself would be refused at the end, after all
/// the work before it.
struct OverloadMiddleware: RouterMiddleware {
  /// Returns `true` when the database would refuse a write.
  let isOverloaded: @Sendable () -> Bool

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    if isOverloaded() { throw DatabaseFailure.overloaded }
    return try await next(request, context)
  }
}
