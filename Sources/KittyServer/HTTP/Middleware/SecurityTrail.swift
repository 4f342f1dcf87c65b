import Hummingbird
import KittyShared
import Logging
import Synchronization

/// The account that a request is about, once a middleware or a handler has found it out: the caller, or the account of a
/// sign-in. It is known outside of them too, where errors are answered.
final class SecurityTrail: Sendable {
  private struct Account: Sendable {
    var user: ID?
    /// The id of the session or the API token.
    var credential: ID?
  }

  private let account = Mutex(Account())

  /// Notes the account.
  func identify(_ user: ID, credential: ID? = nil) {
    account.withLock { $0 = Account(user: user, credential: credential) }
  }

  fileprivate var details: Logger.Metadata {
    let account = account.withLock { $0 }
    var details: Logger.Metadata = [:]
    if let user = account.user { details["user"] = "\(user)" }
    if let credential = account.credential { details["credential"] = "\(credential)" }
    return details
  }
}

extension AppRequestContext {
  /// Writes the line of an event into the log.
  func note(_ event: SecurityEvent, of request: Request) {
    var details = trail.details
    details["client"] = "\(client)"
    details["method"] = "\(request.method)"
    details["path"] = "\(request.uri.path)"
    logger.note(event, details)
  }
}
