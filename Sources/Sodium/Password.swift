import CSodium

/// Passwords as Argon2id hashes in the PHC text form, which carries its own salt and cost.
///
/// The cost is the first choice of the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes, 1 lane.
/// Both functions block for tens of milliseconds and need that memory: call them off event loops.
public enum Password {
  private static let memory = 19 * 1024 * 1024
  private static let passes: UInt64 = 2

  /// Hashes a password with a fresh salt.
  /// - Throws: `SodiumFailure` when memory runs out.
  public static func hash(_ password: String) throws(SodiumFailure) -> String {
    try Sodium.start()
    var text = [CChar](repeating: 0, count: Int(crypto_pwhash_STRBYTES))
    let status = crypto_pwhash_str_alg(
      &text, password, UInt64(password.utf8.count), passes, memory, crypto_pwhash_ALG_ARGON2ID13)
    guard status == 0 else { throw SodiumFailure(description: "no memory to hash a password") }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Whether `hash` was made from this password. The comparison takes the same time either way.
  /// - Throws: `SodiumFailure` when the library cannot be started.
  public static func verify(_ password: String, hash: String) throws(SodiumFailure) -> Bool {
    try Sodium.start()
    return crypto_pwhash_str_verify(hash, password, UInt64(password.utf8.count)) == 0
  }
}
