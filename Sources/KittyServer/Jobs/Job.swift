import KittyShared

/// A job that a worker has claimed.
struct Job: Sendable {
  let id: ID
  let kind: String
  let payload: String
  /// The number of this attempt, from 1.
  let attempts: Int
  /// The id of this claim. The job belongs to this worker as long as its row has the same lease.
  let lease: ID

  enum Kind: String, Sendable, CaseIterable {
    /// Converts an uploaded photo, or checks an uploaded receipt; the payload is the upload's id.
    case convertPhoto = "photo.convert"
    /// Removes the files of a photo; the payload is its hash.
    case removePhoto = "photo.remove"
    /// Removes the files of a receipt; the payload is its hash.
    case removeReceipt = "receipt.remove"
    /// Enqueues a mail for each account with an address whose password is forgotten; the payload is the address.
    case resetPassword = "password.reset"
    /// Mails a token that resets a forgotten password; the payload is the user's id.
    case mailReset = "password.mail"
    /// Mails a token that confirms an address; the payload is the user's id.
    case confirmEmail = "email.confirm"
    /// Tells a user of a change of the account; see `AccountNoticeJob`.
    case tellUser = "account.notice"
    /// Removes expired sessions.
    case cleanSessions = "sessions.clean"
    /// Removes API tokens that expired some time ago.
    case cleanTokens = "tokens.clean"
    /// Removes idempotency keys whose replies are no longer kept.
    case cleanKeys = "keys.clean"
    /// Removes group and sign-up invites that can no longer be used.
    case cleanInvites = "invites.clean"
    /// Removes expired tokens of password resets and of addresses.
    case cleanResets = "resets.clean"
    /// Removes abandoned uploads.
    case cleanUploads = "uploads.clean"
    /// Removes groups that were deleted thirty days ago.
    case purgeGroups = "groups.purge"
    /// Encrypts the secrets of second factors with the present key.
    case sealSecrets = "secrets.seal"
    /// Books, proposes or skips the entries of rules that are due; the payload is one rule, or empty for all.
    case bookRecurring = "recurring.book"
    /// Undoes imports that a server left unfinished.
    case undoImports = "imports.undo"
    /// Audits the books and reports each difference.
    case checkBooks = "books.check"

    /// Interval at which the job is enqueued, once for all workers; `nil` for jobs that only requests enqueue.
    var interval: Duration? {
      switch self {
      case .convertPhoto, .removePhoto, .removeReceipt, .resetPassword, .mailReset, .confirmEmail, .tellUser:
        nil
      case .cleanSessions, .cleanTokens, .cleanKeys, .cleanInvites, .cleanResets, .cleanUploads,
        .purgeGroups, .sealSecrets:
        .seconds(3600)
      case .bookRecurring, .undoImports: .seconds(60)
      case .checkBooks: .seconds(86_400)
      }
    }
  }

  /// The outcome of a job that did not fail.
  enum Outcome: Sendable {
    /// The job is finished. A job with a number as its result gives that number.
    case done(result: Int? = nil)
    /// The job is postponed.
    case notBefore(Instant)
  }

  /// Returns the pause before the next attempt: three times as long after each failure, from 5 seconds to an hour. The
  /// later half is random, so that jobs which failed together are not retried together.
  /// - Parameter attempt: The attempt that failed, from 1.
  static func retryDelay(after attempt: Int, using random: inout some RandomNumberGenerator) -> Duration {
    var longest: Int64 = 5000
    for _ in 1..<max(1, min(attempt, 8)) { longest *= 3 }
    longest = min(longest, 3_600_000)
    return .milliseconds(Int64.random(in: longest / 2...longest, using: &random))
  }
}

/// Thrown for a job kind that has no handler in this version.
struct UnknownJob: Error, CustomStringConvertible {
  let kind: String
  var description: String { "unknown job kind \"\(kind)\": this version has no handler for it" }
}
