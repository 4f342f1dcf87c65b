import Hummingbird
import KittyShared

/// Announces what the route declares to change, and invalidates it: after success and after failure, since an unknown
/// part of a failed request may have been done.
struct InvalidationMiddleware: RouterMiddleware {
  let cache: any CacheInvalidation
  let changes: Route.Changes

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    let tags = CacheTag.tags(of: changes, in: context.authorization.membership?.group)
    return try await context.write.changing(tags, in: cache) {
      try await next(request, context)
    } changed: { _ in
      tags
    }
  }
}
