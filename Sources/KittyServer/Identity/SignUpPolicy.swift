import KittyShared
import Sodium

/// Decides whether a user may sign up.
struct SignUpPolicy: Sendable {
  let mode: Mode
  let invites: SignUpInviteStore
  let groupInvites: InviteStore

  /// The condition for signing up.
  enum Mode: String, Sendable, CaseIterable {
    /// All people may sign up.
    case open
    /// Only an administrator adds users.
    case closed
    /// People with an invite code may sign up.
    case invite
  }

  /// Checks that a user may sign up.
  /// - Parameter code: The invite code of the request.
  /// - Returns: The invite that the sign-up must use.
  /// - Throws: `Rejection` with the reason.
  func admit(_ code: String?, at now: Instant) async throws -> SignUpInvite {
    switch mode {
    case .open: return .notNeeded
    case .closed:
      throw Rejection(
        .forbidden, "sign_up_closed", "Sign-up is closed",
        "Ask the administrator of this server for an account.")
    case .invite:
      guard let code else {
        throw Self.rejection(
          "invite_needed", "This server needs an invite to sign up. Ask a user for a code.")
      }
      // An invite to a group is also an invite to sign up, once for each of its uses.
      let invite: SignUpInvite =
        if let key = InviteKey(code: code) { .toGroup(key) } else { .toServer(hash: Self.hash(code)) }
      try await requireOpen(invite, at: now)
      return invite
    }
  }

  /// - Throws: `Rejection` unless the invite can be used.
  func requireOpen(_ invite: SignUpInvite, at now: Instant) async throws {
    let state =
      switch invite {
      case .notNeeded: SignUpInviteStore.State.open
      case .toServer(let hash): try await invites.state(codeHash: hash, at: now)
      case .toGroup(let key): try await groupInvites.state(key, at: now)
      }
    switch state {
    case .open: return
    case .used:
      throw Self.rejection("invite_used", "This invite was used already. Ask for a new one.")
    case .expired: throw Self.rejection("invite_expired", "This invite has expired. Ask for a new one.")
    case .unknown:
      throw Self.rejection("invite_unknown", "An invite with this code does not exist. Copy the whole code.")
    }
  }

  /// Makes an invite.
  /// - Returns: Its code, of which only the hash is stored.
  func invite(at now: Instant, expires: Instant, _ write: WriteContext) async throws -> String {
    let code = base64URL(try randomBytes(count: 16))
    try await invites.insert(codeHash: Self.hash(code), at: now, expires: expires, write)
    return code
  }

  private static func hash(_ code: String) -> String { hex(SHA256.hash(Array(code.utf8))) }

  private static func rejection(_ code: String, _ detail: String) -> Rejection {
    Rejection(
      .forbidden, code, code == "invite_needed" ? "An invite is needed" : "This invite cannot be used",
      detail,
      errors: [FieldError(field: "invite", code: code, message: detail)])
  }
}
