import HTTPTypes
import Hummingbird
import HummingbirdCore
import KittyShared
import Logging
import Sodium

/// The server for ssh gateways, on a port of its own that only they can reach. Each request has the secret of the operator.
struct SSHGatewayServer: Sendable {
  private let access: SSHAccess
  private let bodies: RequestJSON
  /// Hashes are compared, so that the time tells nothing of the secret.
  private let secretHash: [UInt8]

  init(_ access: SSHAccess, bodies: RequestJSON, secret: String) {
    self.access = access
    self.bodies = bodies
    secretHash = SHA256.hash(Array(secret.utf8))
  }

  /// Makes the server.
  /// - Parameter onReady: Called with the port once it listens.
  func application(
    host: String, port: Int, logger: Logger, onReady: @escaping @Sendable (Int) -> Void = { _ in }
  ) -> some ApplicationProtocol {
    let channel = HTTP1Channel.Configuration(
      additionalChannelHandlers: [MalformedRequestHandler()], idleTimeout: .seconds(90))
    return Application(
      router: router(), server: .http1(configuration: channel),
      configuration: .init(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? port
        logger.notice("ssh gateway", metadata: ["host": "\(host)", "port": "\(port)"])
        onReady(port)
      },
      logger: logger)
  }

  private func router() -> Router<AppRequestContext> {
    let router = Router(context: AppRequestContext.self)
    router.add(middleware: RequestIDMiddleware())
    router.add(middleware: ErrorMappingMiddleware())
    router.add(middleware: SecretMiddleware(secretHash: secretHash))
    on(router, .lookup) { input, call in try await access.state(input, call) }
    on(router, .open) { (input: KeyOpening, call) in try await access.open(input, call) }
    on(router, .signUp) { input, call in try await access.signUp(input, call) }
    on(router, .link) { input, call in try await access.link(input, call) }
    on(router, .openSessions) { (input: SessionList, call) in
      try await access.open(among: input.sessions, call)
    }
    on(router, .endSessions) { (input: SessionList, call) in
      try await access.end(input.sessions, call)
      return SessionList(sessions: [])
    }
    return router
  }

  private func on<Input: GatewayRequest, Output: Encodable & Sendable>(
    _ router: Router<AppRequestContext>, _ path: GatewayPath,
    _ handler: @escaping @Sendable (Input, Call) async throws -> Output
  ) {
    router.post(RouterPath(path.rawValue)) { [bodies] request, context in
      let call = Call(request: request, context: context, now: .now)
      return try await bodies.withBody(Input.self, of: call) { input, _ in
        // Limits and the log are about the client of sshd.
        var context = context
        context.client = input.address.flatMap { ClientAddress($0) } ?? .unknown
        let call = Call(request: request, context: context, now: call.now)
        return try Response.json(try await handler(input, call), status: 200)
      }
    }
  }
}

/// The paths of the server for ssh gateways. All are POST.
enum GatewayPath: String, Sendable {
  case lookup = "/keys/lookup"
  case open = "/sessions"
  case signUp = "/users"
  case link = "/keys"
  case openSessions = "/sessions/open"
  case endSessions = "/sessions/end"
}

/// Refuses requests without the secret.
private struct SecretMiddleware: RouterMiddleware {
  let secretHash: [UInt8]

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    guard request.bearerToken.map({ SHA256.hash(Array($0.utf8)) }) == secretHash else {
      throw Problem(
        401, "wrong_secret", "The secret is wrong",
        "The gateway and the server need the same SSH_SECRET.")
    }
    return try await next(request, context)
  }
}
