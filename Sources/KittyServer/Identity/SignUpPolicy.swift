import KittyShared
import Sodium

/// Who may sign up.
struct Admission: Sendable {
  let policy: Settings.SignUp
  let invites: SignUpInviteStore
  let groupInvites: InviteStore

  /// Whether somebody who comes with this code, or none, may sign up.
  /// - Returns: The hash of the invite that must be taken by it, if one must be.
  /// - Throws: `Rejection` that says why not.
  func admit(_ code: String?, at now: Instant) async throws -> String? {
    switch policy {
    case .open: return nil
    case .closed:
      throw Rejection(
        .forbidden, "sign_up_closed", "Nobody can sign up here",
        "On this server accounts are made by its administrator. Ask them for one.")
    case .invite:
      guard let code else {
        throw Self.problem("invite_needed", "Signing up needs an invite here. Ask somebody for a code.")
      }
      // Whom a member wants in their group may sign up for that.
      if let key = InviteKey(code: code), try await groupInvites.isOpen(key, at: now) { return nil }
      let hash = Self.hash(code)
      try await requireOpen(hash, at: now)
      return hash
    }
  }

  /// - Throws: `Rejection` unless the invite can be taken.
  func requireOpen(_ hash: String, at now: Instant) async throws {
    switch try await invites.state(codeHash: hash, at: now) {
    case .open: return
    case .used: throw Self.problem("invite_used", "Somebody has signed up with this invite. Ask for another.")
    case .expired: throw Self.problem("invite_expired", "This invite is too old. Ask for another.")
    case .unknown: throw Self.problem("invite_unknown", "There is no such invite. Copy the whole code.")
    }
  }

  /// Makes an invite.
  /// - Returns: Its code, which is kept nowhere.
  func invite(at now: Instant, expires: Instant, _ write: WriteContext) async throws -> String {
    let code = base64URL(try randomBytes(count: 16))
    try await invites.insert(codeHash: Self.hash(code), at: now, expires: expires, write)
    return code
  }

  private static func hash(_ code: String) -> String { hex(SHA256.hash(Array(code.utf8))) }

  private static func problem(_ code: String, _ detail: String) -> Rejection {
    Rejection(
      .forbidden, code, code == "invite_needed" ? "An invite is needed" : "This invite does not let you in",
      detail,
      errors: [FieldError(field: "invite", code: code, message: detail)])
  }
}
