import KittyShared

/// Mails that tell a user of a change of the account.
struct AccountNotices: Sendable {
  /// `nil` when this server sends no mail: then no user is told.
  let mailer: Mailer?

  /// Sends the mail of a job.
  /// - Throws: `DatabaseFailure.fault` for a damaged job; `MailFailure`.
  func write(_ payload: String) async throws {
    guard let mailer else { return }
    guard let job = AccountNoticeJob(payload: payload) else {
      throw DatabaseFailure.fault("the job of a notice is damaged")
    }
    try await mailer.send(
      to: job.address, "Your KittyCash account: \(Self.subject(job.notice))", Self.text(job, mailer.publicURL)
    )
  }

  private static func subject(_ notice: AccountNotice) -> String {
    switch notice {
    case .passwordChanged, .passwordReset, .passwordSet: "a new password"
    case .emailChanged: "another address"
    case .factorEnabled: "a second factor"
    case .factorRemoved: "no second factor"
    case .tokenCreated: "a new API token"
    case .keyAdded: "a new key"
    }
  }

  private static func event(_ notice: AccountNotice) -> String {
    switch notice {
    case .passwordChanged: "The password was changed. All other sessions have ended; API tokens stay valid."
    case .passwordReset:
      "The password was replaced with a token from a mail. All sessions have ended, and all API tokens are revoked."
    case .passwordSet:
      "An administrator set a new password. All sessions have ended, and all API tokens are revoked."
    case .emailChanged:
      "The address of the account was changed or removed. This is the last mail to the old address."
    case .factorEnabled: "A second factor was turned on: each sign-in needs a code."
    case .factorRemoved: "The second factor was turned off: a sign-in needs the password only."
    case .tokenCreated: "An API token was created, with which a program acts for you."
    case .keyAdded: "A public key of ssh was added: its owner signs in as you."
    }
  }

  private static func text(_ job: AccountNoticeJob, _ publicURL: String) -> String {
    """
    Account: \(job.name)
    Server:  \(publicURL)
    Time:    \(job.at)

    \(event(job.notice))

    If this was you, do nothing. If not, another person can use your account: set a new password, end all other sessions,
    revoke the API tokens and remove the keys of ssh that you do not know, or ask the administrator of the server for help. In bash, with a session token in $token:

    auth() { printf 'Authorization: Bearer %s' "$token"; }
    curl -X DELETE \(publicURL)/v1/me/sessions -H @<(auth)
    curl -X DELETE \(publicURL)/v1/me/tokens -H @<(auth)
    """
  }
}
