import FoundationEssentials
import HTTPTypes
import KittyShared
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Answers a request that is not valid HTTP, or whose head exceeds the limits, with a problem, and closes the connection.
/// Such a request never reaches the router.
final class MalformedRequestHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let meter: RefusalMeter?

  init(meter: RefusalMeter? = nil) { self.meter = meter }

  /// The number of requests that were begun and not answered.
  private var open = 0
  /// `true` after a request was refused: everything after it is ignored.
  private var isClosing = false

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isClosing else { return }
    if case .head(let head) = unwrapInboundIn(data) {
      // The parser has made the first Host field the authority of the request.
      let fields = head.headerFields
      guard let host = head.authority, Self.isHost(host), fields[.host] == nil,
        fields[.transferEncoding].map({ $0.lowercased() == "chunked" }) ?? true
      else {
        isClosing = true
        return errorCaught(context: context, error: HTTPParserError.invalidHeaderToken)
      }
      open += 1
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { open -= 1 }
    context.write(data, promise: promise)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // During a request a response may be under way already: the connection is closed without a second one.
    guard let error = error as? HTTPParserError, open == 0 else { return context.fireErrorCaught(error) }
    isClosing = true
    let problem =
      error == .headerOverflow
      ? Problem(
        431, "head_too_large", "The head of the request is too large",
        "The address and the headers must have at most 16 KiB, each header at most 8 KiB. Send less.")
      : Problem(400, "not_http", "The request is not valid HTTP", "Send an HTTP/1.1 request.")
    meter?.add(status: problem.status)
    guard let answer = Self.answer(problem) else { return context.fireErrorCaught(error) }
    context.write(wrapOutboundOut(.head(answer.head)), promise: nil)
    context.write(wrapOutboundOut(.body(answer.body)), promise: nil)
    let context = NIOLoopBound(context, eventLoop: context.eventLoop)
    context.value.writeAndFlush(wrapOutboundOut(.end(nil)))
      .whenComplete { _ in context.value.close(promise: nil) }
  }

  /// Returns `true` for a text with only the characters of a host and a port: `uri-host [ ":" port ]` of RFC 9110.
  private static func isHost(_ text: String) -> Bool {
    text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
        || "-._~%!$&'()*+,;=:[]".utf8.contains(byte)
    }
  }

  /// Makes a response without the router, for a connection that is closed after it.
  static func answer(_ problem: Problem) -> (head: HTTPResponse, body: ByteBuffer)? {
    var problem = problem
    let id = ID(at: .now).description
    problem.requestId = id
    guard let bytes = try? JSON.bytes(of: problem) else { return nil }
    return (
      HTTPResponse(
        status: .init(code: problem.status),
        headerFields: [
          .contentType: Problem.contentType, .contentLength: String(bytes.count), .connection: "close",
          .requestID: id, .cacheControl: "no-store",
        ]), ByteBuffer(bytes: bytes)
    )
  }
}
