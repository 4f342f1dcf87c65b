import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Writes `Connection: close` into a request after which the connection must be closed, and into its response. HTTP/1.0
/// says it by its version, which is lost in the parts of a request that the other handlers see, and HTTP/1.1 in any case
/// of the letters. Without it in the response, a client sends its next request into a connection that is being closed.
final class KeepAliveHandler: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  /// For each request without a response so far: whether it is the last one.
  private var isLast = CircularBuffer<Bool>()

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    isLast.append(!head.isKeepAlive)
    guard !head.isKeepAlive else { return context.fireChannelRead(data) }
    head.headers.replaceOrAdd(name: "Connection", value: "close")
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    // A response such as 100 (Continue) comes before the one that counts.
    guard case .head(var head) = unwrapOutboundIn(data), head.status.code >= 200, isLast.popFirst() == true
    else { return context.write(data, promise: promise) }
    head.headers.replaceOrAdd(name: "Connection", value: "close")
    context.write(wrapOutboundOut(.head(head)), promise: promise)
  }

  /// Puts a `KeepAliveHandler` directly after the decoder of a connection.
  final class Installer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart

    func handlerAdded(context: ChannelHandlerContext) {
      let pipeline = context.pipeline.syncOperations
      do {
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        try pipeline.addHandler(KeepAliveHandler(), position: .after(decoder))
      } catch {
        // A connection without a decoder has no requests to read.
        context.fireErrorCaught(error)
      }
    }
  }
}
