import CSodium

/// Encrypts and authenticates short secrets with XChaCha20-Poly1305. A random nonce stands before the cipher text.
package enum SecretBox {
  /// Length of a key in bytes.
  package static let keyLength = Int(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
  private static let nonceLength = Int(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
  private static let tagLength = Int(crypto_aead_xchacha20poly1305_ietf_ABYTES)

  /// Encrypts a secret.
  /// - Parameters:
  ///   - key: `keyLength` bytes.
  ///   - context: What the secret belongs to: only with the same bytes can it be opened.
  /// - Throws: `SodiumFailure` for a key of another length.
  package static func seal(
    _ secret: [UInt8], key: [UInt8], for context: [UInt8]
  ) throws(SodiumFailure) -> [UInt8] {
    try require(key)
    let nonce = try randomBytes(count: nonceLength)
    var sealed = [UInt8](repeating: 0, count: secret.count + tagLength)
    var length: UInt64 = 0
    let status = crypto_aead_xchacha20poly1305_ietf_encrypt(
      &sealed, &length, secret, UInt64(secret.count), context, UInt64(context.count), nil, nonce, key)
    guard status == 0, Int(length) == sealed.count else {
      throw SodiumFailure(description: "encryption failed")
    }
    return nonce + sealed
  }

  /// Decrypts a secret.
  /// - Returns: `nil` when it was encrypted with another key or for another context, or is damaged.
  /// - Throws: `SodiumFailure` for a key of another length.
  package static func open(
    _ sealed: [UInt8], key: [UInt8], for context: [UInt8]
  ) throws(SodiumFailure) -> [UInt8]? {
    try require(key)
    guard sealed.count >= nonceLength + tagLength else { return nil }
    let (nonce, text) = (Array(sealed[..<nonceLength]), Array(sealed[nonceLength...]))
    var secret = [UInt8](repeating: 0, count: text.count - tagLength)
    var length: UInt64 = 0
    let status = crypto_aead_xchacha20poly1305_ietf_decrypt(
      &secret, &length, nil, text, UInt64(text.count), context, UInt64(context.count), nonce, key)
    return status == 0 && Int(length) == secret.count ? secret : nil
  }

  private static func require(_ key: [UInt8]) throws(SodiumFailure) {
    try Sodium.start()
    guard key.count == keyLength else { throw SodiumFailure(description: "the key has a wrong length") }
  }
}
