import Hummingbird
import KittyShared

/// Invalidates what the route declares to change, after success and after failure: an unknown part of a failed
/// request may have been done.
struct InvalidationMiddleware: RouterMiddleware {
  let cache: any CacheInvalidation
  let changes: Route.Changes

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    let group = context.authorization.membership?.group
    let response: Response
    do { response = try await next(request, context) } catch {
      await cache.invalidate(after: changes, in: group)
      throw error
    }
    await cache.invalidate(after: changes, in: group)
    return response
  }
}
