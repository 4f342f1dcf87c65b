import Hummingbird
import KittyShared
import NIOCore
import Zlib

/// A body in the gzip format, decoded while it is received. It fails once more than the limit was received or decoded, so that a
/// small body cannot become a huge file, and when it is cut off.
struct GunzippedBody: AsyncSequence, Sendable {
  typealias Element = ByteBuffer
  let body: RequestBody
  let limit: Int

  /// The most bytes that are decoded at once.
  private static let piece = 1 << 16

  struct AsyncIterator: AsyncIteratorProtocol {
    let limit: Int
    var body: RequestBody.AsyncIterator
    private var decoder: GzipDecoder?
    private var (received, decoded) = (0, 0)
    private var input: ArraySlice<UInt8> = []
    /// `true` while there may be more without further input.
    private var hasMore = false

    init(_ body: RequestBody, limit: Int) {
      self.body = body.makeAsyncIterator()
      self.limit = limit
    }

    /// - Throws: `Problem` 413; `Rejection` for data that is not whole gzip data.
    mutating func next() async throws -> ByteBuffer? {
      do {
        let decoder = try self.decoder ?? GzipDecoder()
        self.decoder = decoder
        while true {
          if input.isEmpty, !hasMore {
            guard let buffer = try await body.next() else {
              guard decoder.isWhole else { throw Rejection.notGzip("is cut off") }
              return nil
            }
            received += buffer.readableBytes
            input = ArraySlice(buffer.readableBytesView)
          }
          let bytes = try decoder.decode(&input, atMost: GunzippedBody.piece)
          hasMore = bytes.count == GunzippedBody.piece
          decoded += bytes.count
          guard received <= limit, decoded <= limit else { throw Problem.tooLarge(limit: limit) }
          if !bytes.isEmpty { return ByteBuffer(bytes: bytes) }
        }
      } catch let failure as GzipDecoder.Failure {
        switch failure {
        case .damaged: throw Rejection.notGzip("is not gzip, or was damaged")
        case .outOfMemory:
          throw Rejection.unavailable(
            "The server has no memory for the file. Try again later.", retryAfter: 10)
        }
      }
    }
  }

  func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body, limit: limit) }
}

extension Rejection {
  fileprivate static func notGzip(_ fact: String) -> Rejection {
    .invalid(
      "body", "not_gzip",
      "The body \(fact). Compress the file again, or send it as it is, without Content-Encoding.")
  }
}
