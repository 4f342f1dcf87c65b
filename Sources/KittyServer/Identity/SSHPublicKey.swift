import FoundationEssentials
import KittyShared
import OpenSSL
import Sodium

/// A public key as ssh encodes it (RFC 4253 §6.6, RFC 5656, RFC 8709, PROTOCOL.u2f of OpenSSH).
struct SSHPublicKey: Sendable {
  /// The type, as OpenSSH names it.
  let type: String
  /// The encoded key, with its type.
  let blob: [UInt8]
  private let numbers: Numbers

  /// The parts of a key.
  private enum Numbers: Sendable {
    case ed25519([UInt8])
    case ecdsa(PublicKey.Curve, point: [UInt8])
    case rsa(modulus: [UInt8], exponent: [UInt8])
  }

  /// The name that a security key signs with each signature; `nil` for another key.
  private(set) var application: [UInt8]?

  /// Minimum number of bits of an RSA key.
  static let minRSABits = 3072

  /// Reads the line of a key: its type, its base64, and perhaps a comment.
  /// - Returns: The key and the comment.
  /// - Throws: `Rejection` for a text that is no key, and for a key that is not accepted.
  static func read(line: String) throws(Rejection) -> (key: SSHPublicKey, comment: String) {
    let text = line.trimmed
    let words = text.split(maxSplits: 2, whereSeparator: \.isWhitespace)
    guard words.count >= 2, !text.contains(where: \.isNewline),
      let blob = Data(base64Encoded: String(words[1])).map(Array.init)
    else { throw notAKey }
    let key = try SSHPublicKey(blob: blob)
    guard key.type == words[0] else { throw notAKey }
    return (key, words.count > 2 ? String(words[2]).trimmed : "")
  }

  /// Reads an encoded key.
  /// - Throws: `Rejection` for bytes that are no key, and for a key that is not accepted.
  init(blob: [UInt8]) throws(Rejection) {
    self.blob = blob
    var wire = SSHWire(blob)
    guard let type = wire.text() else { throw Self.notAKey }
    self.type = type
    switch type {
    case "ssh-ed25519", "sk-ssh-ed25519@openssh.com":
      guard let key = wire.string(), key.count == 32 else { throw Self.notAKey }
      numbers = .ed25519(key)
    case "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
      "sk-ecdsa-sha2-nistp256@openssh.com":
      guard let curve = wire.text(), type.contains("-" + curve), let found = Self.curves[curve],
        let point = wire.string()
      else { throw Self.notAKey }
      numbers = .ecdsa(found, point: point)
    case "ssh-rsa":
      guard let exponent = wire.number(), let modulus = wire.number() else { throw Self.notAKey }
      numbers = .rsa(modulus: modulus, exponent: exponent)
    default:
      throw Self.invalid(
        "key_type",
        "Keys of type ssh-ed25519, ecdsa-sha2-nistp256, -384 and -521, ssh-rsa, and those of security keys are accepted. Make one with: ssh-keygen -t ed25519"
      )
    }
    if type.hasPrefix("sk-") {
      guard let application = wire.string() else { throw Self.notAKey }
      self.application = application
    }
    guard wire.isAtEnd, let key = publicKey else { throw Self.notAKey }
    if case .rsa(_, let exponent) = numbers {
      guard key.bits >= Self.minRSABits, key.bits <= 16_384 else {
        throw Self.invalid(
          "key_too_short",
          "This RSA key has \(key.bits) bits; \(Self.minRSABits) to 16384 are accepted. Make another key with: ssh-keygen -t ed25519"
        )
      }
      // A small exponent is a mistake of the program that made the key.
      guard exponent.count >= 3, exponent.count <= 8, exponent.last.map({ $0 & 1 == 1 }) == true else {
        throw Self.notAKey
      }
    }
  }

  private static let curves: [String: PublicKey.Curve] = [
    "nistp256": .p256, "nistp384": .p384, "nistp521": .p521,
  ]

  /// `true` for a security key, which signs only while its owner touches it.
  var isSecurityKey: Bool { application != nil }

  /// `SHA256:` and the hash of the key, as OpenSSH prints it.
  var fingerprint: String {
    "SHA256:" + Data(SHA256.hash(blob)).base64EncodedString().replacing("=", with: "")
  }

  /// The key that verifies; `nil` when its numbers are none of a key.
  var publicKey: PublicKey? {
    switch numbers {
    case .ed25519(let bytes): PublicKey(ed25519: bytes)
    case .ecdsa(let curve, let point): PublicKey(curve, point: point)
    case .rsa(let modulus, let exponent): PublicKey(modulus: modulus, exponent: exponent)
    }
  }

  /// The hash function of a signature of a type; `nil` for a type that this key does not make.
  func hash(of signatureType: String) -> PublicKey.Hash? {
    switch (numbers, signatureType) {
    case (.rsa, "rsa-sha2-256"): .sha256
    case (.rsa, "rsa-sha2-512"): .sha512
    case (.rsa, _): nil
    case (.ed25519, type), (.ecdsa(.p256, _), type): .sha256
    case (.ecdsa(.p384, _), type): .sha384
    case (.ecdsa(.p521, _), type): .sha512
    default: nil
    }
  }

  private static let notAKey = invalid(
    "not_a_key", "Write the line of a public key, such as that of ~/.ssh/id_ed25519.pub.")

  private static func invalid(_ code: String, _ message: String) -> Rejection {
    Rejection.invalid("key", code, message)
  }
}
