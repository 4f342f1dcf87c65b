import FoundationEssentials
import KittyShared
import OpenSSL
import Sodium

/// A signature in the format of `ssh-keygen -Y sign` (PROTOCOL.sshsig of OpenSSH), with the key that made it.
struct SSHSignature: Sendable {
  let key: SSHPublicKey
  private let namespace: [UInt8]
  private let reserved: [UInt8]
  private let hashName: String
  private let signatureType: String
  private let signature: [UInt8]
  /// The flags and the counter of a security key.
  private let flags: UInt8?
  private let counter: [UInt8]

  private static let magic = Array("SSHSIG".utf8)
  private static let firstLine = "-----BEGIN SSH SIGNATURE-----"
  private static let lastLine = "-----END SSH SIGNATURE-----"
  /// The flag of a security key: it was touched.
  private static let touched: UInt8 = 1

  /// Reads a signature; `nil` for a text that is none, or whose key is not accepted.
  init?(armored text: String) {
    let lines = text.split(whereSeparator: \.isNewline).map { String($0).trimmed }
    guard lines.first == Self.firstLine, lines.last == Self.lastLine, lines.count > 2,
      let data = Data(base64Encoded: lines.dropFirst().dropLast().joined())
    else { return nil }
    var wire = SSHWire(Array(data))
    guard wire.bytes(Self.magic.count) == Self.magic, wire.uint32() == 1, let blob = wire.string(),
      let key = try? SSHPublicKey(blob: blob), let namespace = wire.string(), let reserved = wire.string(),
      let hashName = wire.text(), var inner = wire.string().map(SSHWire.init), wire.isAtEnd,
      let type = inner.text(), let signature = inner.string()
    else { return nil }
    (self.key, self.namespace, self.reserved, self.hashName) = (key, namespace, reserved, hashName)
    (signatureType, self.signature) = (type, signature)
    if key.isSecurityKey {
      guard let flags = inner.byte(), let counter = inner.bytes(4) else { return nil }
      (self.flags, self.counter) = (flags, counter)
    } else {
      (flags, counter) = (nil, [])
    }
    guard inner.isAtEnd else { return nil }
  }

  /// Returns `true` when the key has signed the message for the namespace.
  func isRight(for message: String, namespace: String) -> Bool {
    guard self.namespace == Array(namespace.utf8), let hash = key.hash(of: signatureType),
      let digest = Self.digest(Array(message.utf8), hashName), let publicKey = key.publicKey,
      let signature = encodedSignature
    else { return false }
    var signed =
      Self.magic + SSHWire.string(self.namespace) + SSHWire.string(reserved) + SSHWire.string(hashName)
      + SSHWire.string(digest)
    if let flags, let application = key.application {
      guard flags & Self.touched != 0 else { return false }
      signed = SHA256.hash(application) + [flags] + counter + SHA256.hash(signed)
    }
    return publicKey.isRight(signature, of: signed, hash)
  }

  /// The signature as libcrypto expects it.
  private var encodedSignature: [UInt8]? {
    guard key.type.contains("ecdsa") else { return signature }
    var wire = SSHWire(signature)
    guard let r = wire.number(), let s = wire.number(), wire.isAtEnd else { return nil }
    return PublicKey.ecdsaSignature(r: r, s: s)
  }

  private static func digest(_ message: [UInt8], _ name: String) -> [UInt8]? {
    switch name {
    case "sha256": SHA256.hash(message)
    case "sha512": SHA512.hash(message)
    default: nil
    }
  }
}
