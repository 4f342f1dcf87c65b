import FoundationEssentials

/// Bytes that are read in parts, such as those of a file that is too large for the memory.
package protocol ByteSource: Sendable {
  /// The number of bytes.
  var count: Int { get }

  /// Returns some of the bytes.
  /// - Parameter range: Their places, from 0.
  /// - Throws: The error of the system.
  func bytes(in range: Range<Int>) throws -> Data
}

extension Data: ByteSource {
  /// Returns some of the bytes. The first has the place 0, also in a slice.
  package func bytes(in range: Range<Int>) -> Data {
    self[(startIndex + range.lowerBound)..<(startIndex + range.upperBound)]
  }
}

extension ByteSource {
  /// Calls `body` with all bytes, part by part.
  /// - Parameter size: The number of bytes of a part.
  /// - Throws: The error of the system, or of `body`.
  package func forEachPart(of size: Int, _ body: (Data) throws -> Void) throws {
    for start in stride(from: 0, to: count, by: size) {
      try body(bytes(in: start..<min(start + size, count)))
    }
  }
}
