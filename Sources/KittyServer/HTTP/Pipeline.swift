import FoundationEssentials
import HTTPTypes
import Hummingbird
import KittyShared
import Logging
import NIOCore

/// What happens around every request: an id, one shape for every error, one line in the log.
struct Pipeline: RouterMiddleware {
  func handle(
    _ request: Request, context: KittyContext,
    next: (Request, KittyContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var context = context
    context.requestID = Self.requestID(request)
    context.logger[metadataKey: "requestId"] = "\(context.requestID)"
    var response: Response
    do {
      response = try await next(request, context)
    } catch {
      response = try .problem(
        problem(for: error, request, context), requestID: context.requestID, headers: headers(error, request))
    }
    response.headers[.requestID] = context.requestID
    response.headers[.xContentTypeOptions] = "nosniff"
    // The path without its query: a query may hold what should not be in a log.
    context.logger.info(
      "request",
      metadata: [
        "method": "\(request.method)", "path": "\(request.uri.path)", "status": "\(response.status.code)",
        "milliseconds": "\((ContinuousClock.now - start).milliseconds)",
        "agent": "\((request.headers[.userAgent] ?? "-").prefix(200))",
      ])
    return response
  }

  /// The client's id when it is a plain short word, else one of ours.
  private static func requestID(_ request: Request) -> String {
    guard let sent = request.headers[.requestID], (1...64).contains(sent.utf8.count) else {
      return ID(at: .now).description
    }
    let isPlain = sent.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    return isPlain ? sent : ID(at: .now).description
  }

  private func problem(for error: any Error, _ request: Request, _ context: KittyContext) -> Problem {
    switch error {
    case let problem as Problem:
      return problem
    case DatabaseFailure.unavailable(let why, let maybeApplied):
      context.logger.error("database unavailable", metadata: ["why": "\(why)"])
      // A code of its own: a client must not say of these that nothing was saved.
      return maybeApplied
        ? Problem(
          503, "outcome_unknown", "Nobody knows whether it was done",
          "The database did not answer. What you sent may or may not have been done: look before you repeat it.",
          retryAfter: 1)
        : .unavailable("The database is not available just now. Nothing was changed; try again.")
    case let error as NIOTooManyBytesError:
      return Self.tooLarge(error.maxBytes)
    case is CancellationError:
      return .unavailable("The server is stopping. Try again.")
    case let error as HTTPError where error.status == .notFound:
      if Self.methods(at: request.uri.path).isEmpty { return .notFound("page") }
      return Problem(
        405, "method_not_allowed", "This method does not work here",
        "\(request.method) does not work on this path. Allowed: \(Self.methods(at: request.uri.path).joined(separator: ", "))."
      )
    case let error as HTTPError where (400..<500).contains(error.status.code):
      return Problem(
        error.status.code, "bad_request", "The request cannot be understood",
        error.body ?? "Check the request.")
    default:
      context.logger.error("fault", metadata: ["error": "\(String(reflecting: error))"])
      return Problem(
        500, "fault", "Something went wrong in the server",
        "This is not your fault. Please report it with the request id \(context.requestID).")
    }
  }

  /// 413.
  /// - Parameter limit: How many bytes the route takes.
  static func tooLarge(_ limit: Int?) -> Problem {
    let words = limit.map { "at most \($0) bytes" } ?? "less"
    return Problem(
      413, "too_large", "The request is too large", "This route takes \(words). Send a smaller body.",
      errors: [FieldError(field: "body", code: "too_large", message: "Send \(words).")])
  }

  private func headers(_ error: any Error, _ request: Request) -> HTTPFields {
    guard let error = error as? HTTPError, error.status == .notFound else { return [:] }
    let methods = Self.methods(at: request.uri.path)
    return methods.isEmpty ? [:] : [.allow: methods.joined(separator: ", ")]
  }

  /// The methods of the routes that a path fits.
  private static func methods(at path: String) -> [String] {
    let parts = path.split(separator: "/")
    return Endpoints.all.filter { route in
      let pattern = route.path.split(separator: "/")
      return pattern.count == parts.count
        && zip(pattern, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
    }.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] }
  }
}

extension HTTPField.Name {
  /// `X-Request-Id`.
  static let requestID = literal("X-Request-Id")
  /// `Idempotency-Key`, of the IETF's draft of that name.
  static let idempotencyKey = literal("Idempotency-Key")
  /// `Link`, of RFC 8288.
  static let link = literal("Link")

  private static func literal(_ text: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is not a header's name") }
    return name
  }
}

extension Instant {
  /// The present moment.
  static var now: Instant { Instant(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }
}

extension Duration {
  fileprivate var milliseconds: Double {
    let (seconds, attoseconds) = components
    return (Double(seconds) * 1e6 + (Double(attoseconds) / 1e12).rounded()) / 1000
  }
}
