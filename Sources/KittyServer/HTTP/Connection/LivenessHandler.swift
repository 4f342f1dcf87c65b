import HTTPTypes
import KittyShared
import NIOCore
import NIOHTTPTypes

/// Answers a plain `GET /health/live` on the event loop, whatever the threads of the requests do: a monitor must not end
/// a process because it is busy. A request with anything unusual is left to the router. Writes no line of the log, since
/// writing may block.
final class LivenessHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// Called with the method and the duration of each answered request.
  private let count: @Sendable (HTTPRequest.Method, Duration) -> Void
  /// The number of requests of the connection that the router has not answered.
  private var open = 0
  /// The request that is answered here once its end has arrived.
  private var current: (head: HTTPRequest, start: ContinuousClock.Instant)?

  init(count: @escaping @Sendable (HTTPRequest.Method, Duration) -> Void) { self.count = count }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head):
      guard open == 0, Self.isPlain(head) else {
        open += 1
        break
      }
      current = (head, .now)
      return
    case .body: if current != nil { return }
    case .end:
      guard let (head, start) = current else { break }
      current = nil
      // Counted before the answer: a client that has it finds its request in the metrics.
      count(head.method, .now - start)
      return answer(head, context)
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { open -= 1 }
    context.write(data, promise: promise)
  }

  /// Returns `true` for a request whose response does not depend on its headers.
  private static func isPlain(_ head: HTTPRequest) -> Bool {
    guard head.path == Endpoints.live.route.path, head.method == .get || head.method == .head else {
      return false
    }
    let fields = head.headerFields
    let unusual: [HTTPField.Name] = [.origin, .upgrade, .expect, .transferEncoding]
    return !unusual.contains { fields[$0] != nil } && fields[.contentLength] ?? "0" == "0"
      && ["*/*", "application/json"].contains(fields[.accept] ?? "*/*")
      && ["close", "keep-alive"].contains(fields[.connection]?.lowercased() ?? "close")
  }

  private func answer(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
    let peer = ClientAddress(context.channel.remoteAddress)
    let isLocal = peer?.isLoopback == true && head.headerFields[.forwardedFor] == nil
    guard let bytes = isLocal ? Self.localBody : Self.body else {
      return context.close(promise: nil)
    }
    var response = HTTPResponse(
      status: .ok,
      headerFields: [
        .contentType: "application/json", .cacheControl: "no-store", .contentLength: String(bytes.count),
        .xContentTypeOptions: "nosniff", .requestID: RequestID.id(of: head.headerFields),
      ])
    let isLast = head.headerFields[.connection]?.lowercased() == "close"
    if isLast { response.headerFields[.connection] = "close" }
    context.write(wrapOutboundOut(.head(response)), promise: nil)
    if head.method == .get {
      context.write(wrapOutboundOut(.body(ByteBuffer(bytes: bytes))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    if isLast { context.close(promise: nil) }
  }

  private static let body = try? JSON.bytes(of: Health(status: "ok"))
  private static let localBody = try? JSON.bytes(of: Health(status: "ok", version: KittyCash.version))
}
