import FoundationEssentials
import HTTPTypes
import Hummingbird
import KittyShared
import NIOCore

/// Registers one handler for each endpoint of the route table, with the middlewares that the endpoint's declaration
/// asks for.
///
/// A handler gets a decoded and checked body and a `Call`, and returns a `Reply`. Before it runs, the caller is
/// authorised, the query parameters are known, and the body has an accepted form; after it, the caches of every server
/// drop what the route declares to change. The overload of `on` follows from the types of the endpoint:
///
///     routes.on(Endpoints.group) { call in Reply(try await groups.find(call.member.group)) }
///
/// Use `create` and `change` for routes that accept an `Idempotency-Key`, and `shared` for replies that are the same
/// for every member of a group.
struct Routes {
  let router: Router<AppRequestContext>
  private let pipeline: Pipeline
  private let meters: RequestMeters
  private let authorizer: Authorizer
  private let idempotency: Idempotency
  private let bodies: RequestJSON
  private let computations: Computations
  private let isOverloaded: @Sendable () -> Bool
  /// The replies of `shared` routes by path and query: at most 16 MiB.
  private let replies: VersionedCache<String, ByteBuffer>
  /// Largest reply that is cached.
  private static let maxCachedBytes = 16 * 1024
  /// The routes that have a handler.
  private(set) var registered: Set<Route> = []

  /// - Parameters:
  ///   - replyMeter: The meter of the cached replies.
  ///   - isOverloaded: Returns `true` when the database would refuse a write.
  init(
    router: Router<AppRequestContext>, pipeline: Pipeline, authorizer: Authorizer, idempotency: Idempotency,
    bodies: RequestJSON, computations: Computations, meters: RequestMeters, replyMeter: CacheMeter,
    isOverloaded: @escaping @Sendable () -> Bool
  ) {
    self.router = router
    self.pipeline = pipeline
    self.meters = meters
    replies = VersionedCache(capacity: 1024, meter: replyMeter)
    self.authorizer = authorizer
    self.idempotency = idempotency
    self.bodies = bodies
    self.computations = computations
    self.isOverloaded = isOverloaded
  }

  // MARK: - Handlers by the types of their endpoint

  /// Registers a handler: a JSON body in, JSON out.
  mutating func on<Input: KittyShared.RequestBody, Output: Encodable>(
    _ endpoint: Endpoint<Input, Output>,
    _ handler: @escaping @Sendable (Input, Call) async throws -> Reply<Output>
  ) {
    let (bodies, route) = (bodies, endpoint.route)
    register(route) { call in
      try await bodies.withBody(Input.self, of: call) { input, _ in
        try Self.response(try await handler(input, call), route)
      }
    }
  }

  /// Registers a handler: a JSON body in, no content out.
  mutating func on<Input: KittyShared.RequestBody>(
    _ endpoint: Endpoint<Input, Empty>, _ handler: @escaping @Sendable (Input, Call) async throws -> Void
  ) {
    let (bodies, route) = (bodies, endpoint.route)
    register(route) { call in
      try await bodies.withBody(Input.self, of: call) { input, _ in try await handler(input, call) }
      return Response(status: .init(code: route.success))
    }
  }

  /// Registers a handler: no body in, JSON out.
  mutating func on<Output: Encodable>(
    _ endpoint: Endpoint<Empty, Output>,
    _ handler: @escaping @Sendable (Call) async throws -> Reply<Output>
  ) {
    let route = endpoint.route
    register(route) { call in try Self.response(try await handler(call), route) }
  }

  /// Registers a handler: no body in, no content out.
  mutating func on(
    _ endpoint: Endpoint<Empty, Empty>, _ handler: @escaping @Sendable (Call) async throws -> Void
  ) {
    let route = endpoint.route
    register(route) { call in
      try await handler(call)
      return Response(status: .init(code: route.success))
    }
  }

  /// Registers a handler that streams a body which is not JSON: bytes in, JSON out.
  mutating func on<Output: Encodable>(
    _ endpoint: Endpoint<Bytes, Output>,
    _ handler: @escaping @Sendable (Call) async throws -> Reply<Output>
  ) {
    let route = endpoint.route
    register(route) { call in try Self.response(try await handler(call), route) }
  }

  /// Registers a handler that makes the response itself: no body in, bytes out.
  mutating func on(
    _ endpoint: Endpoint<Empty, Bytes>, _ handler: @escaping @Sendable (Call) async throws -> Response
  ) {
    register(endpoint.route, handler)
  }

