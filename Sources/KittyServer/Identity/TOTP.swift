import KittyShared
import OpenSSL

/// One-time codes by time (RFC 6238): HMAC-SHA-1, six digits, steps of 30 seconds, as every authenticator app
/// makes them unless told otherwise.
struct TOTP: Sendable {
  /// The secret; 20 random bytes, as RFC 4226 recommends.
  let key: [UInt8]

  static let keyLength = 20
  static let digits = 6
  /// How long a code is shown, in milliseconds.
  private static let period: Int64 = 30_000
  /// How many steps a clock may be wrong, either way.
  private static let drift: Int64 = 1

  /// The time step of an instant.
  static func step(at instant: Instant) -> Int64 { instant.milliseconds / period }

  /// The code of a time step.
  /// - Throws: `Unavailable` where the machine's policy forbids SHA-1.
  func code(at step: Int64) throws(Unavailable) -> String {
    let message = (0..<8).reversed().map { UInt8(truncatingIfNeeded: step >> ($0 * 8)) }
    guard let hash = HMACSHA1.code(for: message, key: key) else { throw Unavailable() }
    let place = Int(hash[19] & 0x0f)
    let number = hash[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
    let text = String(number % 1_000_000)
    return String(repeating: "0", count: Self.digits - text.utf8.count) + text
  }

  /// The time step whose code this is, near an instant; `nil` when it is none of them. Takes the same time for
  /// every code of six characters.
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

  /// What an authenticator app reads from a QR code. The names of accounts need no escaping.
  func uri(account: String) -> String {
    "otpauth://totp/KittyCash:\(account)?secret=\(base32(key))&issuer=KittyCash&algorithm=SHA1&digits=\(Self.digits)&period=\(Self.period / 1000)"
  }

  /// No code can be made here.
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
