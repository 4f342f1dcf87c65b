import HTTPTypes
import Hummingbird
import KittyShared

extension Response {
  /// Makes a JSON response.
  static func json(
    _ value: some Encodable, status: Int, type: String = "application/json", headers: HTTPFields = [:]
  ) throws -> Response {
    json(ByteBuffer(bytes: try JSON.bytes(of: value)), status: status, type: type, headers: headers)
  }

  /// Makes a JSON response from encoded bytes.
  static func json(
    _ body: ByteBuffer, status: Int, type: String = "application/json", headers: HTTPFields = [:]
  ) -> Response {
    var headers = headers
    headers[.contentType] = type
    if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
    return Response(status: .init(code: status), headers: headers, body: .init(byteBuffer: body))
  }

  /// Makes a response that is a text or a picture made of text: nothing in it is run, or loaded from elsewhere.
  static func text(_ body: ByteBuffer, type: String) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: type, .cacheControl: "no-store",
        .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'; sandbox",
      ], body: .init(byteBuffer: body))
  }

  /// Makes the response of a problem, with its `Retry-After` and the `ETag` of the resource that it is about.
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
