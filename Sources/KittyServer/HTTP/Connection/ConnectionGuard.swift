import HTTPTypes
import KittyShared
import NIOCore
import NIOHTTPTypes

/// Lets go of connections that hold the server without using it: whose first request does not come, whose
/// body comes too slowly, whose answer is not read. And of those that turn to another protocol, of which
/// nothing is understood here.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// What is waited for.
  struct Timeouts: Sendable {
    /// How long a new connection may take for the head of its first request, and over how long the speed of a
    /// body is measured.
    var time: TimeAmount = .seconds(15)
    /// How slow a body may come: bytes in a second.
    var bytesPerSecond = 512
    /// How long an answer may wait for its reader to read anything at all. Systems hand over what they
    /// buffer in large pieces, so that a slow reader seems to stand still.
    var unread: TimeAmount = .seconds(180)
    /// The largest body there is, with what a refused one may go on with until it ends.
    var mostBytes = 24 << 20
  }

  private let timeout: Timeouts
  private var head: Scheduled<Void>?
  private var body: Scheduled<Void>?
  private var unread: Scheduled<Void>?
  /// Whether a request has begun and not ended.
  private var isReceiving = false
  /// Whether an answer has begun and not ended.
  private var isAnswering = false
  /// How many requests have begun and are not answered.
  private var open = 0
  /// The bytes of the body, and those since its speed was measured.
  private var (total, fresh) = (0, 0)
  /// Since when bytes are asked for that have not come, and for how long altogether since the speed was measured.
  /// The client is not to blame while the server does not ask.
  private var asked: NIODeadline?
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

  private func stop() {
    for task in [head, body, unread] { task?.cancel() }
    (head, body, unread) = (nil, nil, nil)
  }

  // MARK: What comes in

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let request):
      head?.cancel()
      head = nil
      (isReceiving, total, fresh, waited) = (true, 0, 0, .zero)
      open += 1
      // What follows is not parsed any more, but it would be kept.
      isLast = request.headerFields[.upgrade] != nil || request.method == .connect
    case .body(let bytes):
      total += bytes.readableBytes
      fresh += bytes.readableBytes
      // The answer was given when this much had come; nobody waits for the rest.
      if total > timeout.mostBytes { return context.close(promise: nil) }
    case .end:
      isReceiving = false
      body?.cancel()
      body = nil
    }
    context.fireChannelRead(data)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if let since = asked {
      waited = waited + (context.eventLoop.now - since)
      asked = nil
    }
    if isReceiving, body == nil { body = schedule(timeout.time, context) { [self] in measure($0) } }
    context.fireChannelReadComplete()
  }

  func read(context: ChannelHandlerContext) {
    if isLast && !isReceiving { return }
    if isReceiving, asked == nil { asked = context.eventLoop.now }
    context.read()
  }

  private func measure(_ context: ChannelHandlerContext) {
    body = nil
    guard isReceiving else { return }
    let waited = waited + (asked.map { context.eventLoop.now - $0 } ?? .zero)
    if waited >= timeout.time {
      let least = Int64(timeout.bytesPerSecond) * waited.nanoseconds / 1_000_000_000
      guard fresh >= least else { return giveUp(context) }
      (fresh, self.waited) = (0, .zero)
      if asked != nil { asked = context.eventLoop.now }
      body = schedule(timeout.time, context) { [self] in measure($0) }
    } else {
      let rest = max(timeout.time - waited, .milliseconds(timeout.time.nanoseconds / 10_000_000))
      body = schedule(rest, context) { [self] in measure($0) }
    }
  }

  private func giveUp(_ context: ChannelHandlerContext) {
    guard open == 1, !isAnswering else { return context.close(promise: nil) }
    let problem = Problem(
      408, "too_slow", "The request came too slowly",
      "A body comes with at least \(timeout.bytesPerSecond) bytes in a second. Send it again over a better connection."
    )
    guard let answer = MalformedRequestHandler.answer(problem) else { return context.close(promise: nil) }
    context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
    context.write(wrapOutboundOut(.body(answer.body)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    context.close(promise: nil)
  }

  // MARK: What goes out

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
