import HTTPTypes
import Hummingbird
import Synchronization

/// Finds the address that a request comes from, behind the trusted proxies.
final class ClientAddressMiddleware: RouterMiddleware {
  private let proxies: TrustedProxies
  /// `true` once the log has the warning about a proxy that is not trusted.
  private let hasWarned = Atomic(false)

  init(proxies: TrustedProxies) { self.proxies = proxies }

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.client = client(of: request, context)
    return try await next(request, context)
  }

  private func client(of request: Request, _ context: AppRequestContext) -> ClientAddress {
    let peer = ClientAddress(context.peer) ?? .unknown
    let client = proxies.client(peer: peer, forwarded: request.headers[values: .forwardedFor])
    if client == peer, request.headers[.forwardedFor] != nil, !proxies.trusts(peer),
      !hasWarned.exchange(true, ordering: .relaxed)
    {
      context.logger.warning(
        "X-Forwarded-For is ignored: if this is a proxy of yours, name it in TRUSTED_PROXIES",
        metadata: ["from": "\(peer)"])
    }
    return client
  }
}
