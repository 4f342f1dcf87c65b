import CSodium

/// Computes SHA-512 hashes.
package enum SHA512 {
  /// Returns the 64 bytes of the hash of `bytes`.
  package static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var hash = [UInt8](repeating: 0, count: Int(crypto_hash_sha512_BYTES))
    crypto_hash_sha512(&hash, bytes, UInt64(bytes.count))
    return hash
  }
}
