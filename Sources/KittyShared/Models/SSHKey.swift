/// A public key of ssh with which its user signs in.
package struct SSHKey: Codable, Hashable, Sendable {
  /// The key's id.
  package let id: ID
  /// The name given by its owner.
  package let name: String
  /// The type, as OpenSSH names it, such as `ssh-ed25519`.
  package let type: String
  /// The fingerprint as OpenSSH prints it: `SHA256:` and base64.
  package let fingerprint: String
  /// The instant at which it was added.
  package let createdAt: Instant
  /// The instant of the last sign-in with it; `nil` if never used.
  package let lastUsedAt: Instant?

  package init(
    id: ID, name: String, type: String, fingerprint: String, createdAt: Instant, lastUsedAt: Instant? = nil
  ) {
    self.id = id
    self.name = name
    self.type = type
    self.fingerprint = fingerprint
    self.createdAt = createdAt
    self.lastUsedAt = lastUsedAt
  }

  /// Maximum length of a name in characters.
  package static let maxName = 64
}

/// A request to add a public key.
package struct NewSSHKey: Creation, Hashable {
  /// The id, if the client makes it.
  package var id: ID?
  /// The name: at most 64 characters; the comment of the key, or its type, when omitted.
  package var name: String?
  /// The line of the public key: its type, its base64, and perhaps a comment. At most 16 KiB.
  package var key: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case id, name, key }

  package init(id: ID? = nil, name: String? = nil, key: String) {
    self.id = id
    self.name = name
    self.key = key
  }

  /// Bounds the sizes, and refuses a private key before it is sent. The server reads the key.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    if let name { checks.text(name, "name", max: SSHKey.maxName) }
    checks.require(
      (1...16_384).contains(key.utf8.count), "key", "key_length",
      "Write the line of a public key, such as that of ~/.ssh/id_ed25519.pub.")
    checks.require(
      !key.contains("PRIVATE KEY"), "key", "private_key",
      "This is a private key: keep it to yourself. Write the line of the file that ends in .pub.")
  }
}
