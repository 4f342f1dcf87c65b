import FoundationEssentials
import HTTPTypes
import Hummingbird
import KittyShared
import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// What happens around every request: an id, who sent it, whether that is too often, one shape for every error,
/// one line in the log.
final class Pipeline: Sendable {
  private let limits: Limits
  private let proxies: TrustedProxies
  private let crossOrigin: CrossOrigin
  private let refusals = OverloadLog()
  /// Whether the log says already that a proxy is not trusted.
  private let hasWarned = Atomic(false)

  init(limits: Limits, proxies: TrustedProxies, crossOrigin: CrossOrigin) {
    self.limits = limits
    self.proxies = proxies
    self.crossOrigin = crossOrigin
  }

  /// - Parameter meter: What counts the requests of the route.
  func handle(
    _ request: Request, context: AppRequestContext, meter: RouteMeter,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    let start = ContinuousClock.now
    var context = context
    context.requestID = Self.requestID(request)
    context.logger[metadataKey: "requestId"] = "\(context.requestID)"
    context.client = client(request, context)
    // Monitors ask as often as they like.
    let standing =
      request.uri.path.hasPrefix("/health/")
      ? nil : limits.count(token: Authorizer.token(request), address: context.client)
    var response: Response
    // A refusal by another limit says itself how long to wait; that there is room here would only confuse.
    var isRefused = false
    let written = IdempotencyClaim.Flag()
    do {
      if let standing, standing.isExceeded { throw standing.problem }
      response =
        switch request.method {
        case .options: try Negotiation.options(request, crossOrigin)
        case .get, .head: try await next(request, context)
        default:
          try await WrittenByRequest.$flag.withValue(written) { try await next(request, context) }
        }
    } catch {
      let problem = problem(for: error, request, context, hasWritten: written.isSet)
      isRefused = problem.status == 429 && standing?.isExceeded != true
      var headers = Negotiation.headers(for: problem.status, request)
      if error is HTTPParserError { headers[.connection] = "close" }
      response = try .problem(problem, requestID: context.requestID, headers: headers)
    }
    response.headers[.requestID] = context.requestID
    response.headers[.xContentTypeOptions] = "nosniff"
    if !isRefused { standing?.write(to: &response.headers) }
    crossOrigin.write(to: &response.headers, for: request)
    let duration = ContinuousClock.now - start
    meter.add(status: response.status.code, duration)
    // The path without its query: a query may hold what should not be in a log.
    context.logger.info(
      "request",
      metadata: [
        "client": "\(context.client)", "method": "\(request.method)", "path": "\(request.uri.path)",
        "status": "\(response.status.code)",
        "milliseconds": "\(duration.milliseconds)",
        "agent": "\((request.headers[.userAgent] ?? "-").prefix(200))",
      ])
    return response
  }

  private func client(_ request: Request, _ context: AppRequestContext) -> ClientAddress {
    let peer = ClientAddress(context.peer) ?? .unknown
    let client = proxies.client(peer: peer, forwarded: request.headers[values: .forwardedFor])
    if client == peer, request.headers[.forwardedFor] != nil, !proxies.trusts(peer),
      !hasWarned.exchange(true, ordering: .relaxed)
    {
      context.logger.warning(
        "X-Forwarded-For is not believed: if this is a proxy of yours, name it in TRUSTED_PROXIES",
        metadata: ["from": "\(peer)"])
    }
    return client
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

  /// - Parameter hasWritten: Whether a transaction of the request is in the database already.
  private func problem(
    for error: any Error, _ request: Request, _ context: AppRequestContext, hasWritten: Bool
  ) -> Problem {
    // A code of its own: a client must not say of these that nothing was saved.
    var unknown: Problem {
      Problem(
        503, "outcome_unknown", "Nobody knows whether it was done",
        "The database did not answer. What you sent may or may not have been done: look before you repeat it.",
        retryAfter: 1)
    }
    switch error {
    case let rejection as Rejection:
      return Problem(rejection)
    case let problem as Problem:
      return problem
    case DatabaseFailure.overloaded:
      refusals.note(context.logger)
      if hasWritten { return unknown }
      return Problem(
        .unavailable("More is asked for just now than can be done. Nothing was changed; try again."))
    case DatabaseFailure.unavailable(let why, let maybeApplied):
      context.logger.error("database unavailable", metadata: ["why": "\(why)"])
      let isRead = request.method == .get || request.method == .head
      if hasWritten || (maybeApplied && !isRead) { return unknown }
      return Problem(.unavailable("The database is not available just now. Nothing was changed; try again."))
    case let error as NIOTooManyBytesError:
      return Self.tooLarge(error.maxBytes)
    case is HTTPParserError:
      // Of a body; what is wrong with a head never comes here.
      return Problem(
        400, "not_http", "The body of the request cannot be read",
        "It broke off, or is not made up as HTTP/1.1 says. Send it again.")
    case is CancellationError:
      return Problem(.unavailable("The server is stopping. Try again."))
    case let error as HTTPError where error.status == .notFound:
      let routes = Negotiation.routes(at: request.uri.path)
      if routes.isEmpty { return Problem(.notFound("page")) }
      return Problem(
        405, "method_not_allowed", "This method does not work here",
        "\(request.method) does not work on this path. Allowed: \(Negotiation.allow(routes)).")
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
}

/// What was refused because the database had too much to do: a line in the log once a second, and not for each.
private final class OverloadLog: Sendable {
  private let state = Mutex((count: 0, next: ContinuousClock.now))

  func note(_ logger: Logger) {
    let count = state.withLock { state in
      state.count += 1
      let now = ContinuousClock.now
      guard now >= state.next else { return 0 }
      defer { state = (0, now + .seconds(1)) }
      return state.count
    }
    if count > 0 {
      logger.warning("too many requests wait for the database", metadata: ["refused": "\(count)"])
    }
  }
}

/// The pipeline as it stands around one route, and counts that route's requests.
struct MeasuredPipeline: RouterMiddleware {
  let pipeline: Pipeline
  let meters: RequestMeters
  let meter: RouteMeter

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    meters.inFlight.add(1, ordering: .relaxed)
    defer { meters.inFlight.subtract(1, ordering: .relaxed) }
    return try await pipeline.handle(request, context: context, meter: meter, next: next)
  }
}

extension HTTPField.Name {
  /// `X-Request-Id`.
  static let requestID = literal("X-Request-Id")
  /// `Idempotency-Key`, of the IETF's draft of that name.
  static let idempotencyKey = literal("Idempotency-Key")
  /// `Link`, of RFC 8288.
  static let link = literal("Link")
  /// `Host`.
  static let host = literal("Host")
  /// `X-Forwarded-For`.
  static let forwardedFor = literal("X-Forwarded-For")
  /// `Accept-Post`.
  static let acceptPost = literal("Accept-Post")
  /// `Accept-Patch`, of RFC 5789.
  static let acceptPatch = literal("Accept-Patch")
  /// `RateLimit`, of the IETF's draft "RateLimit header fields for HTTP".
  static let rateLimit = literal("RateLimit")
  /// `RateLimit-Policy`, of the same.
  static let rateLimitPolicy = literal("RateLimit-Policy")

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
