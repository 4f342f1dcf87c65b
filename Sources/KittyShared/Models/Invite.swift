/// An invite to a group for every user with its code.
///
/// The code is meant to be passed on, so the managers of the group can see it again. An invite
/// expires, has a limited number of uses, and ends with its creator's right to invite.
package struct Invite: Codable, Hashable, Sendable {
  /// The invite's id.
  package let id: ID
  /// The code: 44 letters, digits, `-` and `_`, with 128 random bits.
  package let code: String
  /// The role of its users: admin, member or viewer.
  package let role: Member.Role
  /// The guest that its user becomes; `nil` for a new member.
  package let guest: ID?
  /// The maximum number of uses.
  package let maxUses: Int
  /// The number of uses so far.
  package let uses: Int
  /// The member who created it.
  package let createdBy: ID
  /// The instant of creation.
  package let createdAt: Instant
  /// The instant of expiry.
  package let expiresAt: Instant

  package init(
    id: ID, code: String, role: Member.Role, guest: ID?, maxUses: Int, uses: Int = 0, createdBy: ID,
    createdAt: Instant, expiresAt: Instant
  ) {
    self.id = id
    self.code = code
    self.role = role
    self.guest = guest
    self.maxUses = maxUses
    self.uses = uses
    self.createdBy = createdBy
    self.createdAt = createdAt
    self.expiresAt = expiresAt
  }
}

/// A request to create an invite.
package struct NewInvite: Creation, Hashable {
  /// The id, if the client makes it.
  package var id: ID?
  /// The role of its users: admin, member or viewer; member when omitted.
  package var role: Member.Role?
  /// The guest that its user becomes, with the guest's balance and entries; then `maxUses` is 1.
  package var guest: ID?
  /// The maximum number of uses: 1 to 1000; 1 when omitted.
  package var maxUses: Int?
  /// The lifetime in days: 1 to 365; 7 when omitted.
  package var days: Int?

  package enum CodingKeys: String, CodingKey, CaseIterable { case id, role, guest, maxUses, days }

  package init(
    id: ID? = nil, role: Member.Role? = nil, guest: ID? = nil, maxUses: Int? = nil, days: Int? = nil
  ) {
    self.id = id
    self.role = role
    self.guest = guest
    self.maxUses = maxUses
    self.days = days
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    checks.role(role)
    checks.require(
      (1...1000).contains(maxUses ?? 1), "maxUses", "out_of_range", "maxUses must be between 1 and 1000.")
    checks.require(
      guest == nil || (maxUses ?? 1) == 1, "maxUses", "one_guest",
      "maxUses must be 1 with a guest: one user can become this guest.")
    checks.require(
      (1...365).contains(days ?? 7), "days", "out_of_range", "days must be between 1 and 365.")
  }
}

/// The code of an invite, sent to preview or accept the invite. It is in a body, because URLs end up
/// in logs.
package struct InviteCode: RequestBody, Hashable {
  /// The code.
  package var code: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case code }

  package init(code: String) { self.code = code }

  /// Bounds the size. The server checks that the invite exists.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      (1...100).contains(code.utf8.count), "code", "not_a_code", "Write the complete code of the invite.")
  }
}

/// The preview of an invite for a user who has its code and may not be in the group.
package struct Invitation: Codable, Hashable, Sendable {
  /// The name of the group.
  package let group: String
  /// The number of members.
  package let memberCount: Int
  /// The inviting member's name in the group.
  package let invitedBy: String
  /// The role after joining.
  package let role: Member.Role
  /// The name of the guest that the user becomes; `nil` for a new member.
  package let guest: String?
  /// The instant of expiry.
  package let expiresAt: Instant

  package init(
    group: String, memberCount: Int, invitedBy: String, role: Member.Role, guest: String?, expiresAt: Instant
  ) {
    self.group = group
    self.memberCount = memberCount
    self.invitedBy = invitedBy
    self.role = role
    self.guest = guest
    self.expiresAt = expiresAt
  }
}
