import KittyShared

/// The places for bodies that are written to the disk. A request takes one before its body is read, so that only so many
/// bodies are on the disk, and one user cannot take all places.
struct UploadGate: Sendable {
  let places: FairShare<Consumer>
  /// The plural of what is uploaded, for the error: "photos".
  let things: String

  /// - Parameters:
  ///   - limit: The number of places.
  ///   - each: The number of places of one user.
  ///   - refused: Counts the refusals.
  init(limit: Int, each: Int, of things: String, refused: Counter = Counter()) {
    places = FairShare(limit: limit, each: each, refused: refused)
    self.things = things
  }

  /// Runs `body` with a place.
  /// - Throws: `Rejection` when there is none, or the error of `body`.
  func pass<Value>(_ call: Call, _ body: () async throws -> Value) async throws -> Value {
    let consumer = call.consumer
    do { try places.take(for: consumer) } catch {
      switch error {
      case .ownPart: throw Rejection.tooManyAtOnce("\(things) are being uploaded by you", retryAfter: 5)
      case .whole:
        throw Rejection.unavailable(
          "Too many \(things) are being uploaded. Nothing was changed; try again in a few seconds.",
          retryAfter: 5)
      }
    }
    defer { places.giveBack(of: consumer) }
    return try await body()
  }
}

extension Rejection {
  /// 429: the user has too many requests of a kind in progress.
  static func tooManyAtOnce(_ what: String, retryAfter: Int) -> Rejection {
    Rejection(
      .rateLimited, "too_many_at_once", "Too many requests at once",
      "Too many \(what) at the same time. Nothing was changed; wait until one of them has ended, then try again.",
      retryAfter: retryAfter)
  }
}
