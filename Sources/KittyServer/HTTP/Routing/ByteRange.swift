import HTTPTypes
import Hummingbird
import KittyShared

/// The part of a file that a request asks for (RFC 9110, 14.2): one range of bytes.
enum ByteRange: Equatable {
  /// The whole file: the header is missing, has another form, or names several ranges.
  case whole
  /// A part of the file.
  case part(ClosedRange<Int>)
  /// A part that lies outside of the file.
  case outside

  /// Reads the value of a header `Range`.
  /// - Parameter size: The number of bytes of the file.
  init(_ header: String?, of size: Int) {
    self = .whole
    guard let header, header.lowercased().hasPrefix("bytes=") else { return }
    let ends = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false).map { $0.trimmed }
    guard ends.count == 2, !header.contains(",") else { return }
    if ends[0].isEmpty {
      guard let length = Self.number(ends[1]) else { return }
      self = length == 0 || size == 0 ? .outside : .part(max(0, size - length)...size - 1)
      return
    }
    guard let first = Self.number(ends[0]) else { return }
    var last = size - 1
    if !ends[1].isEmpty {
      guard let end = Self.number(ends[1]), end >= first else { return }
      last = min(end, last)
    }
    self = first < size ? .part(first...last) : .outside
  }

  /// Reads a number of digits only. A number beyond 64 bits is the highest one.
  private static func number(_ text: String) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text) ?? .max
  }
}

extension Request {
  /// Returns the part of a file that the request asks for. With `If-Range`, it asks for the part of that version alone.
  /// - Parameter tag: The `ETag` of the file.
  func range(of size: Int, tag: String) -> ByteRange {
    if let version = headers[.ifRange], version.trimmed != tag { return .whole }
    return ByteRange(headers[.range], of: size)
  }
}
