import KittyShared

/// The rights of each role in a group: the whole rule, and nothing else. The route table names the right that each route
/// needs; `Authorizer` requires it before a handler runs. Controllers and `Bookkeeping` require what depends on the
/// author of an entry or on the member to be changed.
enum Permissions {
  /// Returns the lowest role that has a right; every higher role has it too.
  static func lowestRole(for right: Route.Right) -> Member.Role {
    switch right {
    case .read, .leave: .viewer
    case .enter, .revise, .amend: .member
    case .manage, .administer: .admin
    case .own: .owner
    }
  }

  /// Returns `true` when a role has a right.
  static func has(_ role: Member.Role, _ right: Route.Right) -> Bool {
    rank(role) >= rank(lowestRole(for: right))
  }

  /// Returns `true` for a right that remains in an archived group: to read it, leave it, change the group itself (which
  /// is how it comes back into use), and delete it.
  static func worksInArchive(_ right: Route.Right) -> Bool {
    switch right {
    case .read, .leave, .administer, .own: true
    case .enter, .revise, .amend, .manage: false
    }
  }

  /// - Throws: `Rejection` when the member's role does not have the right.
  static func require(_ right: Route.Right, _ member: Membership) throws(Rejection) {
    guard !has(member.role, right) else { return }
    let lowest = lowestRole(for: right).rawValue
    throw refused(
      "You are \(withArticle(member.role)) here, and this needs the role \(lowest). Ask \(holders(of: right))."
    )
  }

  /// Checks that a member with the right to revise may change, delete or restore an entry.
  /// - Parameter author: The member who entered it.
  /// - Throws: `Rejection` when members may change only their own entries, and this is not one.
  static func requireRevision(of author: ID, _ member: Membership) throws(Rejection) {
    guard member.ownEntriesOnly, author != member.member, !has(member.role, .manage) else { return }
    throw Rejection(
      .forbidden, "not_your_entry", "Another member entered this",
      "In this group members may change only what they entered themselves. Ask its author or an admin.")
  }

  /// Checks that a member with the right to amend may change another one. Members change themselves and guests, admins
  /// change every member except the owner, and only admins change roles.
  /// - Parameter target: The member to be changed.
  /// - Throws: `Rejection`.
  static func requireAmendment(
    of target: Member, _ change: MemberChange, _ member: Membership
  ) throws(Rejection) {
    if !has(member.role, .manage) {
      guard target.id == member.member || target.role == .guest else {
        throw refused("Members may change themselves and guests. Ask \(holders(of: .manage)).")
      }
      guard change.role == nil else {
        throw refused("Only admins may change roles. Ask \(holders(of: .manage)).")
      }
    }
    guard target.role != .owner || member.role == .owner else {
      throw refused("\(target.name) owns the group, so only they may change this. Ask them.")
    }
    guard change.role != nil else { return }
    guard target.role != .owner else {
      throw .conflict("is_owner", "You own the group. Hand it over with PUT …/owner, then change your role.")
    }
    guard target.user != nil else {
      throw .conflict(
        "is_guest",
        "\(target.name) has no account, so their role must stay guest. Invite them; the invite has a role."
      )
    }
  }

  private static func rank(_ role: Member.Role) -> Int {
    switch role {
    case .guest: 0
    case .viewer: 1
    case .member: 2
    case .admin: 3
    case .owner: 4
    }
  }

  private static func refused(_ detail: String) -> Rejection {
    Rejection(.forbidden, "not_allowed", "You may not do this", detail)
  }

  /// Returns the members who have a right, in words.
  private static func holders(of right: Route.Right) -> String {
    lowestRole(for: right) == .owner ? "the owner of the group" : "the owner of the group or an admin"
  }

  private static func withArticle(_ role: Member.Role) -> String {
    switch role {
    case .owner: "the owner"
    case .admin: "an admin"
    case .member, .viewer, .guest: "a \(role.rawValue)"
    }
  }
}
