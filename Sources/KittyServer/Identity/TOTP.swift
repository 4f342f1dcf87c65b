import KittyShared
import OpenSSL

/// One-time codes by time (RFC 6238): HMAC-SHA-1, six digits, steps of 30 seconds, which is the default of every
/// authenticator app.
struct TOTP: Sendable {
  /// The secret; 20 random bytes, as RFC 4226 recommends.
  let key: [UInt8]

  static let keyLength = 20
  static let digits = 6
  /// Length of a time step in milliseconds.
  private static let period: Int64 = 30_000
  /// Number of steps by which a clock may be wrong, either way.
  private static let drift: Int64 = 1

  /// Returns the time step of an instant.
  static func step(at instant: Instant) -> Int64 { instant.milliseconds / period }

  /// Returns the code of a time step.
  /// - Throws: `Unavailable` when the policy of the machine forbids SHA-1.
  func code(at step: Int64) throws(Unavailable) -> String {
    let message = (0..<8).reversed().map { UInt8(truncatingIfNeeded: step >> ($0 * 8)) }
    guard let hash = HMACSHA1.code(for: message, key: key) else { throw Unavailable() }
    let offset = Int(hash[19] & 0x0f)
    let number = hash[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
    let text = String(number % 1_000_000)
    return String(repeating: "0", count: Self.digits - text.utf8.count) + text
  }

  /// Returns the time step near an instant that has this code; `nil` for a wrong code. It takes the same time for every
  /// code of six characters.
  func step(of code: String, at instant: Instant) throws(Unavailable) -> Int64? {
    let present = Self.step(at: instant)
    var found: Int64?
    for step in present - Self.drift...present + Self.drift {
      let expected = try self.code(at: step)
      let difference = zip(expected.utf8, code.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) }
      if difference == 0, code.utf8.count == Self.digits { found = step }
    }
    return found
  }

  /// Returns the URI that an authenticator app reads from a QR code. The names of users need no escaping.
  func uri(user: String) -> String {
    "otpauth://totp/KittyCash:\(user)?secret=\(base32(key))&issuer=KittyCash&algorithm=SHA1&digits=\(Self.digits)&period=\(Self.period / 1000)"
  }

  /// This machine cannot compute codes.
  struct Unavailable: Error, CustomStringConvertible {
    var description: String { "libcrypto refuses HMAC-SHA-1" }
  }
}

/// Base 32 in upper case, without padding (RFC 4648 §6).
func base32(_ bytes: [UInt8]) -> String {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)
  var digits: [UInt8] = []
  var (buffer, bits) = (0, 0)
  for byte in bytes {
    buffer = (buffer << 8 | Int(byte)) & 0xfff
    bits += 8
    while bits >= 5 {
      bits -= 5
      digits.append(alphabet[buffer >> bits & 31])
    }
  }
  if bits > 0 { digits.append(alphabet[buffer << (5 - bits) & 31]) }
  return String(decoding: digits, as: UTF8.self)
}
