import FoundationEssentials
import HTTPTypes
import Hummingbird
import KittyShared
import NIOCore

/// Registers a handler for each endpoint, and does for all of them what the contract promises: who may,
/// known query parameters, a strict body, the right status.
struct Routes {
  let router: Router<AppRequestContext>
  private let pipeline: Pipeline
  private let meters: RequestMeters
  let access: Authorizer
  let idempotency: Idempotency
  /// Whether the database would refuse to write just now.
  private let isOverloaded: @Sendable () -> Bool
  /// Replies of `shared` routes, by their path and query: at most 16 MiB.
  private let replies: VersionedCache<String, ByteBuffer>
  private static let maxRemembered = 16 * 1024
  /// The routes that have a handler.
  private(set) var registered: Set<Route> = []

  /// The largest JSON body: 256 KiB; for an import 20 MiB.
  static let maxBody = 256 * 1024
  static let maxImport = 20 * 1024 * 1024

  init(
    router: Router<AppRequestContext>, pipeline: Pipeline, access: Authorizer, idempotency: Idempotency,
    metrics: Metrics, isOverloaded: @escaping @Sendable () -> Bool
  ) {
    self.router = router
    self.pipeline = pipeline
    meters = metrics.requests
    replies = VersionedCache(capacity: 1024, meter: metrics.caches.replies)
    self.access = access
    self.idempotency = idempotency
    self.isOverloaded = isOverloaded
  }

  /// A JSON body in, JSON out.
  mutating func on<Input: KittyShared.RequestBody, Output: Encodable>(
    _ endpoint: Endpoint<Input, Output>,
    _ handler: @escaping @Sendable (Input, Call) async throws -> Reply<Output>
  ) {
    register(endpoint.route) { call in
      let (input, _) = try await Self.body(Input.self, of: call.request, route: endpoint.route)
      return try Self.response(try await handler(input, call), endpoint.route)
    }
  }

  /// A JSON body in, nothing out.
  mutating func on<Input: KittyShared.RequestBody>(
    _ endpoint: Endpoint<Input, Empty>, _ handler: @escaping @Sendable (Input, Call) async throws -> Void
  ) {
    register(endpoint.route) { call in
      let (input, _) = try await Self.body(Input.self, of: call.request, route: endpoint.route)
      try await handler(input, call)
      return Response(status: .init(code: endpoint.route.success))
    }
  }

  /// A JSON body in that makes something new: it takes an `Idempotency-Key`.
  /// - Parameters:
  ///   - replaysFromStore: Whether `find` gives the very answer of the first time, whatever came after; then no
  ///     answer is kept.
  ///   - find: Reads what was made, for a request whose answer was not kept.
  mutating func create<Input: Creation, Output: Encodable>(
    _ endpoint: Endpoint<Input, Output>,
    _ handler: @escaping @Sendable (Input, Call) async throws -> Reply<Output>,
    replaysFromStore: Bool = false,
    find: @escaping @Sendable (ID, Call) async throws -> Reply<Output>
  ) {
    let idempotency = idempotency
    register(endpoint.route, isRepeatable: true) { call in
      let (input, bytes) = try await Self.body(Input.self, of: call.request, route: endpoint.route)
      return try await idempotency.answer(
        call, body: bytes, made: input.id ?? call.newID, replaysFromStore: replaysFromStore,
        handler: {
          try call.requireInUse()
          return try Self.response(try await handler(input, call), endpoint.route)
        },
        find: { try Self.response(try await find($0, call), endpoint.route) })
    }
  }

  /// A JSON body in that changes what is there: it takes an `Idempotency-Key` too, so that who did not hear the
  /// answer can ask again and is not told that somebody changed it meanwhile.
  /// - Parameter find: Reads what was changed, for a request whose answer was not kept.
  mutating func change<Input: KittyShared.RequestBody, Output: Encodable>(
    _ endpoint: Endpoint<Input, Output>,
    _ handler: @escaping @Sendable (Input, Call) async throws -> Reply<Output>,
    find: @escaping @Sendable (Call) async throws -> Reply<Output>
  ) {
    let idempotency = idempotency
    register(endpoint.route, isRepeatable: true) { call in
      let (input, bytes) = try await Self.body(Input.self, of: call.request, route: endpoint.route)
      return try await idempotency.answer(
        call, body: bytes, made: call.newID, replaysFromStore: false,
        handler: {
          // Bringing an archived group back is a change of the group itself.
          if endpoint.route != Endpoints.changeGroup.route { try call.requireInUse() }
          return try Self.response(try await handler(input, call), endpoint.route)
        },
        find: { _ in try Self.response(try await find(call), endpoint.route) })
    }
  }

  private static func response<Output: Encodable>(_ reply: Reply<Output>, _ route: Route) throws -> Response {
    try .json(reply.output, status: reply.status ?? route.success, headers: reply.headers)
  }

  /// No body in, JSON out.
  mutating func on<Output: Encodable>(
    _ endpoint: Endpoint<Empty, Output>,
    _ handler: @escaping @Sendable (Call) async throws -> Reply<Output>
  ) {
    register(endpoint.route) { call in
      let reply = try await handler(call)
      return try .json(reply.output, status: endpoint.route.success, headers: reply.headers)
    }
  }

