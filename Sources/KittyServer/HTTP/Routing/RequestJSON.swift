import FoundationEssentials
import HTTPTypes
import Hummingbird
import KittyShared
import NIOCore

/// Reads JSON bodies of requests.
enum RequestJSON {
  /// Largest body: 256 KiB.
  static let maxBytes = 256 * 1024

  /// Reads and checks a body.
  /// - Returns: The value, and the bytes that it was decoded from.
  /// - Throws: `Problem` 415 for another media type and 413 for a body that is too large; `Rejection` for a value that
  ///   is malformed or invalid.
  static func body<Input: KittyShared.RequestBody>(
    _ type: Input.Type, of request: Request
  ) async throws -> (value: Input, bytes: Data) {
    try requireJSON(request)
    try requireLength(request, limit: maxBytes)
    let bytes: Data
    do {
      bytes = Data(try await request.body.collect(upTo: maxBytes).readableBytesView)
    } catch is NIOTooManyBytesError {
      throw Problem.tooLarge(limit: maxBytes)
    }
    return (try JSON.decodeRequest(type, from: bytes).checked(), bytes)
  }

  /// - Parameter advice: What the route takes, when JSON alone does not say it.
  /// - Throws: `Problem` 415 for another media type than JSON.
  static func requireJSON(_ request: Request, advice: String = "") throws(Problem) {
    let mediaType = request.headers[.contentType]?.split(separator: ";").first.map {
      String($0).trimmed.lowercased()
    }
    guard mediaType == "application/json" else {
      throw Problem(
        415, "unsupported_media_type", "Unsupported media type",
        "Send JSON with Content-Type: application/json (curl: --json '{…}')."
          + (advice.isEmpty ? "" : " " + advice))
    }
  }

  /// A client that announces the length need not send the body.
  /// - Throws: `Problem` 413 for a body that is too large.
  static func requireLength(_ request: Request, limit: Int) throws(Problem) {
    if let text = request.headers[.contentLength], let length = Int(text), length > limit {
      throw Problem.tooLarge(limit: limit)
    }
  }
}
