import FoundationEssentials
import HTTPTypes
import Hummingbird
import KittyShared
import Sodium

/// Lets a client repeat a request that makes or changes something: with the same `Idempotency-Key` and the same body it is
/// done once, and the response is the same.
struct Idempotency: Sendable {
  let store: IdempotencyStore

  /// Maximum time that a repeated request waits for the response of the first one.
  private static let timeout: Duration = .seconds(10)

  /// Answers with `handler`, unless the key was used before.
  /// - Parameters:
  ///   - body: The bytes of the body. Another body with the same key is refused.
  ///   - made: The id of the resource that `handler` makes.
  ///   - replaysFromStore: `true` when `find` returns the very response of the first request: then none is stored.
  ///   - find: Responds with the resource, for a key whose request ended before its response was stored.
  func answer(
    _ call: Call, body: some ByteSource, made: ID, replaysFromStore: Bool,
    handler: () async throws -> Response,
    find: (ID) async throws -> Response
  ) async throws -> Response {
    guard let key = try Self.key(of: call.request) else { return try await handler() }
    let user = try call.user
    let fingerprint = try Self.fingerprint(call.request, body)
    // A key is nearly always new, so it is not looked up first: a used one makes the transaction fail.
    let claim = IdempotencyClaim(user: user, key: key, fingerprint: fingerprint, resource: made, at: call.now)
    let response: Response
    do {
      call.write.setGuard(claim.statement)
      response = try await handler()
    } catch  where call.write.isGuardCommitted && Self.isRefusal(error) {
      // The transaction was committed without a change, for example because of a stale version: the key can be used
      // again.
      try await store.release(claim)
      throw error
    } catch {
      // If the key was used, its stored response matters, not the failure that it caused.
      let used: IdempotencyStore.UsedKey?
      do { used = try await store.find(key, of: user) } catch let other {
        // An unknown outcome must be reported as such, whatever this lookup ran into.
        if error.leavesOutcomeUnknown { throw error }
        throw other
      }
      guard let used else { throw error }
      return try await repeated(used, key, user, fingerprint, replaysFromStore, find)
    }
    // A dry run has not used the key.
    guard try !replaysFromStore && !call.flag("dryRun") else { return response }
    let text = try await Self.text(of: response)
    try await store.store(
      StoredResponse(status: response.status.code, headers: Self.pack(response.headers), body: text),
      for: claim
    )
    return Self.response(response.status.code, response.headers, text)
  }

  /// Returns `true` for an error that refuses the request for good, so that nothing was written.
  private static func isRefusal(_ error: any Error) -> Bool {
    (error as? Rejection).map { $0.reason != .unavailable } ?? (error is Problem)
  }

  private func repeated(
    _ used: IdempotencyStore.UsedKey, _ key: String, _ user: ID, _ fingerprint: String,
    _ replaysFromStore: Bool, _ find: (ID) async throws -> Response
  ) async throws -> Response {
    guard used.fingerprint == fingerprint else {
      throw Rejection(
        .conflict, "key_reused", "The key was used for another request",
        "This Idempotency-Key was sent with another request before. Use a new key for a new request.")
    }
    if replaysFromStore { return try await find(used.resource) }
    var current: IdempotencyStore.UsedKey? = used
    let deadline = ContinuousClock.now + Self.timeout
    while let waiting = current, waiting.response == nil, ContinuousClock.now < deadline,
      waiting.createdAt.advanced(by: Self.timeout) > .now
    {
      try await Task.sleep(for: .milliseconds(20))
      current = try await store.find(key, of: user)
    }
    guard let current else { throw Rejection.unavailable("The first request did not end. Try again.") }
    guard let stored = current.response else { return try await find(current.resource) }
    return Self.response(stored.status, Self.unpack(stored.headers), stored.body)
  }

  /// Reads the key of a request; `nil` without one.
  /// - Throws: `Problem` 400 for a malformed key.
  private static func key(of request: Request) throws(Problem) -> String? {
    guard let key = request.headers[.idempotencyKey] else { return nil }
    guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw Problem(
        400, "bad_key", "The Idempotency-Key cannot be used",
        "An Idempotency-Key must have 1 to 255 visible ASCII characters, such as a UUID.")
    }
    return key
  }

  private static func fingerprint(_ request: Request, _ body: some ByteSource) throws -> String {
    var hash = SHA256()
    hash.update(Array("\(request.method) \(request.uri.string)\n".utf8))
    // In parts: a group file is not read into the memory.
    try body.forEachPart(of: 1 << 20) { hash.update(Array($0)) }
    return hex(hash.finish())
  }

  private static func text(of response: Response) async throws -> String {
    let collector = BodyCollector()
    try await response.body.write(collector)
    return String(decoding: collector.bytes, as: UTF8.self)
  }

  private static func response(_ status: Int, _ headers: HTTPFields, _ body: String) -> Response {
    var headers = headers
    headers[.contentType] = "application/json"
    headers[.cacheControl] = "no-store"
    return Response(
      status: .init(code: status), headers: headers, body: .init(byteBuffer: ByteBuffer(string: body)))
  }

  private static let kept: [HTTPField.Name] = [.eTag, .location]

  private static func pack(_ headers: HTTPFields) -> String {
    kept.map { headers[$0] ?? "" }.joined(separator: "\n")
  }

  private static func unpack(_ text: String) -> HTTPFields {
    var headers = HTTPFields()
    for (name, value) in zip(kept, text.split(separator: "\n", omittingEmptySubsequences: false))
    where !value.isEmpty { headers[name] = String(value) }
    return headers
  }
}

/// Collects the bytes of a small body.
private final class BodyCollector: ResponseBodyWriter {
  var bytes: [UInt8] = []
  func write(_ buffer: ByteBuffer) async throws { bytes += buffer.readableBytesView }
  func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
