/// The rights of one member in a group: the whole rule, said once. The server enforces it; a client asks it first, so that
/// it offers only what the server allows.
package struct GroupRights: Hashable, Sendable {
  /// The member.
  package var member: ID
  /// The role of the member.
  package var role: Member.Role
  /// `true` for an archived group, which is read-only.
  package var isArchived: Bool
  /// `true` when members may change only the entries that they entered themselves.
  package var ownEntriesOnly: Bool
  /// The last day of the closed books.
  package var closedUntil: Day?

  package init(
    member: ID, role: Member.Role, isArchived: Bool, ownEntriesOnly: Bool, closedUntil: Day?
  ) {
    self.member = member
    self.role = role
    self.isArchived = isArchived
    self.ownEntriesOnly = ownEntriesOnly
    self.closedUntil = closedUntil
  }

  /// Returns the refusal of a right that the role does not have; `nil` when it has it.
  package func refusalOfRole(_ right: Route.Right) -> Rejection? {
    guard !right.isHeld(by: role) else { return nil }
    return Self.refused(
      "You are \(role.withArticle) here, and this needs the role \(right.lowestRole.rawValue). Ask \(right.holders)."
    )
  }

  /// Returns the refusal of a right that an archived group does not give; `nil` in any other group.
  package func refusalOfArchive(_ right: Route.Right) -> Rejection? {
    isArchived && !right.worksInArchive ? .archived : nil
  }

  /// Returns the refusal of a right for either reason; `nil` when the member may use it.
  package func refusal(of right: Route.Right) -> Rejection? {
    refusalOfRole(right) ?? refusalOfArchive(right)
  }

  /// Returns the refusal of changing, deleting or restoring an entry, for a member who may revise at all.
  /// - Parameter author: The member who entered it.
  package func refusal(ofRevising author: ID) -> Rejection? {
    guard ownEntriesOnly, author != member, !Route.Right.manage.isHeld(by: role) else { return nil }
    return Rejection(
      .forbidden, "not_your_entry", "Another member entered this",
      "In this group members may change only what they entered themselves. Ask its author or an admin.")
  }

  /// Returns the refusal of an entry with this date, because its books are closed.
  package func refusal(ofDate day: Day) -> Rejection? {
    guard let closed = closedUntil, day <= closed else { return nil }
    return .conflict(
      "closed",
      "The books are closed up to \(closed), and this is dated \(day). Enter a correction with a later date instead."
    )
  }

  /// Returns the refusal of changing another member, for a member who may amend at all. Members change themselves and
  /// guests, admins change every member except the owner, and only admins change roles. An IBAN is the member's own: only
  /// they and the owner change it.
  /// - Parameters:
  ///   - target: The member to be changed.
  ///   - changesRole: `true` when the change has a role.
  ///   - changesIBAN: `true` when the change has an IBAN.
  package func refusal(ofAmending target: Member, changesRole: Bool, changesIBAN: Bool = false) -> Rejection?
  {
    if changesIBAN, target.id != member, role != .owner {
      return Self.refused("An IBAN is changed by the member or by the owner of the group. Ask them.")
    }
    let manages = Route.Right.manage.isHeld(by: role)
    let holders = Route.Right.manage.holders
    if !manages, target.id != member, target.role != .guest {
      return Self.refused("Members may change themselves and guests. Ask \(holders).")
    }
    if !manages, changesRole { return Self.refused("Only admins may change roles. Ask \(holders).") }
    if target.role == .owner, role != .owner {
      return Self.refused("\(target.name) owns the group, so only they may change this. Ask them.")
    }
    guard changesRole else { return nil }
    if target.role == .owner {
      return .conflict("is_owner", "You own the group. Hand it over with PUT …/owner, then change your role.")
    }
    guard target.user == nil else { return nil }
    return .conflict(
      "is_guest",
      "\(target.name) has no account, so their role must stay guest. Invite them; the invite has a role.")
  }

  private static func refused(_ detail: String) -> Rejection {
    Rejection(.forbidden, "not_allowed", "You may not do this", detail)
  }
}

extension Route.Right {
  /// The lowest role that has the right; every higher role has it too.
  package var lowestRole: Member.Role {
    switch self {
    case .read, .leave: .viewer
    case .enter, .revise, .amend: .member
    case .manage, .administer: .admin
    case .own: .owner
    }
  }

  /// Returns `true` when a role has the right.
  package func isHeld(by role: Member.Role) -> Bool { role.rank >= lowestRole.rank }

  /// `true` for a right that remains in an archived group: to read it, leave it, change the group itself (which is how it
  /// comes back into use), and delete it.
  package var worksInArchive: Bool {
    switch self {
    case .read, .leave, .administer, .own: true
    case .enter, .revise, .amend, .manage: false
    }
  }

  /// The members who have the right, in words.
  fileprivate var holders: String {
    lowestRole == .owner ? "the owner of the group" : "the owner of the group or an admin"
  }
}

extension Member.Role {
  fileprivate var rank: Int {
    switch self {
    case .guest: 0
    case .viewer: 1
    case .member: 2
    case .admin: 3
    case .owner: 4
    }
  }

  fileprivate var withArticle: String {
    switch self {
    case .owner: "the owner"
    case .admin: "an admin"
    case .member, .viewer, .guest: "a \(rawValue)"
    }
  }
}

extension Rejection {
  /// 409: an archived group is read-only.
  package static let archived = conflict(
    "archived", "This group is archived. Bring it back before you change it.")
}
