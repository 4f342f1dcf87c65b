import KittyShared

/// Work on the account of the user: its settings, password, second factor, sessions, API tokens and keys of ssh.
enum AccountEffect: Hashable, Sendable {
  case change(version: Int64, UserChange)
  case requestConfirmation
  case confirmEmail(EmailConfirmation)
  case changePassword(PasswordChange)
  case loadSecondFactor
  case beginSecondFactor(NewSecondFactor)
  case confirmSecondFactor(SecondFactorConfirmation)
  case removeSecondFactor(SecondFactorRemoval)
  /// Turns the second factor off and begins another one.
  case replaceSecondFactor(SecondFactorRemoval)
  case loadSessions
  case endSession(ID)
  case endOtherSessions
  case loadTokens
  case loadToken(ID)
  /// Reads the groups in use, for the names of those that a token is limited to.
  case loadGroups
  case createToken(NewToken)
  case revokeToken(ID)
  case revokeTokens
  case loadKeys
  case addKey(NewSSHKey)
  case removeKey(ID)
  /// Asks for a mail to replace a forgotten password; needs no session.
  case requestReset(PasswordResetRequest)
  case resetPassword(PasswordReset)
  case delete(AccountDeletion)
}

/// The result of an `AccountEffect`.
enum AccountMessage: Sendable {
  /// The account was changed; `Message.account` with the present one came before.
  case changed
  case confirmationRequested
  case confirmed
  case passwordChanged(endedSessions: Int)
  case secondFactor(SecondFactor)
  /// The secret of a second factor, which a code must confirm.
  case begun(PendingSecondFactor)
  /// The second factor is on.
  case recoveryCodes([String])
  case secondFactorRemoved
  case sessions([OpenSession])
  case sessionEnded(ID)
  case otherSessionsEnded
  case tokens([APIToken])
  case token(APIToken)
  case groups([Group])
  /// A new token with its secret.
  case tokenMade(APIToken)
  case tokenRevoked(ID)
  case tokensRevoked
  /// The public keys of ssh.
  case keys([SSHKey])
  case keyAdded(SSHKey)
  case keyRemoved(ID)
  case resetRequested
  case passwordReset
  /// The account no longer exists.
  case deleted
  /// Part of what was asked for succeeded. The text says which.
  case notice(String)
}
