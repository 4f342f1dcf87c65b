import CSodium

/// libsodium cannot do what was asked.
package struct SodiumFailure: Error, CustomStringConvertible {
  /// A sentence for the log.
  package let description: String
}

/// Starts the library once; every package function calls it.
enum Sodium {
  private static let status = sodium_init()

  /// - Throws: `SodiumFailure` when the machine gives no randomness.
  static func start() throws(SodiumFailure) {
    guard status >= 0 else { throw SodiumFailure(description: "libsodium cannot be started") }
  }
}

/// Bytes from the system's source of randomness, fit for keys.
/// - Parameter count: How many; at least 0.
package func randomBytes(count: Int) throws(SodiumFailure) -> [UInt8] {
  try Sodium.start()
  var bytes = [UInt8](repeating: 0, count: count)
  randombytes_buf(&bytes, count)
  return bytes
}

/// Lower-case hexadecimal digits, two for each byte.
package func hex(_ bytes: [UInt8]) -> String {
  var digits: [UInt8] = []
  digits.reserveCapacity(bytes.count * 2)
  for byte in bytes {
    for nibble in [byte >> 4, byte & 15] { digits.append(nibble + (nibble < 10 ? 0x30 : 0x57)) }
  }
  return String(decoding: digits, as: UTF8.self)
}

/// The bytes that hexadecimal digits stand for; `nil` for any other text.
package func bytes(hex text: String) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: text.utf8.count / 2)
  var count = 0
  let status = sodium_hex2bin(&bytes, bytes.count, text, text.utf8.count, nil, &count, nil)
  return status == 0 && count * 2 == text.utf8.count ? bytes : nil
}

/// Base64 with `-` and `_`, without padding (RFC 4648 §5).
package func base64URL(_ bytes: [UInt8]) -> String {
  let variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING
  var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
  sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
  return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
