/// A comment on an entry.
package struct Comment: Codable, Hashable, Sendable {
  /// The comment's id.
  package let id: ID
  /// The text.
  package let text: String
  /// The author.
  package let createdBy: ID
  /// The instant.
  package let createdAt: Instant

  package init(id: ID, text: String, createdBy: ID, createdAt: Instant) {
    self.id = id
    self.text = text
    self.createdBy = createdBy
    self.createdAt = createdAt
  }
}

/// A request to comment on an entry.
package struct NewComment: Creation, Hashable {
  /// The id, if the client makes it.
  package var id: ID?
  /// At most 1000 characters.
  package var text: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case id, text }

  package init(id: ID? = nil, text: String) {
    self.id = id
    self.text = text
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.text(text, "text", max: 1000)
  }
}
