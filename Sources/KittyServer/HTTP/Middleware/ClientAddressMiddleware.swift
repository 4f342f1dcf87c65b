import HTTPTypes
import Hummingbird
import Sodium
import Synchronization

/// Finds the address that a request comes from, behind the trusted proxies, and whether the proxy sends files itself.
final class ClientAddressMiddleware: RouterMiddleware {
  private let proxies: TrustedProxies
  /// The hash of the secret that a trusted proxy must send; hashes are compared, so that the time tells nothing of it.
  private let secretHash: [UInt8]?
  /// `true` once the log has the warning about a proxy that is not trusted.
  private let hasWarned = Atomic(false)

  init(proxies: TrustedProxies, secret: String?) {
    self.proxies = proxies
    secretHash = secret.map { SHA256.hash(Array($0.utf8)) }
  }

  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.client = client(of: request, context)
    context.proxySendsFiles = proxySendsFiles(request, context)
    return try await next(request, context)
  }

  private func client(of request: Request, _ context: AppRequestContext) -> ClientAddress {
    let peer = ClientAddress(context.peer) ?? .unknown
    guard request.headers[.forwardedFor] != nil else { return peer }
    let isTrusted = proxies.trusts(peer) && isProven(request)
    if isTrusted { return proxies.client(peer: peer, forwarded: request.headers[values: .forwardedFor]) }
    if !hasWarned.exchange(true, ordering: .relaxed) {
      context.logger.warning(
        "X-Forwarded-For is ignored: if this is a proxy of yours, name it in TRUSTED_PROXIES, and let it send PROXY_SECRET if that is set",
        metadata: ["from": "\(peer)"])
    }
    return peer
  }

  /// Returns `true` when a trusted proxy announces that it sends files: for any other client a response without a body
  /// would be an empty picture.
  private func proxySendsFiles(_ request: Request, _ context: AppRequestContext) -> Bool {
    guard request.headers[.accelFiles] == "1", let peer = ClientAddress(context.peer) else { return false }
    return proxies.trusts(peer) && isProven(request)
  }

  private func isProven(_ request: Request) -> Bool {
    guard let secretHash else { return true }
    return request.headers[.proxySecret].map { SHA256.hash(Array($0.utf8)) } == secretHash
  }
}
