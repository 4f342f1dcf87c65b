import KittyShared
import Sodium

/// The keys that encrypt the secrets of second factors in the database, and so in backups. Without a key the secrets are
/// stored as they are.
struct SecretKeys: Sendable {
  private struct Key: Sendable {
    let bytes: [UInt8]
    /// The begin of each text that the key has sealed: the version of the form, and the begin of the hash of the key.
    let prefix: String

    init(_ bytes: [UInt8]) {
      self.bytes = bytes
      prefix = "\(SecretKeys.form)\(hex(Array(SHA256.hash(bytes).prefix(4)))):"
    }
  }

  fileprivate static let form = "v1:"

  /// The first key seals; the others only open what they have sealed.
  private let keys: [Key]

  /// The setting without a key.
  static let none = SecretKeys(keys: [])

  private init(keys: [Key]) { self.keys = keys }

  /// Parses keys of 64 hexadecimal digits, with commas or white space between them.
  /// - Throws: `Invalid`.
  init(_ text: String) throws(Invalid) {
    let words = text.split { $0 == "," || $0.isWhitespace }
    let all = words.compactMap { bytes(hex: String($0)) }.filter { $0.count == SecretBox.keyLength }
    guard !all.isEmpty, all.count == words.count else { throw Invalid() }
    keys = all.map { Key($0) }
  }

  /// The text has another form.
  struct Invalid: Error, CustomStringConvertible {
    let description = """
      write 64 hexadecimal digits, as openssl rand -hex 32 prints them; after a change, also the former keys, with \
      commas between.
      """
  }

  /// `true` without a key.
  var isEmpty: Bool { keys.isEmpty }

  /// The begin of the texts that are sealed with the present key; `nil` without a key.
  var prefix: String? { keys.first?.prefix }

  /// Returns the text to store for a secret of a user.
  func seal(_ secret: [UInt8], of user: ID) throws -> String {
    guard let key = keys.first else { return hex(secret) }
    return key.prefix + hex(try SecretBox.seal(secret, key: key.bytes, for: Self.context(user)))
  }

  /// Returns the secret of a user that was stored as a text.
  /// - Throws: `Unreadable`.
  func open(_ stored: String, of user: ID) throws -> [UInt8] {
    guard stored.hasPrefix(Self.form) else {
      guard let secret = bytes(hex: stored) else { throw Unreadable() }
      return secret
    }
    for key in keys where stored.hasPrefix(key.prefix) {
      if let sealed = bytes(hex: String(stored.dropFirst(key.prefix.count))),
        let secret = try SecretBox.open(sealed, key: key.bytes, for: Self.context(user))
      {
        return secret
      }
    }
    throw Unreadable()
  }

  /// The secret is damaged, or was sealed with a key that is not known.
  struct Unreadable: Error, CustomStringConvertible {
    let description = """
      the secret of a second factor cannot be read: SECRETS_KEY lacks the key that it was encrypted with
      """
  }

  private static func context(_ user: ID) -> [UInt8] { Array("second factor of \(user)".utf8) }
}
