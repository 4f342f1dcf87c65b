/// Somebody who takes part in a group, with or without an account.
public struct Member: Codable, Hashable, Sendable {
  /// The member's id; the id of their account in the group's books.
  public let id: ID
  /// What the group calls them.
  public let name: String
  /// Their account; `nil` for a guest.
  public let user: ID?
  /// Their part in the group.
  public let role: Role
  /// Their profile photo, when they have an account with one.
  public let photo: Photo?
  /// When they joined.
  public let createdAt: Instant
  /// When they were removed; `nil` while they are in the group.
  public let removedAt: Instant?

  /// What somebody is in a group.
  public enum Role: String, Codable, Sendable {
    /// Made the group; may do everything.
    case owner
    /// Has no account and does nothing themselves.
    case guest
  }

  /// Makes one.
  public init(
    id: ID, name: String, user: ID?, role: Role, photo: Photo?, createdAt: Instant, removedAt: Instant?
  ) {
    self.id = id
    self.name = name
    self.user = user
    self.role = role
    self.photo = photo
    self.createdAt = createdAt
    self.removedAt = removedAt
  }
}

/// A request to add a guest.
public struct NewMember: RequestBody, Hashable {
  /// The id, when the client makes it.
  public var id: ID?
  /// What the group calls them: at most 64 characters, different from everybody else's.
  public var name: String

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case id, name }

  /// Makes one.
  public init(id: ID? = nil, name: String) {
    self.id = id
    self.name = name
  }

  /// Checks all fields.
  public func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.text(name, "name", max: 64)
  }
}
