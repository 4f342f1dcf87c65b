/// A way into a group for whoever has its code.
///
/// The code is made to be passed on, so whoever manages the group can see it again, to send or to show it. It
/// ends by itself, counts its uses, and ends with the right of its maker to invite.
package struct Invite: Codable, Hashable, Sendable {
  /// The invite's id.
  package let id: ID
  /// What to pass on: 44 letters, digits, `-` and `_`, of which 128 bits are random.
  package let code: String
  /// What its users become: admin, member or viewer.
  package let role: Member.Role
  /// The guest that its user becomes; `nil` when they become a new member.
  package let guest: ID?
  /// How many people can use it.
  package let maxUses: Int
  /// How many people have used it.
  package let uses: Int
  /// Which member made it.
  package let createdBy: ID
  /// When it was made.
  package let createdAt: Instant
  /// From when on it can no longer be used.
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

/// A request to make an invite.
package struct NewInvite: Creation, Hashable {
  /// The id, when the client makes it.
  package var id: ID?
  /// What its users become: admin, member or viewer; member when left out.
  package var role: Member.Role?
  /// The guest that its user becomes, with all that is in the guest's name; then one person can use it.
  package var guest: ID?
  /// How many people can use it: 1 to 1000; 1 when left out.
  package var maxUses: Int?
  /// For how many days it can be used: 1 to 365; 7 when left out.
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
      (1...1000).contains(maxUses ?? 1), "maxUses", "out_of_range", "Between 1 and 1000 people can use one.")
    checks.require(
      guest == nil || (maxUses ?? 1) == 1, "maxUses", "one_guest", "One person alone can become this guest.")
    checks.require(
      (1...365).contains(days ?? 7), "days", "out_of_range", "An invite lasts between 1 and 365 days.")
  }
}

/// The code of an invite, sent to look at the invite or to accept it. It goes in a body, since addresses end up
/// in logs.
package struct InviteCode: RequestBody, Hashable {
  /// The code as it was passed on.
  package var code: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case code }

  package init(code: String) { self.code = code }

  /// Whether there is such an invite is for the server to say; here only the size is bounded.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      (1...100).contains(code.utf8.count), "code", "not_a_code", "Write the code as it was passed on to you.")
  }
}

/// What an invite is, for somebody who has its code and may not be in the group.
package struct Invitation: Codable, Hashable, Sendable {
  /// What the group is called.
  package let group: String
  /// How many members it has.
  package let memberCount: Int
  /// What the group calls the one who invites.
  package let invitedBy: String
  /// What you become.
  package let role: Member.Role
  /// The name of the guest that you become; `nil` when you become a new member.
  package let guest: String?
  /// From when on it can no longer be accepted.
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

/// A request to hand a group over.
package struct NewOwner: RequestBody, Hashable {
  /// The member who owns it from now on; they have an account.
  package var member: ID

  package enum CodingKeys: String, CodingKey, CaseIterable { case member }

  package init(member: ID) { self.member = member }

  /// Whether there is such a member is for the server to say.
  package func check(_ checks: inout FieldChecks) {}
}
