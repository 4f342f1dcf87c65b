import KittyShared

/// An invite as a user sees it who may accept it, and the member that accepting it makes of them. Pure.
struct InviteDetails: Sendable {
  /// The name of the group.
  let group: String
  let isArchived: Bool
  /// The names of the current members.
  let names: [String]
  let role: Member.Role
  /// Number of times that it can still be used.
  let usesLeft: Int
  let expires: Instant
  /// The name in the group of the member who made the invite.
  let inviter: String
  /// The current role of the member who made the invite; `nil` when they left.
  let inviterRole: Member.Role?
  /// The guest that the invite is for.
  let guest: (id: ID, name: String)?
  /// `false` when the guest has left, or a user has taken their place.
  let isGuestFree: Bool
  /// The member that the user currently is.
  let present: ID?
  /// The member that the user was before they left.
  let former: (id: ID, name: String)?
  /// The display name of the user.
  let displayName: String

  /// `true` when the user is in the group already as the invite says: then accepting it changes nothing.
  var isDone: Bool { present != nil && (guest == nil || guest?.id == present) }

  /// - Throws: `Rejection` with the reason when the invite cannot be used.
  func requireUsable(at now: Instant) throws(Rejection) {
    let again = "Ask \(inviter) for a new one."
    guard let inviterRole, Permissions.has(inviterRole, .manage) else {
      throw .conflict(
        "invite_withdrawn", "\(inviter), who made this invite, can no longer invite to this group.")
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
  /// - Throws: `Rejection` when they are another member already, or the group is full.
  func joinAs() throws(Rejection) -> JoinAs {
    guard present == nil else {
      throw .conflict(
        "already_member",
        "You are in this group already, so you cannot become \(guest?.name ?? "a member") too.")
    }
    if let guest { return .guest(guest.id) }
    guard names.count < Group.maxMembers else { throw Membership.full }
    if let former { return .former(former.id, name: freeName(former.name)) }
    return .new(name: freeName(displayName))
  }

  /// Returns the name, followed by a number when a member has it already.
  private func freeName(_ name: String) -> String {
    let used = Set(names.map(\.nameKey))
    var free = name
    var number = 2
    while used.contains(free.nameKey) {
      // A name has at most 64 characters.
      free = String(String.UnicodeScalarView(name.unicodeScalars.prefix(56))) + " \(number)"
      number += 1
    }
    return free
  }
}
