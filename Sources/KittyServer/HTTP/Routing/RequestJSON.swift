import FoundationEssentials
import HTTPTypes
import Hummingbird
import KittyShared
import NIOCore

/// Reads JSON bodies of requests. The bytes of all bodies in memory have a common limit.
struct RequestJSON: Sendable {
  /// Largest body: 256 KiB.
  static let maxBytes = 256 * 1024
  /// The bytes that all bodies, and those of one user, may occupy.
  let memory: FairShare<Consumer>

  /// Reads and checks a body, and calls `handler` with the value and the bytes that it was decoded from.
  /// - Throws: `Problem` 415 for another media type and 413 for a body that is too large; `Rejection` for a value that
  ///   is malformed or invalid, and when too many bodies are in memory; the error of `handler`.
  func withBody<Input: KittyShared.RequestBody, Value>(
    _ type: Input.Type, of call: Call, _ handler: (Input, Data) async throws -> Value
  ) async throws -> Value {
    try Self.requireJSON(call.request)
    try Self.requireLength(call.request, limit: Self.maxBytes)
    let consumer = call.consumer
    var bytes = Data()
    defer { memory.giveBack(bytes.count, of: consumer) }
    for try await buffer in call.request.body {
      guard bytes.count + buffer.readableBytes <= Self.maxBytes else {
        throw Problem.tooLarge(limit: Self.maxBytes)
      }
      // Taken as they arrive: the announcement of a body occupies nothing.
      do { try memory.take(buffer.readableBytes, for: consumer) } catch {
        throw error == .ownPart
          ? Rejection.tooManyAtOnce("large requests are being sent by you", retryAfter: 2)
          : Rejection.unavailable(
            "The server is receiving too many large requests. Nothing was changed; try again in a few seconds.",
            retryAfter: 2)
      }
      bytes.append(contentsOf: buffer.readableBytesView)
    }
    return try await handler(try JSON.decodeRequest(type, from: bytes).checked(), bytes)
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
