/// One change of an entry.
package struct Revision: Codable, Hashable, Sendable {
  /// The version after the change.
  package let version: Int64
  /// The action.
  package let action: Action
  /// The member who made the change.
  package let by: ID
  /// The instant.
  package let at: Instant
  /// The changed fields, in the order of their names.
  package let changes: [Change]

  /// A kind of change of an entry.
  package enum Action: String, Codable, Sendable {
    /// The entry was created.
    case created
    /// Fields were changed.
    case changed
    /// The entry was removed from the balances.
    case deleted
    /// The entry was added to the balances again.
    case restored
  }

  /// A field before and after.
  package struct Change: Codable, Hashable, Sendable {
    /// The field's name, such as `amount`.
    package let field: String
    /// The old value as JSON; `nil` if there was none.
    package let old: JSONValue?
    /// The new value as JSON; `nil` if it was removed.
    package let new: JSONValue?

    package init(field: String, old: JSONValue?, new: JSONValue?) {
      self.field = field
      self.old = old
      self.new = new
    }
  }

  package init(version: Int64, action: Action, by: ID, at: Instant, changes: [Change]) {
    self.version = version
    self.action = action
    self.by = by
    self.at = at
    self.changes = changes
  }
}

/// All changes of an entry, oldest first.
package struct History: Codable, Hashable, Sendable {
  /// The changes.
  package let revisions: [Revision]

  package init(revisions: [Revision]) { self.revisions = revisions }
}

/// Any value of JSON.
package enum JSONValue: Codable, Hashable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A whole number.
  case number(Int64)
  /// A text.
  case text(String)
  /// A list.
  case list([JSONValue])
  /// An object.
  case object([String: JSONValue])

  /// Reads any value without fractional numbers.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// Writes the value.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

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
