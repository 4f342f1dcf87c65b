import HTTPTypes
import KittyShared
import NIOCore
import NIOHTTPTypes

/// Closes idle and slow connections: without a first request in time, with a body that arrives too slowly, with a
/// response that is not read. Also closes connections that switch to another protocol, because the server supports
/// none.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// The limits of the guard.
  struct Timeouts: Sendable {
    /// Maximum time until the head of the first request, and the interval over which the speed of a body is measured.
    var time: TimeAmount = .seconds(15)
    /// Minimum speed of a body: bytes per second.
    var bytesPerSecond = 512
    /// The same for a body above `largeBytes`, which occupies one of few places.
    var largeBytesPerSecond = 8192
    /// Largest body that occupies no place.
    var largeBytes = 256 << 10
    /// Maximum time in which a client reads nothing of a response. Operating systems empty their buffers in large pieces,
    /// so a slow reader may seem to stand still.
    var unread: TimeAmount = .seconds(180)
    /// Maximum size of a body, including the rest of a refused one.
    var mostBytes = 24 << 20
    /// The same for a file to import.
    var mostImportBytes = 24 << 20
  }

  private let timeout: Timeouts
  private var head: Scheduled<Void>?
  private var body: Scheduled<Void>?
  private var unread: Scheduled<Void>?
  /// `true` while a request is being received.
  private var isReceiving = false
  /// `true` while a response is being sent.
  private var isAnswering = false
  /// The number of requests that were begun and not answered.
  private var open = 0
  /// Maximum size of the current body.
  private var limit = 0
  /// The length of the body, if the client has announced it.
  private var announced = 0
  /// The bytes of the body: all, and those since its speed was last measured.
  private var (total, recent) = (0, 0)
  /// The time of the read request that is still waiting for bytes, and the total waiting time since the speed was last
  /// measured. A client is not slow while the server does not read.
  private var readAt: NIODeadline?
  private var waited: TimeAmount = .zero
  private var isLast = false

  init(_ timeout: Timeouts) { self.timeout = timeout }

  func handlerAdded(context: ChannelHandlerContext) {
    head = schedule(timeout.time, context) { $0.close(promise: nil) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { stop() }

  func channelInactive(context: ChannelHandlerContext) {
    stop()
    context.fireChannelInactive()
  }

  private static func isImport(_ request: HTTPRequest) -> Bool {
    let path = request.path?.prefix { $0 != "?" }
    return path?.hasSuffix("/import") == true || path?.hasSuffix("/imports") == true
  }

  private func stop() {
    for task in [head, body, unread] { task?.cancel() }
    (head, body, unread) = (nil, nil, nil)
  }

  // MARK: - Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let request):
      head?.cancel()
      head = nil
      (isReceiving, total, recent, waited) = (true, 0, 0, .zero)
      announced = request.headerFields[.contentLength].flatMap { Int($0) } ?? 0
      limit = Self.isImport(request) ? timeout.mostImportBytes : timeout.mostBytes
      open += 1
      // Bytes after this request are no longer parsed, but they would be buffered.
      isLast = request.headerFields[.upgrade] != nil || request.method == .connect
    case .body(let bytes):
      total += bytes.readableBytes
      recent += bytes.readableBytes
      // The response was sent before this point, and the client did not stop.
      if total > limit { return context.close(promise: nil) }
    case .end:
      isReceiving = false
      body?.cancel()
      body = nil
    }
    context.fireChannelRead(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if let since = readAt {
      waited = waited + (context.eventLoop.now - since)
      readAt = nil
    }
    if isReceiving, body == nil { body = schedule(timeout.time, context) { [self] in measure($0) } }
    context.fireChannelReadComplete()
  }

  func read(context: ChannelHandlerContext) {
    if isLast && !isReceiving { return }
    if isReceiving, readAt == nil { readAt = context.eventLoop.now }
    context.read()
  }

  /// The minimum speed of the body.
  private var speed: Int {
    max(announced, total) > timeout.largeBytes ? timeout.largeBytesPerSecond : timeout.bytesPerSecond
  }

  private func measure(_ context: ChannelHandlerContext) {
    body = nil
    guard isReceiving else { return }
    let waited = waited + (readAt.map { context.eventLoop.now - $0 } ?? .zero)
    if waited >= timeout.time {
      let least = Int64(speed) * waited.nanoseconds / 1_000_000_000
      guard recent >= least else { return giveUp(context) }
      (recent, self.waited) = (0, .zero)
      if readAt != nil { readAt = context.eventLoop.now }
      body = schedule(timeout.time, context) { [self] in measure($0) }
    } else {
      let remaining = max(timeout.time - waited, .milliseconds(timeout.time.nanoseconds / 10_000_000))
      body = schedule(remaining, context) { [self] in measure($0) }
    }
  }

  private func giveUp(_ context: ChannelHandlerContext) {
    guard open == 1, !isAnswering else { return context.close(promise: nil) }
    let problem = Problem(
      408, "too_slow", "The request arrived too slowly",
      "A body must arrive with at least \(speed) bytes per second. Send it again over a better connection."
    )
    guard let answer = MalformedRequestHandler.answer(problem) else { return context.close(promise: nil) }
    context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
    context.write(wrapOutboundOut(.body(answer.body)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    context.close(promise: nil)
  }

  // MARK: - Responses

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var response) where response.status.kind != .informational:
      isAnswering = true
      guard isLast else { break }
      response.headerFields[.connection] = "close"
      return context.write(wrapOutboundOut(.head(response)), promise: promise)
    case .end:
      isAnswering = false
      open -= 1
      guard isLast else { break }
      context.writeAndFlush(data, promise: promise)
      return context.close(promise: nil)
    default: break
    }
    context.write(data, promise: promise)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    unread?.cancel()
    unread = context.channel.isWritable ? nil : schedule(timeout.unread, context) { $0.close(promise: nil) }
    context.fireChannelWritabilityChanged()
  }

  private func schedule(
    _ time: TimeAmount, _ context: ChannelHandlerContext, _ work: @escaping (ChannelHandlerContext) -> Void
  ) -> Scheduled<Void> {
    context.eventLoop.assumeIsolated().scheduleTask(in: time) { work(context) }
  }
}
