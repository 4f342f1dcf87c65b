import CSodium

/// Thrown when libsodium fails.
package struct SodiumFailure: Error, CustomStringConvertible {
  package let description: String
}

/// Initialises the library once. Functions that need it call `start`.
enum Sodium {
  private static let status = sodium_init()

  /// - Throws: `SodiumFailure` when the system has no source of randomness.
  static func start() throws(SodiumFailure) {
    guard status >= 0 else { throw SodiumFailure(description: "libsodium cannot be initialised") }
  }
}

/// Returns bytes from the system's cryptographic source of randomness.
/// - Parameter count: Number of bytes; at least 0.
/// - Throws: `SodiumFailure`.
package func randomBytes(count: Int) throws(SodiumFailure) -> [UInt8] {
  try Sodium.start()
  var bytes = [UInt8](repeating: 0, count: count)
  randombytes_buf(&bytes, count)
  return bytes
}

/// Returns lower-case hexadecimal digits, two for each byte.
package func hex(_ bytes: [UInt8]) -> String {
  var digits: [UInt8] = []
  digits.reserveCapacity(bytes.count * 2)
  for byte in bytes {
    for nibble in [byte >> 4, byte & 15] { digits.append(nibble + (nibble < 10 ? 0x30 : 0x57)) }
  }
  return String(decoding: digits, as: UTF8.self)
}

/// Decodes hexadecimal digits.
/// - Returns: `nil` for other text.
package func bytes(hex text: String) -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: text.utf8.count / 2)
  var count = 0
  let status = sodium_hex2bin(&bytes, bytes.count, text, text.utf8.count, nil, &count, nil)
  return status == 0 && count * 2 == text.utf8.count ? bytes : nil
}

/// Encodes bytes as base64url without padding (RFC 4648 §5).
package func base64URL(_ bytes: [UInt8]) -> String {
  let variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING
  var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
  sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
  return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
