/// A right of an API token.
package enum TokenScope: String, Codable, CaseIterable, Sendable {
  /// `GET` and `HEAD`.
  case read
  /// Every method that changes data.
  case write

  /// Reads one of the words.
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let scope = TokenScope(rawValue: text) else {
      let known = TokenScope.allCases.map(\.rawValue).joined(separator: ", ")
      throw FieldError(decoder, code: "unknown_scope", message: "A scope must be one of \(known).")
    }
    self = scope
  }
}

/// A named key for a program that acts for the user within its scopes.
package struct APIToken: Codable, Hashable, Sendable {
  /// The token's id.
  package let id: ID
  /// The name given by its owner.
  package let name: String
  /// The rights of the token.
  package let scopes: [TokenScope]
  /// The only group that it can access; `nil` for all groups of its owner.
  package let group: ID?
  /// The instant of creation.
  package let createdAt: Instant
  /// The instant of expiry; `nil` for none.
  package let expiresAt: Instant?
  /// The instant of the last use, up to five minutes late; `nil` if never used.
  package let lastUsedAt: Instant?
  /// The secret to send as `Authorization: Bearer …`: begins with `kittypat_`. Only the response to the creation of
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

/// A request to create an API token.
package struct NewToken: RequestBody, Hashable {
  /// The id, if the client makes it.
  package var id: ID?
  /// The name: at most 64 characters.
  package var name: String
  /// The rights: `read`, `write` or both.
  package var scopes: [TokenScope]
  /// The only group that it can access; all groups when omitted.
  package var group: ID?
  /// The instant of expiry, in the future; none when omitted.
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

  /// Checks all fields. The server also checks that the expiry is in the future and the group is the user's.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.text(name, "name", max: 64)
    checks.require(!scopes.isEmpty, "scopes", "empty", "The scopes must be read, write or both.")
    checks.require(Set(scopes).count == scopes.count, "scopes", "twice", "Name each scope once.")
  }
}
