import Hummingbird
import NIOCore

/// The values that middlewares find out about a request and pass on to those after them and to the handler.
struct AppRequestContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The id of the request in the log and in the response; set by `RequestIDMiddleware`.
  var requestID = ""
  /// The address of the client, as far as the proxies in between are trusted; set by `ClientAddressMiddleware`.
  var client = ClientAddress.unknown
  /// `true` when the request came from a trusted proxy that sends the files of the photo storage; set by
  /// `ClientAddressMiddleware`.
  var proxySendsFiles = false
  /// The query parameters by name; set by `QueryParametersMiddleware`.
  var query: [String: String] = [:]
  /// The caller and the group of the request; set by `AuthorizationMiddleware`.
  var authorization = Authorizer.Authorization()
  /// The account that the request is about.
  let trail = SecurityTrail()
  /// The writes of the request.
  let write = WriteContext()
  /// The connection.
  let channel: any Channel
  /// The address at the other end of the connection.
  var peer: SocketAddress? { channel.remoteAddress }

  init(source: Source) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}
