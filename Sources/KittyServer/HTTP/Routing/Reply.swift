import FoundationEssentials
import Hummingbird
import KittyShared

/// What a handler answers: a value and the headers that go with it.
struct Reply<Output: Sendable>: Sendable {
  let output: Output
  var headers = HTTPFields()
  /// Another status than the endpoint's own for a success.
  var status: Int?

  init(_ output: Output) { self.output = output }

  /// Adds the version as `ETag`.
  func withETag(_ version: Int64) -> Self {
    var reply = self
    reply.headers[.eTag] = "\"\(version)\""
    return reply
  }

  /// Adds where the new thing is.
  func withLocation(_ path: String) -> Self {
    var reply = self
    reply.headers[.location] = path
    return reply
  }
}

extension Response {
  /// A JSON answer.
  static func json(
    _ value: some Encodable, status: Int, type: String = "application/json", headers: HTTPFields = [:]
  ) throws -> Response {
    json(ByteBuffer(bytes: try JSON.bytes(of: value)), status: status, type: type, headers: headers)
  }

  /// A JSON answer that is written already.
  static func json(
    _ body: ByteBuffer, status: Int, type: String = "application/json", headers: HTTPFields = [:]
  ) -> Response {
    var headers = headers
    headers[.contentType] = type
    if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
    return Response(status: .init(code: status), headers: headers, body: .init(byteBuffer: body))
  }

  /// A problem, with its `Retry-After` and the `ETag` of what it is about.
  static func problem(_ problem: Problem, requestID: String, headers: HTTPFields = [:]) throws -> Response {
    var problem = problem
    problem.requestId = requestID
    var headers = headers
    if let version = problem.version { headers[.eTag] = "\"\(version)\"" }
    if let seconds = problem.retryAfter { headers[.retryAfter] = String(seconds) }
    if problem.status == 401 { headers[.wwwAuthenticate] = "Bearer" }
    return try .json(problem, status: problem.status, type: Problem.contentType, headers: headers)
  }
}
