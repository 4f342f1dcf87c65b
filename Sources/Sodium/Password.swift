import CSodium

/// Passwords as Argon2id hashes in the PHC text form, which carries its own salt and cost.
///
/// The functions block for tens of milliseconds and need the cost's memory: call them off event loops.
package enum Password {
  /// What hashing takes: who tries out passwords pays the same for each.
  package struct Cost: Hashable, Sendable {
    /// How much memory, in bytes; at least 8 KiB.
    package let memory: Int
    /// How often it is gone over; at least 1.
    package let passes: Int

    package init(memory: Int, passes: Int) {
      self.memory = memory
      self.passes = passes
    }

    /// 19 MiB, 2 passes, 1 lane: what the OWASP Password Storage Cheat Sheet recommends for Argon2id.
    package static let recommended = Cost(memory: 19 * 1024 * 1024, passes: 2)
  }

  /// Hashes a password with a fresh salt.
  /// - Throws: `SodiumFailure` when memory runs out.
  package static func hash(
    _ password: String, cost: Cost = .recommended
  ) throws(SodiumFailure) -> String {
    try Sodium.start()
    var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
    let status = crypto_pwhash_str_alg(
      &text, password, UInt64(password.utf8.count), UInt64(cost.passes), cost.memory,
      crypto_pwhash_ALG_ARGON2ID13)
    guard status == 0 else { throw SodiumFailure(description: "no memory to hash a password") }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Whether `hash` was made from this password. The comparison takes the same time either way.
  /// - Throws: `SodiumFailure` when the library cannot be started.
  package static func verify(_ password: String, hash: String) throws(SodiumFailure) -> Bool {
    try Sodium.start()
    return crypto_pwhash_str_verify(hash, password, UInt64(password.utf8.count)) == 0
  }

  /// Whether `hash` was made at another cost than this, so that the password should be hashed anew.
  package static func isOutdated(_ hash: String, cost: Cost = .recommended) -> Bool {
    crypto_pwhash_str_needs_rehash(hash, UInt64(cost.passes), cost.memory) != 0
  }
}
