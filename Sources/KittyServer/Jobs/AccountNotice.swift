import KittyShared

/// A change of an account of which its user is told by mail, so that a change by an attacker does not go unnoticed.
enum AccountNotice: String, Sendable, CaseIterable {
  /// The user changed the password.
  case passwordChanged = "password.changed"
  /// The password was replaced with a token from a mail.
  case passwordReset = "password.reset"
  /// An administrator set a password.
  case passwordSet = "password.set"
  /// The address was changed or removed; the mail goes to the old one.
  case emailChanged = "email.changed"
  case factorEnabled = "factor.enabled"
  case factorRemoved = "factor.removed"
  case tokenCreated = "token.created"
  /// A public key of ssh was added.
  case keyAdded = "key.added"
}

/// The content of the job that mails a notice.
struct AccountNoticeJob: Sendable, Equatable {
  let notice: AccountNotice
  let at: Instant
  /// The name of the account.
  let name: String
  let address: String

  /// Parses the payload that `JobStore.enqueue(_:of:where:at:)` writes.
  init?(payload: String) {
    let words = payload.split(separator: " ")
    guard words.count == 4, let notice = AccountNotice(rawValue: String(words[0])),
      let milliseconds = Int64(words[1])
    else { return nil }
    self.notice = notice
    at = Instant(milliseconds: milliseconds)
    (name, address) = (String(words[2]), String(words[3]))
  }
}
