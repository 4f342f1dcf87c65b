import HTTPTypes
import Hummingbird
import NIOHTTP1

/// Answers every error with a problem. `ProblemMapping` decides which one.
struct ErrorMappingMiddleware: RouterMiddleware {
  private let mapping = ProblemMapping()

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    guard request.method != .get, request.method != .head else {
      do { return try await next(request, context) } catch {
        return try response(to: error, request, context, hasWritten: false)
      }
    }
    let written = IdempotencyClaim.Flag()
    do {
      return try await WrittenByRequest.$flag.withValue(written) { try await next(request, context) }
    } catch {
      return try response(to: error, request, context, hasWritten: written.isSet)
    }
  }

  private func response(
    to error: any Error, _ request: Request, _ context: AppRequestContext, hasWritten: Bool
  ) throws -> Response {
    let problem = mapping.problem(for: error, request, context, hasWritten: hasWritten)
    var headers = Negotiation.headers(for: problem.status, request)
    if error is HTTPParserError { headers[.connection] = "close" }
    return try .problem(problem, requestID: context.requestID, headers: headers)
  }
}
