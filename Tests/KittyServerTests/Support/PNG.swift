import Foundation

/// Writes PNG files without compression (stored deflate blocks), enough for tests.
enum PNG {
  static func encode(_ width: Int, _ height: Int, pixel: (Int, Int) -> (UInt8, UInt8, UInt8)) -> [UInt8] {
    var raw: [UInt8] = []
    for y in 0..<height {
      raw.append(0)
      for x in 0..<width {
        let (red, green, blue) = pixel(x, y)
        raw += [red, green, blue]
      }
    }
    return file(width, height, bits: 8, colour: 2, zlib: stored(raw))
  }

  /// A header that claims a large picture: the cost of refusing it must not depend on its size.
  static func blank(_ width: Int, _ height: Int) -> [UInt8] {
    file(width, height, bits: 1, colour: 0, zlib: stored([UInt8](repeating: 0, count: 100)))
  }

  /// A black picture of one bit a pixel: whole, and small even for many megapixels.
  static func black(_ width: Int, _ height: Int) -> [UInt8] {
    file(width, height, bits: 1, colour: 0, zlib: zeros(height * (1 + (width + 7) / 8)))
  }

  /// Zeros, compressed with the fixed codes of RFC 1951, 3.2.6: one literal, and then repetitions of it.
  private static func zeros(_ count: Int) -> [UInt8] {
    var bits = Bits()
    bits.append("110")
    bits.append("00110000")
    for _ in 0..<(count - 1) / 258 { bits.append("1100010100000") }
    for _ in 0..<(count - 1) % 258 { bits.append("00110000") }
    bits.append("0000000")
    // The checksum of zeros: the first sum stays 1, the second counts the bytes.
    return [0x78, 0x01] + bits.bytes + bytes(Int(count % 65_521 << 16 | 1))
  }

  /// Bits in the order of a stream, the first one in the lowest bit of a byte.
  private struct Bits {
    private(set) var bytes: [UInt8] = []
    private var used = 0

    mutating func append(_ text: String) {
      for bit in text {
        if used % 8 == 0 { bytes.append(0) }
        if bit == "1" { bytes[bytes.count - 1] |= 1 << UInt8(used % 8) }
        used += 1
      }
    }
  }

  private static func file(_ width: Int, _ height: Int, bits: UInt8, colour: UInt8, zlib: [UInt8]) -> [UInt8]
  {
    [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
      + chunk("IHDR", bytes(width) + bytes(height) + [bits, colour, 0, 0, 0]) + chunk("IDAT", zlib)
      + chunk("IEND", [])
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    return bytes(data.count) + body + bytes(Int(crc(body)))
  }

  private static func bytes(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func stored(_ raw: [UInt8]) -> [UInt8] {
    var zlib: [UInt8] = [0x78, 0x01]
    var position = 0
    repeat {
      let part = raw[position..<min(raw.count, position + 65_535)]
      position += part.count
      let (low, high) = (UInt8(part.count & 255), UInt8(part.count >> 8))
      zlib += [position == raw.count ? 1 : 0, low, high, ~low, ~high] + part
    } while position < raw.count
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in raw {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return zlib + bytes(Int(b << 16 | a))
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
