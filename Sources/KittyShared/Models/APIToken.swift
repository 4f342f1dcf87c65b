/// What an API token is good for.
package enum TokenScope: String, Codable, CaseIterable, Sendable {
  /// `GET` and `HEAD`.
  case read
  /// Everything that changes something.
  case write

  /// Reads one of the words.
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let scope = TokenScope(rawValue: text) else {
      let known = TokenScope.allCases.map(\.rawValue).joined(separator: ", ")
      throw FieldError(decoder, code: "unknown_scope", message: "A scope is one of \(known).")
    }
    self = scope
  }
}

/// A named key for a program, which acts for the person within its scopes.
package struct APIToken: Codable, Hashable, Sendable {
  /// The token's id.
  package let id: ID
  /// What its owner calls it.
  package let name: String
  /// What it is good for.
  package let scopes: [TokenScope]
  /// The only group that it sees; `nil` for all groups of its owner.
  package let group: ID?
  /// When it was made.
  package let createdAt: Instant
  /// When it stops being valid; `nil` for never.
  package let expiresAt: Instant?
  /// When it was last used, up to five minutes old; `nil` for never.
  package let lastUsedAt: Instant?
  /// The secret to send as `Authorization: Bearer …`: begins with `kittypat_`. Only the answer to the making of
  /// the token has it.
  package var token: String?

  package init(
    id: ID, name: String, scopes: [TokenScope], group: ID?, createdAt: Instant, expiresAt: Instant?,
    lastUsedAt: Instant? = nil, token: String? = nil
  ) {
    self.id = id
    self.name = name
    self.scopes = scopes
    self.group = group
    self.createdAt = createdAt
    self.expiresAt = expiresAt
    self.lastUsedAt = lastUsedAt
    self.token = token
  }
}

/// A request to make an API token.
package struct NewToken: RequestBody, Hashable {
  /// The id, when the client makes it.
  package var id: ID?
  /// What to call it: at most 64 characters.
  package var name: String
  /// What it is to be good for: `read`, `write` or both.
  package var scopes: [TokenScope]
  /// The only group that it is to see; all groups when left out.
  package var group: ID?
  /// When it is to stop being valid, in the future; never when left out.
  package var expiresAt: Instant?

  package enum CodingKeys: String, CodingKey, CaseIterable { case id, name, scopes, group, expiresAt }

  package init(
    id: ID? = nil, name: String, scopes: [TokenScope], group: ID? = nil, expiresAt: Instant? = nil
  ) {
    self.id = id
    self.name = name
    self.scopes = scopes
    self.group = group
    self.expiresAt = expiresAt
  }

  /// Checks all fields; whether the expiry is in the future, and the group one's own, is for the server to say.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.text(name, "name", max: 64)
    checks.require(!scopes.isEmpty, "scopes", "empty", "Give the token read, write or both.")
    checks.require(Set(scopes).count == scopes.count, "scopes", "twice", "Name each scope once.")
  }
}