  // MARK: - Handlers that may be repeated

  /// Registers a handler that makes something new: a JSON body in, JSON out. It accepts an `Idempotency-Key`.
  /// - Parameters:
  ///   - replaysFromStore: `true` when `find` returns the very reply of the first request, whatever came after it; then
  ///     no reply is stored.
  ///   - find: Reads the new resource, for a request whose reply was not stored.
  mutating func create<Input: Creation, Output: Encodable>(
    _ endpoint: Endpoint<Input, Output>,
    _ handler: @escaping @Sendable (Input, Call) async throws -> Reply<Output>,
    replaysFromStore: Bool = false,
    find: @escaping @Sendable (ID, Call) async throws -> Reply<Output>
  ) {
    let (bodies, idempotency, route) = (bodies, idempotency, endpoint.route)
    register(route, isRepeatable: true) { call in
      try await bodies.withBody(Input.self, of: call) { input, bytes in
        try await idempotency.answer(
          call, body: bytes, made: input.id ?? call.newID, replaysFromStore: replaysFromStore,
          handler: {
            try call.requireInUse()
            return try Self.response(try await handler(input, call), route)
          },
          find: { try Self.response(try await find($0, call), route) })
      }
    }
  }

  /// Registers a handler that changes something: a JSON body in, JSON out. It accepts an `Idempotency-Key`, so that a
  /// client that lost the response can retry without a version conflict.
  /// - Parameter find: Reads the changed resource, for a request whose reply was not stored.
  mutating func change<Input: KittyShared.RequestBody, Output: Encodable>(
    _ endpoint: Endpoint<Input, Output>,
    _ handler: @escaping @Sendable (Input, Call) async throws -> Reply<Output>,
    find: @escaping @Sendable (Call) async throws -> Reply<Output>
  ) {
    let (bodies, idempotency, route) = (bodies, idempotency, endpoint.route)
    register(route, isRepeatable: true) { call in
      try await bodies.withBody(Input.self, of: call) { input, bytes in
        try await Self.changed(call, bytes, idempotency, route, find) { try await handler(input, call) }
      }
    }
  }

  /// Registers a handler like `change`, for a body that is too large for the memory. The handler decodes it.
  /// - Parameter advice: What the route takes, for a body of another media type.
  mutating func change<Input: KittyShared.RequestBody, Output: Encodable>(
    _ endpoint: Endpoint<Input, Output>, in files: RequestFiles, advice: String,
    _ handler: @escaping @Sendable (ReceivedFile, Call) async throws -> Reply<Output>,
    find: @escaping @Sendable (Call) async throws -> Reply<Output>
  ) {
    let (idempotency, route) = (idempotency, endpoint.route)
    register(route, isRepeatable: true) { call in
      try await files.withBody(of: call, advice: advice) { bytes in
        try await Self.changed(call, bytes, idempotency, route, find) { try await handler(bytes, call) }
      }
    }
  }

  private static func changed<Output: Encodable>(
    _ call: Call, _ bytes: some ByteSource, _ idempotency: Idempotency, _ route: Route,
    _ find: (Call) async throws -> Reply<Output>, _ handler: () async throws -> Reply<Output>
  ) async throws -> Response {
    try await idempotency.answer(
      call, body: bytes, made: call.newID, replaysFromStore: false,
      handler: {
        // An archived group can itself be changed: that is how it comes back into use.
        if route != Endpoints.changeGroup.route { try call.requireInUse() }
        return try response(try await handler(), route)
      },
      find: { _ in try response(try await find(call), route) })
  }

  // MARK: - Replies that are the same for every member

