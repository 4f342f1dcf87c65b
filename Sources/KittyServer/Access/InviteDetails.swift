import KittyShared

/// An invite as a user sees it who may accept it, and the member that accepting it makes of them. Pure.
struct InviteDetails: Sendable {
  /// The name of the group.
  let group: String
  let isArchived: Bool
  /// The names of the current members.
  let names: [String]
  /// The number of members, former ones included.
  let memberCount: Int
  let role: Member.Role
  /// Number of times that it can still be used.
  let usesLeft: Int
  let expires: Instant
  /// The name in the group of the member who made the invite.
  let inviter: String
  /// The current role of the member who made the invite; `nil` when they left, or an administrator disabled the user.
  let inviterRole: Member.Role?
  /// The guest that the invite is for.
  let guest: (id: ID, name: String)?
  /// `false` when the guest has left, or a user has taken their place.
  let isGuestFree: Bool
  /// The member that the user currently is.
  let present: ID?
  /// The member that the user was before they left.
  let former: (id: ID, name: String)?
  /// `false` when the user left the group after the invite was made.
  let isNew: Bool
  /// The display name of the user.
  let displayName: String
  /// The number of groups of the user.
  let groupCount: Int

  /// `true` when the user is in the group already as the invite says: then accepting it changes nothing.
  var isDone: Bool { present != nil && (guest == nil || guest?.id == present) }

  /// - Throws: `Rejection` with the reason when the invite cannot be used.
  func requireUsable(at now: Instant) throws(Rejection) {
    let again = "Ask \(inviter) for a new one."
    guard let inviterRole, Route.Right.manage.isHeld(by: inviterRole) else {
      throw .conflict(
        "invite_withdrawn", "\(inviter), who made this invite, can no longer invite to this group.")
    }
    guard isNew else {
      throw .conflict(
        "invite_too_old",
        "You have left this group since this invite was made, so it does not let you back in. \(again)")
    }
    guard expires > now else {
      throw .conflict("invite_expired", "This invite expired on \(expires.day). \(again)")
    }
    if let guest, !isGuestFree {
      throw .conflict(
        "guest_taken", "\(guest.name) has left the group, or a user has taken their place already. \(again)")
    }
    guard usesLeft > 0 else {
      throw .conflict("invite_used_up", "This invite was used as often as it allows. \(again)")
    }
    guard !isArchived else {
      throw .conflict("archived", "This group is archived, so no user can join it.")
    }
  }

  /// Returns the member that the user becomes.
  /// - Throws: `Rejection` when they are another member already, or the group or the list of their groups is full.
  func joinAs(_ limits: GroupLimits) throws(Rejection) -> JoinAs {
    guard present == nil else {
      throw .conflict(
        "already_member",
        "You are in this group already, so you cannot become \(guest?.name ?? "a member") too.")
    }
    guard groupCount < limits.groupsOfUser else { throw limits.tooManyGroups }
    if let guest { return .guest(guest.id) }
    if let refusal = limits.refusal(present: names.count, ever: former == nil ? memberCount : nil) {
      throw refusal
    }
    if let former { return .former(former.id, name: freeName(former.name)) }
    return .new(name: freeName(displayName))
  }

  /// Returns the name, followed by a number when a member has it already.
  private func freeName(_ name: String) -> String {
    var free = FreeNames(used: names) { $0.nameKey }
    // A name has at most 64 characters.
    return free.free(name) { String(String.UnicodeScalarView(name.unicodeScalars.prefix(56))) + " \($0)" }
  }
}
