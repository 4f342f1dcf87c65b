/// Reads the values of ssh (RFC 4251 §5) one after another. Each read returns `nil` beyond the end.
struct SSHWire: Sendable {
  private let bytes: [UInt8]
  private var index = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// `true` when everything was read.
  var isAtEnd: Bool { index == bytes.count }

  /// Reads so many bytes.
  mutating func bytes(_ count: Int) -> [UInt8]? {
    guard count >= 0, count <= bytes.count - index else { return nil }
    defer { index += count }
    return Array(bytes[index..<index + count])
  }

  mutating func byte() -> UInt8? { bytes(1)?.first }

  mutating func uint32() -> UInt32? { bytes(4).map { $0.reduce(0) { $0 << 8 | UInt32($1) } } }

  /// Reads a string: its length and its bytes.
  mutating func string() -> [UInt8]? { uint32().flatMap { bytes(Int($0)) } }

  /// Reads a string of text.
  mutating func text() -> String? { string().flatMap { String(validating: $0, as: UTF8.self) } }

  /// Reads a positive number: its bytes without leading zeros, the highest first.
  mutating func number() -> [UInt8]? {
    guard let bytes = string(), bytes.first.map({ $0 < 0x80 }) ?? false else { return nil }
    return Array(bytes.drop { $0 == 0 })
  }

  /// Returns a string: its length and its bytes.
  static func string(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt32(bytes.count)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + bytes
  }

  static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }
}
