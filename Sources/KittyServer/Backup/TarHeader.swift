/// The 512 bytes before a file in a tar archive (POSIX ustar). A name, size and time have exactly one header here, so a
/// reader checks a header by making it again.
struct TarHeader: Equatable {
  /// At most 100 bytes of ASCII.
  let name: String
  /// Bytes of the file, below 8 GiB.
  let size: Int
  /// Seconds since 1970.
  let time: Int

  static let block = 512

  /// Number of zeros after the file, up to a whole block.
  var padding: Int { (Self.block - size % Self.block) % Self.block }

  var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.block)
    func put(_ text: String, at offset: Int) {
      bytes.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    put(name, at: 0)
    put("0000600", at: 100)
    put("0000000", at: 108)
    put("0000000", at: 116)
    put(Self.octal(size, 11), at: 124)
    put(Self.octal(time, 11), at: 136)
    // The checksum is the sum of all bytes, with spaces in its own place.
    put("        ", at: 148)
    put("0", at: 156)
    put("ustar", at: 257)
    put("00", at: 263)
    put("0000000", at: 329)
    put("0000000", at: 337)
    put(Self.octal(bytes.reduce(0) { $0 + Int($1) }, 6) + "\0 ", at: 148)
    return bytes
  }

  init(name: String, size: Int, time: Int) {
    self.name = name
    self.size = size
    self.time = time
  }

  /// Reads a header that this program wrote.
  /// - Returns: `nil` for all other bytes.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.block, let size = Self.number(bytes[124..<135]),
      let time = Self.number(bytes[136..<147])
    else { return nil }
    self.init(
      name: String(decoding: bytes[0..<100].prefix { $0 != 0 }, as: UTF8.self), size: size, time: time)
    guard !name.isEmpty, name.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), self.bytes == bytes else {
      return nil
    }
  }

  private static func octal(_ number: Int, _ digits: Int) -> String {
    let text = String(number, radix: 8)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    Int(String(decoding: digits, as: UTF8.self), radix: 8)
  }
}
