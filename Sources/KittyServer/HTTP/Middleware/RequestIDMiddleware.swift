import HTTPTypes
import Hummingbird
import KittyShared

/// Gives each request an id, which its log lines and its response carry.
struct RequestIDMiddleware: RouterMiddleware {
  func handle(
    _ request: Request, context: AppRequestContext,
    next: (Request, AppRequestContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    context.requestID = Self.id(of: request)
    context.logger[metadataKey: "requestId"] = "\(context.requestID)"
    var response = try await next(request, context)
    response.headers[.requestID] = context.requestID
    return response
  }

  /// - Returns: The id that the client sent if it is a short word of letters, digits and `-`, otherwise a new one.
  private static func id(of request: Request) -> String {
    guard let sent = request.headers[.requestID], (1...64).contains(sent.utf8.count) else {
      return ID(at: .now).description
    }
    let isPlain = sent.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    return isPlain ? sent : ID(at: .now).description
  }
}
