import Hummingbird
import NIOCore

/// A body that ends early when it exceeds its limit, so that little more than that is written.
struct BoundedBody: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  let body: RequestBody
  let limit: Int

  struct AsyncIterator: AsyncIteratorProtocol {
    var remaining: Int
    var body: RequestBody.AsyncIterator

    mutating func next() async throws -> ByteBuffer? {
      guard remaining >= 0, let buffer = try await body.next() else { return nil }
      remaining -= buffer.readableBytes
      return buffer
    }
  }

  func makeAsyncIterator() -> AsyncIterator {
    AsyncIterator(remaining: limit, body: body.makeAsyncIterator())
  }
}
