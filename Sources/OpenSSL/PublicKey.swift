import COpenSSL

/// A public key that verifies signatures.
package final class PublicKey {
  private let key: OpaquePointer
  private let kind: Kind

  private enum Kind { case ed25519, ecdsa, rsa }

  /// A hash function of a signature.
  package enum Hash: Sendable { case sha256, sha384, sha512 }

  /// A named curve.
  package enum Curve: String, Sendable {
    case p256 = "prime256v1"
    case p384 = "secp384r1"
    case p521 = "secp521r1"
  }

  private init?(_ key: OpaquePointer?, _ kind: Kind) {
    guard let key else { return nil }
    (self.key, self.kind) = (key, kind)
  }

  deinit { EVP_PKEY_free(key) }

  /// A key of Ed25519 (RFC 8032); `nil` unless it has 32 bytes.
  package convenience init?(ed25519 bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.init(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count), .ed25519)
  }

  /// A key of ECDSA.
  /// - Parameter point: The point in the encoding of SEC 1; `nil` is returned when it is not on the curve.
  package convenience init?(_ curve: Curve, point: [UInt8]) {
    self.init(public_key_ec(curve.rawValue, point, point.count), .ecdsa)
  }

  /// A key of RSA, with its numbers as bytes, the highest first.
  package convenience init?(modulus: [UInt8], exponent: [UInt8]) {
    self.init(public_key_rsa(modulus, modulus.count, exponent, exponent.count), .rsa)
  }

  /// The number of bits of the key: of the modulus for RSA.
  package var bits: Int { Int(EVP_PKEY_get_bits(key)) }

  /// Returns `true` for the right signature of a message. RSA has the padding of PKCS #1, version 1.5.
  /// - Parameters:
  ///   - signature: For ECDSA in DER: see `ecdsaSignature`.
  ///   - hash: The hash function; Ed25519 has its own.
  package func isRight(_ signature: [UInt8], of message: [UInt8], _ hash: Hash) -> Bool {
    guard let context = EVP_MD_CTX_new() else { return false }
    defer {
      EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    let function =
      switch (kind, hash) {
      case (.ed25519, _): OpaquePointer?.none
      case (_, .sha256): EVP_sha256()
      case (_, .sha384): EVP_sha384()
      case (_, .sha512): EVP_sha512()
      }
    guard EVP_DigestVerifyInit(context, nil, function, nil, key) == 1 else { return false }
    return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }

  /// Returns a signature of ECDSA in DER, from its two numbers as bytes with the highest first.
  package static func ecdsaSignature(r: [UInt8], s: [UInt8]) -> [UInt8]? {
    var bytes: UnsafeMutablePointer<UInt8>?
    let length = ecdsa_signature_der(r, r.count, s, s.count, &bytes)
    guard length > 0, let bytes else { return nil }
    defer { openssl_bytes_free(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(length)))
  }
}