  /// JSON out that says the same to every member of the group, and depends on nothing but the group, its
  /// members and its books: the bytes are remembered for as long as those stay as they are.
  mutating func shared<Output: Encodable>(
    _ endpoint: Endpoint<Empty, Output>,
    _ handler: @escaping @Sendable (Call) async throws -> Reply<Output>
  ) {
    let replies = replies
    register(endpoint.route) { call in
      let key = call.request.uri.string
      if let body = replies.value(for: key, at: call.booksVersion) {
        return .json(body, status: endpoint.route.success)
      }
      let reply = try await handler(call)
      let body = ByteBuffer(bytes: try JSON.bytes(of: reply.output))
      if reply.headers.isEmpty, body.readableBytes <= Self.maxRemembered, key.utf8.count <= 256 {
        replies.insert(body, for: key, at: call.booksVersion)
      }
      return .json(body, status: endpoint.route.success, headers: reply.headers)
    }
  }

  /// Nothing in, nothing out.
  mutating func on(
    _ endpoint: Endpoint<Empty, Empty>, _ handler: @escaping @Sendable (Call) async throws -> Void
  ) {
    register(endpoint.route) { call in
      try await handler(call)
      return Response(status: .init(code: endpoint.route.success))
    }
  }

  /// A body that is not JSON; the handler reads it as it comes.
  mutating func on<Output: Encodable>(
    _ endpoint: Endpoint<Bytes, Output>,
    _ handler: @escaping @Sendable (Call) async throws -> Reply<Output>
  ) {
    register(endpoint.route) { call in
      let reply = try await handler(call)
      return try .json(reply.output, status: endpoint.route.success, headers: reply.headers)
    }
  }

  /// Bytes out; the handler makes the answer.
  mutating func on(
    _ endpoint: Endpoint<Empty, Bytes>, _ handler: @escaping @Sendable (Call) async throws -> Response
  ) {
    register(endpoint.route, handler)
  }

  /// - Parameter isRepeatable: Whether it takes an `Idempotency-Key`, and looks at `requireInUse` itself.
  private mutating func register(
    _ route: Route, isRepeatable: Bool = false, _ handler: @escaping @Sendable (Call) async throws -> Response
  ) {
    registered.insert(route)
    let (access, isOverloaded) = (access, isOverloaded)
    let measured = MeasuredPipeline(
      pipeline: pipeline, meters: meters, meter: meters.meter(route.method.rawValue, route.path))
    router.group().add(middleware: measured).on(
      RouterPath(route.path), method: route.method.httpMethod
    ) { request, context in
      // What would be refused after all the work that it takes to get there is refused before.
      if route.method != .get, isOverloaded() { throw DatabaseFailure.overloaded }
      let query = try Self.query(of: request, known: route.query)
      let mayBeRepeated = isRepeatable && request.headers[.idempotencyKey] != nil
      let grant = try await access.check(
        route, request: request, context: context, mayBeRepeated: mayBeRepeated)
      if route.answer == .json { try Negotiation.requireAccepted("application/json", by: request) }
      if route.body == .nothing {
        try Self.requireNoBody(request)
      } else {
        try Negotiation.requireUnpacked(request)
      }
      let call = Call(request: request, context: context, grant: grant, query: query, now: .now)
      let answer: Response
      do { answer = try await handler(call) } catch {
        await access.invalidate(after: route, grant.membership)
        throw error
      }
      await access.invalidate(after: route, grant.membership)
      // Which form it has, only the handler knows; such a route is a GET, and has changed nothing.
      if route.answer == .bytes, let type = answer.headers[.contentType] {
        try Negotiation.requireAccepted(type, by: request)
      }
      return answer
    }
  }

  /// Has everything that no route answers go through the pipeline too. To be called once all are registered.
  func registerTheRest() {
    router.add(
      middleware: MeasuredPipeline(pipeline: pipeline, meters: meters, meter: meters.unmatched))
  }

  private static func query(of request: Request, known: [String]) throws(Rejection) -> [String: String] {
    var query: [String: String] = [:]
    for (key, value) in request.uri.queryParameters {
      let name = String(key)
      guard known.contains(name) else {
        let names = known.isEmpty ? "This route has none." : "Known: \(known.joined(separator: ", "))."
        throw .invalid(
          String(name.prefix(64)), "unknown_parameter", "There is no such query parameter. \(names)")
      }
      guard query.updateValue(String(value), forKey: name) == nil else {
        throw .invalid(name, "twice", "Send this parameter once.")
      }
    }
    return query
  }

  private static func body<Input: KittyShared.RequestBody>(
    _ type: Input.Type, of request: Request, route: Route
  ) async throws -> (Input, Data) {
    let mediaType = request.headers[.contentType]?.split(separator: ";").first.map {
      String($0).trimmed.lowercased()
    }
    guard mediaType == "application/json" else {
      throw Problem(
        415, "unsupported_media_type", "This kind of body is not understood",
        "Send JSON with Content-Type: application/json (curl: --json '{…}').")
    }
    let limit = route == Endpoints.importGroup.route ? maxImport : maxBody
    // Who says so beforehand need not send it.
    if let text = request.headers[.contentLength], let length = Int(text), length > limit {
      throw Pipeline.tooLarge(limit)
    }
    let body: Data
    do {
      body = Data(try await request.body.collect(upTo: limit).readableBytesView)
    } catch is NIOTooManyBytesError {
      throw Pipeline.tooLarge(limit)
    }
    return (try JSON.decodeRequest(type, from: body).checked(), body)
  }

  /// - Throws: `Rejection` for a body that nobody would read.
  private static func requireNoBody(_ request: Request) throws(Rejection) {
    let length = request.headers[.contentLength] ?? "0"
    guard length == "0", request.headers[.transferEncoding] == nil else {
      throw .invalid("body", "unexpected", "This route takes no body. Leave it out.")
    }
  }
}

extension Route.Method {
  fileprivate var httpMethod: HTTPRequest.Method {
    switch self {
    case .get: .get
    case .post: .post
    case .put: .put
    case .patch: .patch
    case .delete: .delete
    }
  }
}
