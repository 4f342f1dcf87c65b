import KittyShared

/// One piece of work, as the worker that has claimed it holds it.
struct Job: Sendable {
  let id: ID
  let kind: String
  let payload: String
  /// Which attempt this is, from 1.
  let attempts: Int
  /// This claim of it: as long as the row has it, the job is this worker's.
  let lease: ID

  enum Kind: String, Sendable, CaseIterable {
    /// Convert a photo that somebody has sent; the payload is the upload's id.
    case convertPhoto = "photo.convert"
    /// Remove the files of a photo; the payload is its hash.
    case removePhoto = "photo.remove"
    /// Write to whoever has forgotten their password; the payload is their address.
    case resetPassword = "password.reset"
    /// Remove sessions that have ended.
    case cleanSessions = "sessions.clean"
    /// Remove API tokens that expired some time ago.
    case cleanTokens = "tokens.clean"
    /// Remove idempotency keys that are too old to be asked for.
    case cleanKeys = "keys.clean"
    /// Remove invites to groups and to sign up that nobody can use any more.
    case cleanInvites = "invites.clean"
    /// Remove tokens for forgotten passwords that have expired.
    case cleanResets = "resets.clean"
    /// Remove uploads whose senders have gone away.
    case cleanUploads = "uploads.clean"
    /// Remove groups that were deleted thirty days ago.
    case purgeGroups = "groups.purge"
    /// Recompute the books and say what does not fit.
    case checkBooks = "books.check"

    /// How often it is done, once for all workers; `nil` for what requests ask for.
    var interval: Duration? {
      switch self {
      case .convertPhoto, .removePhoto, .resetPassword: nil
      case .cleanSessions, .cleanTokens, .cleanKeys, .cleanInvites, .cleanResets, .cleanUploads,
        .purgeGroups:
        .seconds(3600)
      case .checkBooks: .seconds(86_400)
      }
    }
  }

  /// How a job ended that did not fail.
  enum Outcome: Sendable {
    /// It is done, with a number that came of it, where there is one.
    case done(result: Int? = nil)
    /// It is not yet time for it.
    case notBefore(Instant)
  }

  /// How long a job waits after an attempt that failed: three times as long each time, from 5 seconds to an hour, of
  /// which the later half is random, so that what failed together is not tried together again.
  /// - Parameter attempt: The attempt that failed, from 1.
  static func delay(after attempt: Int, using random: inout some RandomNumberGenerator) -> Duration {
    var longest: Int64 = 5000
    for _ in 1..<max(1, min(attempt, 8)) { longest *= 3 }
    longest = min(longest, 3_600_000)
    return .milliseconds(Int64.random(in: longest / 2...longest, using: &random))
  }
}

/// A job of a kind that this version does not know.
struct UnknownJob: Error, CustomStringConvertible {
  let kind: String
  var description: String { "no worker of this version knows the job \"\(kind)\"" }
}
