import HTTPTypes
import Hummingbird
import KittyShared
import NIOCore
import NIOHTTP1
import SystemPackage
import _NIOFileSystem

/// The problem for each error of the layers below and of the libraries: the only place that knows them all.
final class ProblemMapping: Sendable {
  private let overloads = OverloadLog()

  /// Returns the problem for an error, and logs the errors that an administrator must know of.
  /// - Parameter hasWritten: `true` when a transaction of the request is in the database already.
  func problem(
    for error: any Error, _ request: Request, _ context: AppRequestContext, hasWritten: Bool
  ) -> Problem {
    switch error {
    case let rejection as Rejection: return Problem(rejection)
    case let problem as Problem: return problem
    case let failure as DatabaseFailure:
      return problem(for: failure, request, context, hasWritten: hasWritten)
    case let error as NIOTooManyBytesError: return .tooLarge(limit: error.maxBytes)
    case is HTTPParserError:
      // Of a body: an error in a request head never reaches the router.
      return Problem(
        400, "not_http", "The request body cannot be read",
        "The body ended early or is not valid HTTP/1.1. Send the request again.")
    case is CancellationError:
      if hasWritten { return Self.outcomeUnknown(context) }
      return Problem(.unavailable("The server is stopping. Nothing was changed; try again."))
    case is ChannelError: return Self.clientLeft
    case let error as IOError:
      return problem(for: Errno(rawValue: error.errnoCode), of: error, context, hasWritten: hasWritten)
    case let error as FileSystemError.SystemCallError:
      return problem(for: error.errno, of: error, context, hasWritten: hasWritten)
    case let error as FileSystemError:
      // Its cause is the reason: the disk, or the client whose body was written to the file.
      guard let cause = error.cause else { return fault(error, context) }
      return problem(for: cause, request, context, hasWritten: hasWritten)
    case let error as HTTPError: return problem(for: error, request, context)
    default: return fault(error, context)
    }
  }

  private func problem(
    for failure: DatabaseFailure, _ request: Request, _ context: AppRequestContext, hasWritten: Bool
  ) -> Problem {
    switch failure {
    case .overloaded:
      overloads.note(context.logger)
      if hasWritten { return Self.outcomeUnknown(context) }
      return Problem(
        .unavailable("The server is overloaded. Nothing was changed; try again in a few seconds."))
    case .tooSlow(let why):
      context.logger.warning("a statement took too long", metadata: ["why": "\(why)"])
      if hasWritten { return Self.outcomeUnknown(context) }
      return Problem(
        .unavailable(
          "The request took too long for the database, and was stopped. Nothing was changed; try again later, and ask for less if it happens again.",
          retryAfter: 5))
    case .unavailable(let why, let maybeApplied):
      context.logger.error("database unavailable", metadata: ["why": "\(why)"])
      let isRead = request.method == .get || request.method == .head
      if hasWritten || (maybeApplied && !isRead) { return Self.outcomeUnknown(context) }
      return Problem(
        .unavailable("The database is currently not available. Nothing was changed; try again."))
    default: return fault(failure, context)
    }
  }

  private func problem(
    for number: Errno, of error: any Error, _ context: AppRequestContext, hasWritten: Bool
  ) -> Problem {
    if Self.connectionErrors.contains(number) { return Self.clientLeft }
    guard Self.fullDiskErrors.contains(number) else { return fault(error, context) }
    context.logger.error("the disk is full", metadata: ["why": "\(error)"])
    return hasWritten ? Self.outcomeUnknown(context) : Problem(.fullDisk)
  }

  private func problem(for error: HTTPError, _ request: Request, _ context: AppRequestContext) -> Problem {
    if error.status == .notFound {
      let routes = Negotiation.routes(at: request.uri.path)
      if routes.isEmpty { return Problem(.notFound("page")) }
      return Problem(
        405, "method_not_allowed", "The method is not allowed",
        "\(request.method) does not work on this path. Allowed: \(Negotiation.allow(routes)).")
    }
    guard (400..<500).contains(error.status.code) else { return fault(error, context) }
    return Problem(
      error.status.code, "bad_request", "The request cannot be understood",
      error.body ?? "Check the request.")
  }

  private func fault(_ error: any Error, _ context: AppRequestContext) -> Problem {
    context.logger.error("fault", metadata: ["error": "\(String(reflecting: error))"])
    return Problem(
      500, "fault", "Something went wrong in the server",
      "This is not your fault. Please report it with the request id \(context.requestID).")
  }

  /// 503 with a code of its own: a client must not report after it that nothing was saved.
  private static func outcomeUnknown(_ context: AppRequestContext) -> Problem {
    let advice =
      context.write.hasGuard
      ? "Repeat it with the same Idempotency-Key: it cannot be done twice."
      : "Check before you repeat it."
    return Problem(
      503, "outcome_unknown", "The outcome is unknown",
      "The request was interrupted, so it may or may not have been done. \(advice)", retryAfter: 1)
  }

  /// The errors of a connection whose client went away before the end of its request.
  private static let connectionErrors: Set<Errno> = [
    .connectionReset, .brokenPipe, .socketNotConnected, .timedOut,
  ]
  private static let fullDiskErrors: Set<Errno> = [.noSpace, .diskQuotaExceeded]

  /// For the log and the metrics; the client is not there to read it. It is no fault of the server.
  private static let clientLeft = Problem(
    400, "not_http", "The request body cannot be read",
    "The connection ended before the body did. Send the request again.")
}

extension Rejection {
  /// The disk with the data folder is full.
  static let fullDisk = Rejection.unavailable(
    "The disk of the server is full. Nothing was changed; the operator must free space. Try again later.",
    retryAfter: 60)
}

extension Problem {
  /// 413.
  /// - Parameter limit: The largest body of the route, in bytes.
  static func tooLarge(limit: Int?) -> Problem {
    let words = limit.map { "at most \($0) bytes" } ?? "less"
    return Problem(
      413, "too_large", "The request is too large", "This route accepts \(words). Send a smaller body.",
      errors: [FieldError(field: "body", code: "too_large", message: "Send \(words).")])
  }
}
