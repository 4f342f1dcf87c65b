import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Writes `Connection: close` into a request after which the connection must be closed. HTTP/1.0 says it by its version,
/// which is lost in the parts of a request that the other handlers see, and HTTP/1.1 in any case of the letters.
final class KeepAliveHandler: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data), !head.isKeepAlive else {
      return context.fireChannelRead(data)
    }
    head.headers.replaceOrAdd(name: "Connection", value: "close")
    context.fireChannelRead(wrapInboundOut(.head(head)))
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
