/// A member of a group, with or without a user account.
package struct Member: Codable, Hashable, Sendable {
  /// The member's id; the id of their account in the group's books.
  package let id: ID
  /// The name in the group.
  package let name: String
  /// The user account; `nil` for a guest.
  package let user: ID?
  /// The role in the group.
  package let role: Role
  /// The default weight in a split by shares: 0 to 1,000,000; usually 1.
  package let weight: Int64
  /// The profile photo of the user account.
  package let photo: Photo?
  /// The IBAN to which payments to them go; `nil` if the group does not know it.
  package let iban: String?
  /// The instant at which they joined.
  package let createdAt: Instant
  /// The instant of removal; `nil` for a present member.
  package let removedAt: Instant?
  /// Grows with each change; the `ETag`.
  package let version: Int64

  /// A member's role, which decides what they may do. It has no effect on the books.
  package enum Role: String, Codable, CaseIterable, Sendable {
    /// May do everything; each group has one owner.
    case owner
    /// Manages members, invites and settings.
    case admin
    /// Creates and changes entries.
    case member
    /// Reads only.
    case viewer
    /// Has no user account.
    case guest
  }

  package init(
    id: ID, name: String, user: ID?, role: Role, weight: Int64 = 1, photo: Photo?, iban: String? = nil,
    createdAt: Instant, removedAt: Instant?, version: Int64 = 1
  ) {
    self.id = id
    self.name = name
    self.user = user
    self.role = role
    self.weight = weight
    self.photo = photo
    self.iban = iban
    self.createdAt = createdAt
    self.removedAt = removedAt
    self.version = version
  }
}

/// A request to add a guest.
package struct NewMember: Creation, Hashable {
  /// The id, if the client makes it.
  package var id: ID?
  /// The name in the group: at most 64 characters, unique among the present members.
  package var name: String
  /// The weight in a split by shares: 0 to 1,000,000; 1 when omitted.
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

/// A request to change a member; omitted fields stay unchanged. A new weight changes no balance: it counts for
/// later entries.
package struct MemberChange: RequestBody, Hashable {
  /// The name in the group: at most 64 characters, unique among the present members.
  package var name: String?
  /// The weight in a split by shares: 0 to 1,000,000.
  package var weight: Int64?
  /// Admin, member or viewer, for a member with a user account.
  package var role: Member.Role?
  /// The IBAN to which payments to them go; `null` removes it. Members set their own, the owner sets those of all.
  package var iban: Patch<String> = .keep

  package enum CodingKeys: String, CodingKey, CaseIterable { case name, weight, role, iban }

  /// The fields that `null` removes.
  package static var nullable: [CodingKeys] { [.iban] }

  package init(
    name: String? = nil, weight: Int64? = nil, role: Member.Role? = nil, iban: Patch<String> = .keep
  ) {
    self.name = name
    self.weight = weight
    self.role = role
    self.iban = iban
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      self != MemberChange(), "name", "nothing_to_change", "Send a new name, weight, role or iban.")
    if let name { checks.text(name, "name", max: 64) }
    checks.weight(weight)
    if case .set(let iban) = iban { checks.iban(iban) }
    checks.role(role)
  }
}

extension FieldChecks {
  /// Checks a role to assign.
  mutating func role(_ role: Member.Role?) {
    require(
      role != .owner, "role", "not_to_give",
      "The role must be admin, member or viewer. To hand over the group, use PUT …/owner.")
    require(
      role != .guest, "role", "not_to_give",
      "The role must be admin, member or viewer. A guest is a member without an account.")
  }

  fileprivate mutating func weight(_ weight: Int64?) {
    require(
      weight.map { (0...1_000_000).contains($0) } ?? true, "weight", "out_of_range",
      "A weight must be a whole number from 0 to 1000000.")
  }
}
