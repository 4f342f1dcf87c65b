import KittyShared
import Logging

/// An event of the security of an account or a group. Each has a line in the log with the message `security`, the event,
/// the account, the address and the request; no secret, and no text that a client chose but the path.
enum SecurityEvent: String, Sendable, CaseIterable {
  // Accounts
  case accountCreated = "account.created"
  case accountDeleted = "account.deleted"
  case passwordChanged = "password.changed"
  /// A signed-in user gave a wrong password.
  case passwordFailed = "password.failed"
  case resetRequested = "password.reset_requested"
  case passwordReset = "password.reset"
  case emailChanged = "email.changed"
  case emailConfirmed = "email.confirmed"
  /// A token from a mail was wrong, used or expired.
  case mailedTokenFailed = "mailed_token.failed"

  // Sessions, API tokens, second factors
  case signedIn = "sign_in.ok"
  case signInFailed = "sign_in.failed"
  /// A guess at a password or a code was refused by the limit, without a check.
  case attemptRefused = "attempt.refused"
  case factorUsed = "factor.used"
  case factorFailed = "factor.failed"
  /// A code was used a second time.
  case factorReplayed = "factor.replayed"
  case factorEnabled = "factor.enabled"
  case factorRemoved = "factor.removed"
  case sessionEnded = "session.ended"
  case tokenCreated = "token.created"
  case tokenRevoked = "token.revoked"
  case keyAdded = "key.added"
  case keyRemoved = "key.removed"

  // Groups
  case inviteCreated = "invite.created"
  case inviteRevoked = "invite.revoked"
  case inviteAccepted = "invite.accepted"
  case roleChanged = "role.changed"
  case memberRemoved = "member.removed"
  case memberLeft = "member.left"
  case ownerChanged = "owner.changed"
  case groupDeleted = "group.deleted"
  case groupRestored = "group.restored"
  /// A known caller asked for what they must not do.
  case accessDenied = "access.denied"

  /// A command of an operator succeeded.
  case operatorCommand = "operator.command"

  /// The event of each route that succeeds. Routes with a condition note their event themselves.
  static let ofRoute: [Route: SecurityEvent] = [
    Endpoints.signUp.route: .accountCreated, Endpoints.deleteMe.route: .accountDeleted,
    Endpoints.changePassword.route: .passwordChanged, Endpoints.requestPasswordReset.route: .resetRequested,
    Endpoints.resetPassword.route: .passwordReset, Endpoints.confirmEmail.route: .emailConfirmed,
    Endpoints.signIn.route: .signedIn, Endpoints.signInByKey.route: .signedIn,
    Endpoints.addSSHKey.route: .keyAdded, Endpoints.removeSSHKey.route: .keyRemoved,
    Endpoints.signOut.route: .sessionEnded,
    Endpoints.endSession.route: .sessionEnded, Endpoints.endOtherSessions.route: .sessionEnded,
    Endpoints.createToken.route: .tokenCreated, Endpoints.revokeToken.route: .tokenRevoked,
    Endpoints.revokeTokens.route: .tokenRevoked, Endpoints.confirmSecondFactor.route: .factorEnabled,
    Endpoints.removeSecondFactor.route: .factorRemoved, Endpoints.createInvite.route: .inviteCreated,
    Endpoints.revokeInvite.route: .inviteRevoked, Endpoints.acceptInvite.route: .inviteAccepted,
    Endpoints.removeMember.route: .memberRemoved, Endpoints.leaveGroup.route: .memberLeft,
    Endpoints.handOver.route: .ownerChanged, Endpoints.deleteGroup.route: .groupDeleted,
    Endpoints.restoreGroup.route: .groupRestored,
  ]

  /// The event of a refused request; `nil` for a refusal that is no matter of security.
  init?(_ rejection: Rejection) {
    switch rejection.errors?.first?.code ?? rejection.code {
    case "wrong_credentials": self = .signInFailed
    case "wrong_password": self = .passwordFailed
    case "wrong_code": self = .factorFailed
    case "useless_token": self = .mailedTokenFailed
    case "too_many_sign_ins": self = .attemptRefused
    case "not_allowed", "not_your_entry", "session_needed", "scope_missing", "token_of_one_group":
      self = .accessDenied
    default: return nil
    }
  }
}

extension Logger {
  /// Writes the line of an event.
  func note(_ event: SecurityEvent, _ details: Logger.Metadata) {
    notice("security", metadata: details.merging(["event": "\(event.rawValue)"]) { $1 })
  }
}
