import CZlib

/// Decodes the gzip format (RFC 1952) piece by piece: a text of any size needs the memory of a window and of its pieces.
package final class GzipDecoder {
  /// The reason why data cannot be decoded.
  package enum Failure: Error {
    /// The data is not gzip, or was changed.
    case damaged
    case outOfMemory
  }

  private let stream: UnsafeMutablePointer<z_stream>
  /// `true` between two members of the data, where it may end.
  package private(set) var isWhole = false

  /// The largest window, and no other format than gzip: see `inflateInit2` in zlib.h.
  private static let windowBits: Int32 = 15 + 16

  /// - Throws: `Failure.outOfMemory`.
  package init() throws(Failure) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard
      inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else {
      stream.deallocate()
      throw .outOfMemory
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  /// Decodes the next bytes. While it returns as many as asked for, there may be more without further input.
  /// - Parameters:
  ///   - input: The received bytes; those that were decoded are removed.
  ///   - most: The most bytes to return.
  package func decode(_ input: inout ArraySlice<UInt8>, atMost most: Int) throws(Failure) -> [UInt8] {
    if isWhole, !input.isEmpty {
      // Another member follows.
      guard inflateReset(stream) == Z_OK else { throw .damaged }
      isWhole = false
    }
    var (used, status) = (0, Z_OK)
    var received = Array(input)
    let output = [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
      received.withUnsafeMutableBufferPointer { bytes in
        stream.pointee.next_in = bytes.baseAddress
        stream.pointee.avail_in = UInt32(bytes.count)
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(most)
        status = inflate(stream, Z_NO_FLUSH)
        used = bytes.count - Int(stream.pointee.avail_in)
        count = most - Int(stream.pointee.avail_out)
      }
    }
    input = input.dropFirst(used)
    switch status {
    // Without progress it is no failure: more input may come.
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: isWhole = true
    case Z_MEM_ERROR: throw .outOfMemory
    default: throw .damaged
    }
    return output
  }
}