  /// Registers a handler whose reply is the same for every member of the group, and depends only on the group, its
  /// members and its books: the bytes are cached until one of those changes. `GroupCall` has no caller in it, so the
  /// reply of one member cannot reach another.
  /// - Parameters:
  ///   - isLong: Returns `true` for a call that walks the whole group.
  ///   - filters: Look up the names in the filter of a route that takes one.
  mutating func shared<Output: Encodable>(
    _ endpoint: Endpoint<Empty, Output>, isLong: @escaping @Sendable (GroupCall) -> Bool = { _ in false },
    filters: FilterContextStore? = nil,
    _ handler: @escaping @Sendable (GroupCall) async throws -> Reply<Output>
  ) {
    let (replies, computations, route) = (replies, computations, endpoint.route)
    register(route) { call in
      let key = call.request.uri.string
      if let body = replies.value(for: key, at: call.booksVersion) {
        return .json(body, status: route.success)
      }
      let groupCall = try await Self.groupCall(call, filters)
      let make: @Sendable () async throws -> (ByteBuffer, HTTPFields) = {
        let reply = try await handler(groupCall)
        return (ByteBuffer(bytes: try JSON.bytes(of: reply.output)), reply.headers)
      }
      let (body, headers) =
        isLong(groupCall) ? try await computations.run(for: call, make) : try await make()
      if groupCall.filter == nil, headers.isEmpty, body.readableBytes <= Self.maxCachedBytes,
        key.utf8.count <= 256
      {
        replies.insert(body, for: key, at: groupCall.version)
      }
      return .json(body, status: route.success, headers: headers)
    }
  }

  /// Registers a handler like `shared` for a text that is not JSON. It walks the whole group.
  /// - Parameter handler: Returns the text and its media type. The type depends on the query alone.
  mutating func shared(
    _ endpoint: Endpoint<Empty, Bytes>, filters: FilterContextStore? = nil,
    _ handler: @escaping @Sendable (GroupCall) async throws -> (text: String, type: String)
  ) {
    let (replies, computations, route) = (replies, computations, endpoint.route)
    register(route) { call in
      let key = call.request.uri.string
      // The media type is kept in front of the text.
      if var body = replies.value(for: key, at: call.booksVersion),
        let length = body.readInteger(as: UInt8.self),
        let type = body.readString(length: Int(length))
      {
        return .text(body, type: type)
      }
      let groupCall = try await Self.groupCall(call, filters)
      let (text, type) = try await computations.run(for: call) { try await handler(groupCall) }
      var kept = ByteBuffer()
      kept.writeInteger(UInt8(clamping: type.utf8.count))
      kept.writeString(type)
      kept.writeString(text)
      if groupCall.filter == nil, kept.readableBytes <= Self.maxCachedBytes, key.utf8.count <= 256 {
        replies.insert(kept, for: key, at: groupCall.version)
      }
      return .text(ByteBuffer(string: text), type: type)
    }
  }

  private static func groupCall(_ call: Call, _ filters: FilterContextStore?) async throws -> GroupCall {
    var groupCall = try GroupCall(call)
    groupCall.filter = try await filters?.filter(of: call)
    return groupCall
  }

  // MARK: - Registration

  /// Puts a handler behind the middlewares of its route.
  /// - Parameter isRepeatable: `true` when the route accepts an `Idempotency-Key`; then the handler checks
  ///   `requireInUse` itself.
  private mutating func register(
    _ route: Route, isRepeatable: Bool = false, _ handler: @escaping @Sendable (Call) async throws -> Response
  ) {
    registered.insert(route)
    router.group().addMiddleware {
      pipeline.middlewares(counting: meters.meter(route.method.rawValue, route.path))
      if route.method != .get { OverloadMiddleware(isOverloaded: isOverloaded) }
      QueryParametersMiddleware(known: route.query)
      AuthorizationMiddleware(authorizer: authorizer, route: route, isRepeatable: isRepeatable)
      if let event = SecurityEvent.ofRoute[route] { SecurityLogMiddleware(event: event) }
      AcceptMiddleware(answer: route.answer)
      BodyRulesMiddleware(route: route)
      if let cache = authorizer.cache, route.changes.isOfGroup {
        InvalidationMiddleware(cache: cache, changes: route.changes)
      }
    }.on(RouterPath(route.path), method: route.method.httpMethod) { [isOverloaded] request, context in
      let call = Call(request: request, context: context, now: .now)
      let caller = DatabaseCaller(
        user: call.principal?.user, group: context.authorization.membership?.group)
      return try await DatabaseCaller.$current.withValue(caller) {
        // Asked again, now that the user and the group are known.
        if route.method != .get, isOverloaded() { throw DatabaseFailure.overloaded }
        return try await handler(call)
      }
    }
  }

  /// Puts the pipeline around every request that no route answers. Call it after all routes are registered.
  func registerUnmatched() {
    router.add(middleware: pipeline.middlewares(counting: meters.unmatched))
  }

  private static func response<Output: Encodable>(_ reply: Reply<Output>, _ route: Route) throws -> Response {
    try .json(reply.output, status: reply.status ?? route.success, headers: reply.headers)
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
