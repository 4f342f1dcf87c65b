import KittyShared

extension Problem {
  /// The facts and what to do about them, in words for the screen: the detail of some problems names parts of the API.
  var words: String {
    switch code {
    case Rejection.stale.code: "It was changed meanwhile. Read it again, and repeat what you did."
    case Rejection.signInNeeded.code: "You are not signed in any more. Sign in, and repeat what you did."
    case Rejection.secondFactorNeeded.code:
      "Write the six digits of your authenticator app, or a recovery code."
    case "not_settled":
      "A balance in this group is not zero, or the kitty has money. Settle everything first."
    default: detail
    }
  }
}
