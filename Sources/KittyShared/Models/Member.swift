/// Somebody who takes part in a group, with or without an account.
package struct Member: Codable, Hashable, Sendable {
  /// The member's id; the id of their account in the group's books.
  package let id: ID
  /// What the group calls them.
  package let name: String
  /// Their account; `nil` for a guest.
  package let user: ID?
  /// Their part in the group.
  package let role: Role
  /// How much they count in a split by shares that says nothing else: 0 to 1,000,000; usually 1.
  package let weight: Int64
  /// Their profile photo, when they have an account with one.
  package let photo: Photo?
  /// When they joined.
  package let createdAt: Instant
  /// When they were removed; `nil` while they are in the group.
  package let removedAt: Instant?
  /// Grows with each change; the `ETag`.
  package let version: Int64

  /// What somebody is in a group. It says what they may do; in the books all count alike.
  package enum Role: String, Codable, CaseIterable, Sendable {
    /// May do everything; there is one in each group.
    case owner
    /// Runs the group: its members, invites and settings.
    case admin
    /// Enters and changes what is in the books.
    case member
    /// Only reads.
    case viewer
    /// Has no account and does nothing themselves.
    case guest
  }

  package init(
    id: ID, name: String, user: ID?, role: Role, weight: Int64 = 1, photo: Photo?, createdAt: Instant,
    removedAt: Instant?, version: Int64 = 1
  ) {
    self.id = id
    self.name = name
    self.user = user
    self.role = role
    self.weight = weight
    self.photo = photo
    self.createdAt = createdAt
    self.removedAt = removedAt
    self.version = version
  }
}

/// A request to add a guest.
package struct NewMember: Creation, Hashable {
  /// The id, when the client makes it.
  package var id: ID?
  /// What the group calls them: at most 64 characters, different from everybody else's.
  package var name: String
  /// How much they count in a split by shares: 0 to 1,000,000; 1 when left out.
  package var weight: Int64?

  package enum CodingKeys: String, CodingKey, CaseIterable { case id, name, weight }

  package init(id: ID? = nil, name: String, weight: Int64? = nil) {
    self.id = id
    self.name = name
    self.weight = weight
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.text(name, "name", max: 64)
    checks.weight(weight)
  }
}

/// A request to change a member; what is left out stays. No balance moves with a weight: it counts for
/// entries that are made afterwards.
package struct MemberChange: RequestBody, Hashable {
  /// What the group calls them: at most 64 characters, different from everybody else's.
  package var name: String?
  /// How much they count in a split by shares: 0 to 1,000,000.
  package var weight: Int64?
  /// Admin, member or viewer, for somebody with an account.
  package var role: Member.Role?

  package enum CodingKeys: String, CodingKey, CaseIterable { case name, weight, role }

  package init(name: String? = nil, weight: Int64? = nil, role: Member.Role? = nil) {
    self.name = name
    self.weight = weight
    self.role = role
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      self != MemberChange(), "name", "nothing_to_change", "Send a new name, weight or role.")
    if let name { checks.text(name, "name", max: 64) }
    checks.weight(weight)
    checks.role(role)
  }
}

extension FieldChecks {
  /// Checks a role that is given to somebody.
  mutating func role(_ role: Member.Role?) {
    require(
      role != .owner, "role", "not_to_give",
      "Give the role admin, member or viewer; the group itself is handed over with PUT …/owner.")
    require(
      role != .guest, "role", "not_to_give",
      "Give the role admin, member or viewer; a guest is a member without an account.")
  }

  fileprivate mutating func weight(_ weight: Int64?) {
    require(
      weight.map { (0...1_000_000).contains($0) } ?? true, "weight", "out_of_range",
      "A weight is a whole number from 0 to 1000000.")
  }
}
