import Sodium

/// The secret of `Authorization: Bearer …`, reduced to its hash and its kind. The prefix tells the kind, to this program
/// and to scanners for leaked secrets.
struct BearerToken: Sendable {
  let hash: String
  /// `true` for the secret of an API token, `false` for that of a session.
  let isAPIToken: Bool

  private static let sessionPrefix = "kitty_"
  private static let tokenPrefix = "kittypat_"
  private static let devicePrefix = "kittydev_"
  private static let challengePrefix = "kittychal_"
  private static let uploadPrefix = "kittyup_"

  init(_ text: String) {
    hash = hex(SHA256.hash(Array(text.utf8)))
    isAPIToken = text.utf8.starts(with: Self.tokenPrefix.utf8)
  }

  /// Makes the secret of a new session: 256 random bits.
  static func forSession() throws(SodiumFailure) -> String {
    sessionPrefix + base64URL(try randomBytes(count: 32))
  }

  /// Makes the secret of a new API token: 256 random bits.
  static func forAPIToken() throws(SodiumFailure) -> String {
    tokenPrefix + base64URL(try randomBytes(count: 32))
  }

  /// Makes a new challenge: 256 random bits. It opens nothing without a signature.
  static func forChallenge() throws(SodiumFailure) -> String {
    challengePrefix + base64URL(try randomBytes(count: 32))
  }

  /// Makes the secret of an upload address: 256 random bits.
  static func forUpload() throws(SodiumFailure) -> String {
    uploadPrefix + base64URL(try randomBytes(count: 32))
  }

  /// Makes a new device token: 256 random bits. It opens nothing, so no request is authorised with it.
  static func forDevice() throws(SodiumFailure) -> String {
    devicePrefix + base64URL(try randomBytes(count: 32))
  }
}
