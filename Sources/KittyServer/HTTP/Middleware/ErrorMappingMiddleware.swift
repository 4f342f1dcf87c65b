import HTTPTypes
import Hummingbird
import KittyShared
import NIOHTTP1

/// Answers every error with a problem. `ProblemMapping` decides which one.
struct ErrorMappingMiddleware: RouterMiddleware {
  private let mapping = ProblemMapping()

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    do { return try await next(request, context) } catch {
      return try response(to: error, request, context)
    }
  }

  private func response(
    to error: any Error, _ request: Request, _ context: AppRequestContext
  ) throws -> Response {
    if let event = (error as? Rejection).flatMap({ SecurityEvent($0) }) { context.note(event, of: request) }
    let problem = mapping.problem(for: error, request, context, hasWritten: context.write.hasWritten)
    var headers = Negotiation.headers(for: problem.status, request)
    if error is HTTPParserError { headers[.connection] = "close" }
    return try .problem(problem, requestID: context.requestID, headers: headers)
  }
}
