import KittyShared

/// An invite as somebody sees it who may accept it, and what accepting it would make of them. Pure.
struct InviteDetails: Sendable {
  /// What the group is called.
  let group: String
  let isArchived: Bool
  /// What the members are called now.
  let names: [String]
  let role: Member.Role
  /// How often it can be used still.
  let left: Int
  let expires: Instant
  /// What the group calls its maker.
  let inviter: String
  /// What its maker is now; `nil` when they left.
  let maker: Member.Role?
  let guest: (id: ID, name: String)?
  /// Whether the guest is still one.
  let isGuestFree: Bool
  /// Which member the user is already.
  let present: ID?
  /// Which member the user was.
  let former: (id: ID, name: String)?
  /// What the user calls themselves.
  let displayName: String

  /// The member that somebody becomes.
  enum JoinAs: Hashable, Sendable {
    /// The guest that the invite names.
    case guest(ID)
    /// Whom they were before they left, with all that is in their name.
    case former(ID, name: String)
    /// Somebody new.
    case new(name: String)
  }

  /// Whether the user is in the group as the invite says, so that nothing is left to do.
  var isDone: Bool { present != nil && (guest == nil || guest?.id == present) }

  /// - Throws: `Rejection` that says why the invite cannot be used.
  func requireGood(at now: Instant) throws(Rejection) {
    let again = "Ask \(inviter) for a new one."
    guard let maker, Permissions.has(maker, .manage) else {
      throw .conflict(
        "invite_withdrawn", "\(inviter), who made this invite, can no longer invite to this group.")
    }
    guard expires > now else {
      throw .conflict("invite_expired", "This invite ended on \(expires.day). \(again)")
    }
    if let guest, !isGuestFree {
      throw .conflict("guest_taken", "\(guest.name) has left the group, or is somebody already. \(again)")
    }
    guard left > 0 else { throw .conflict("invite_used_up", "This invite was used up. \(again)") }
    guard !isArchived else { throw .conflict("archived", "This group is archived: nobody can join it.") }
  }

  /// Which member the user becomes.
  /// - Throws: `Rejection` when they are another one already.
  func seat() throws(Rejection) -> JoinAs {
    guard present == nil else {
      throw .conflict(
        "already_member",
        "You are in this group already, so you cannot become \(guest?.name ?? "a member") too.")
    }
    if let guest { return .guest(guest.id) }
    if let former { return .former(former.id, name: freeName(former.name)) }
    return .new(name: freeName(displayName))
  }

  /// The name, with a number behind it when somebody has it already.
  private func freeName(_ name: String) -> String {
    let taken = Set(names.map { $0.lowercased() })
    var free = name
    var number = 2
    while taken.contains(free.lowercased()) {
      // A name has at most 64 characters.
      free = String(String.UnicodeScalarView(name.unicodeScalars.prefix(56))) + " \(number)"
      number += 1
    }
    return free
  }
}
