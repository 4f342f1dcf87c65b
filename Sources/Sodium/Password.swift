import CSodium

/// Hashes passwords with Argon2id. A hash is a text in the PHC format, which contains its salt and cost.
///
/// The functions block for tens of milliseconds and need the memory of the cost: do not call them on an event loop.
package enum Password {
  /// The cost of one hash, also for an attacker who tries passwords.
  package struct Cost: Hashable, Sendable {
    /// Memory in bytes; at least 8 KiB.
    package let memory: Int
    /// Number of passes over the memory; at least 1.
    package let passes: Int

    package init(memory: Int, passes: Int) {
      self.memory = memory
      self.passes = passes
    }

    /// 19 MiB and 2 passes, as the OWASP Password Storage Cheat Sheet recommends for Argon2id.
    package static let recommended = Cost(memory: 19 * 1024 * 1024, passes: 2)
  }

  /// Hashes a password with a fresh salt.
  /// - Throws: `SodiumFailure` when there is not enough memory.
  package static func hash(
    _ password: String, cost: Cost = .recommended
  ) throws(SodiumFailure) -> String {
    try Sodium.start()
    var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
    let status = crypto_pwhash_str_alg(
      &text, password, UInt64(password.utf8.count), UInt64(cost.passes), cost.memory,
      crypto_pwhash_ALG_ARGON2ID13)
    guard status == 0 else { throw SodiumFailure(description: "not enough memory to hash a password") }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Returns whether `hash` was made from this password, in constant time.
  /// - Throws: `SodiumFailure` when the library cannot be started.
  package static func verify(_ password: String, hash: String) throws(SodiumFailure) -> Bool {
    try Sodium.start()
    return crypto_pwhash_str_verify(hash, password, UInt64(password.utf8.count)) == 0
  }

  /// Returns whether `hash` was made at another cost, so that the password should be hashed again.
  package static func needsRehash(_ hash: String, cost: Cost = .recommended) -> Bool {
    crypto_pwhash_str_needs_rehash(hash, UInt64(cost.passes), cost.memory) != 0
  }
}
