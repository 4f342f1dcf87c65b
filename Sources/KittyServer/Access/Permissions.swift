import KittyShared

/// Who may do what in a group: the whole rule, and nothing else. The route table names the right that each route
/// takes, `Access` asks here before a handler runs, and a controller asks here once it knows whose thing it is.
enum Permissions {
  /// The least role that has a right; every role above it has the right too.
  static func least(for right: Route.Right) -> Member.Role {
    switch right {
    case .read, .leave: .viewer
    case .enter, .revise, .amend: .member
    case .manage, .administer: .admin
    case .own: .owner
    }
  }

  /// Whether a role has a right.
  static func has(_ role: Member.Role, _ right: Route.Right) -> Bool {
    rank(role) >= rank(least(for: right))
  }

  /// What still works in an archived group: it is read and left; itself it can be changed, to bring it back, and
  /// deleted.
  static func worksInArchive(_ right: Route.Right) -> Bool {
    switch right {
    case .read, .leave, .administer, .own: true
    case .enter, .revise, .amend, .manage: false
    }
  }

  /// - Throws: `Rejection`.
  static func require(_ right: Route.Right, _ me: Membership) throws(Rejection) {
    guard !has(me.role, right) else { return }
    let least = least(for: right).rawValue
    throw refused(
      "You are \(article(me.role)) here, and this takes the role \(least). Ask \(who(for: right)).")
  }

  /// Whether an entry may be changed, deleted or restored by who has the right to revise.
  /// - Parameter author: Who entered it.
  /// - Throws: `Rejection`.
  static func requireRevision(of author: ID, _ me: Membership) throws(Rejection) {
    guard me.ownEntriesOnly, author != me.member, !has(me.role, .manage) else { return }
    throw Rejection(
      .forbidden, "not_your_entry", "Somebody else entered this",
      "In this group members change only what they entered themselves. Ask who entered it, or an admin.")
  }

  /// Whether a member may be changed by who has the right to amend: members change themselves and guests, admins
  /// everybody but the owner, and roles are for admins to give.
  /// - Throws: `Rejection` or 409.
  static func requireAmendment(of target: Member, _ change: MemberChange, _ me: Membership) throws(Rejection)
  {
    if !has(me.role, .manage) {
      guard target.id == me.member || target.role == .guest else {
        throw refused("Members change themselves and guests. Ask \(who(for: .manage)).")
      }
      guard change.role == nil else {
        throw refused("Only admins say who is what. Ask \(who(for: .manage)).")
      }
    }
    guard target.role != .owner || me.role == .owner else {
      throw refused("\(target.name) owns the group, and nobody else can change that. Ask them.")
    }
    guard change.role != nil else { return }
    guard target.role != .owner else {
      throw .conflict("is_owner", "You own the group. Hand it over with PUT …/owner, then change your role.")
    }
    guard target.user != nil else {
      throw .conflict(
        "is_guest",
        "\(target.name) has no account, and so no role but guest. Invite them; the invite has a role."
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

  private static func who(for right: Route.Right) -> String {
    least(for: right) == .owner ? "the owner of the group" : "the owner of the group or an admin"
  }

  private static func article(_ role: Member.Role) -> String {
    switch role {
    case .owner: "the owner"
    case .admin: "an admin"
    case .member, .viewer, .guest: "a \(role.rawValue)"
    }
  }
}
