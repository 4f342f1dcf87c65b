import Sodium

/// What comes as `Authorization: Bearer …`, as far as it is kept: its hash, and what it is the secret of. Both
/// kinds are recognised by how they begin, by this program and by those that look for leaked secrets.
struct BearerToken: Sendable {
  let hash: String
  /// Whether it is an API token's, and not a session's.
  let isOfToken: Bool

  private static let sessionPrefix = "kitty_"
  private static let tokenPrefix = "kittypat_"

  init(_ text: String) {
    hash = hex(SHA256.hash(Array(text.utf8)))
    isOfToken = text.utf8.starts(with: Self.tokenPrefix.utf8)
  }

  /// A new secret of a session: 256 random bits.
  static func ofSession() throws(SodiumFailure) -> String {
    sessionPrefix + base64URL(try randomBytes(count: 32))
  }

  /// A new secret of an API token: 256 random bits.
  static func ofToken() throws(SodiumFailure) -> String {
    tokenPrefix + base64URL(try randomBytes(count: 32))
  }
}
