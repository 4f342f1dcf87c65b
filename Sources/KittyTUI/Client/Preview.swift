/// A small picture as plain pixels. The server makes it for terminals, so that the client needs no decoder
/// for untrusted bytes.
struct Preview: Hashable, Sendable {
  let width: Int
  let height: Int
  /// Red, green and blue, a byte each, row by row.
  let pixels: [UInt8]

  /// Maximum width and height, in pixels.
  static let maxSide = 512

  /// Reads a binary PPM with 8 bits for each channel; `nil` for another format, for a picture that is too
  /// large, and for a length that does not match the header.
  init?(ppm bytes: [UInt8]) {
    var position = 0
    func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0a, 0x0d].contains(byte) }
    func word() -> String? {
      while position < bytes.count, isSpace(bytes[position]) { position += 1 }
      // libvips may write a comment line after the first word.
      while position < bytes.count, bytes[position] == UInt8(ascii: "#") {
        while position < bytes.count, bytes[position] != 0x0a { position += 1 }
        while position < bytes.count, isSpace(bytes[position]) { position += 1 }
      }
      let start = position
      while position < bytes.count, !isSpace(bytes[position]), position - start < 16 { position += 1 }
      return start == position ? nil : String(decoding: bytes[start..<position], as: UTF8.self)
    }
    guard word() == "P6", let width = word().flatMap(Int.init), let height = word().flatMap(Int.init),
      word() == "255", (1...Self.maxSide).contains(width), (1...Self.maxSide).contains(height)
    else { return nil }
    // One white-space byte ends the header.
    guard bytes.count == position + 1 + width * height * 3 else { return nil }
    self.width = width
    self.height = height
    pixels = Array(bytes[(position + 1)...])
  }
}
