import Hummingbird
import KittyShared
import NIOCore

extension Computations {
  /// Returns the body of a download that is made piece by piece: each is sent before the next one is made.
  /// - Parameters:
  ///   - hold: The place of the download, which is kept until its end.
  ///   - next: Makes the piece at a place, and returns the place behind it; `nil` at the end.
  func body<Place: Sendable>(
    for call: Call, holding hold: FairShare<Consumer>.Hold, from start: Place,
    _ next: @escaping @Sendable (Place) async throws -> (text: String, place: Place?)
  ) -> ResponseBody {
    .init { output in
      var place: Place? = start
      while let start = place {
        let (text, end) = try await run(for: call) { try await next(start) }
        try await output.write(ByteBuffer(string: text))
        place = end
      }
      try await output.finish(nil)
      withExtendedLifetime(hold) {}
    }
  }
}

extension FairShare where Key == Consumer {
  /// Takes a place for an export, for as long as it is sent.
  func hold(forDownloadOf call: Call) throws(Rejection) -> Hold {
    do { return try hold(for: call.consumer) } catch {
      throw error == .ownPart
        ? .tooManyAtOnce("exports are being sent to you", retryAfter: 5)
        : .unavailable("Too many exports are being sent. Try again in a few seconds.", retryAfter: 5)
    }
  }
}
