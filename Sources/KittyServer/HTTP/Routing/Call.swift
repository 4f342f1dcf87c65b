import Hummingbird
import KittyShared

/// A request as a handler sees it: its caller, its group and its parameters.
struct Call: QueryReading, Sendable {
  let request: Request
  let context: AppRequestContext
  let now: Instant
  /// The id of the new resource, when the request does not bring one.
  let newID: ID

  init(request: Request, context: AppRequestContext, now: Instant) {
    self.request = request
    self.context = context
    self.now = now
    // Randomness costs a system call, and a GET makes nothing.
    newID = request.method == .get ? .first : ID(at: now)
  }

  /// Writes the line of a security event into the log.
  func note(_ event: SecurityEvent) { context.note(event, of: request) }

  var query: [String: String] { context.query }
  /// The context of the request's writes.
  var write: WriteContext { context.write }
  /// The caller; `nil` only on routes that are open to everyone.
  var principal: Principal? { context.authorization.principal }
  /// The version under which data of the group and its members may be cached.
  var groupVersion: CacheVersion? { context.authorization.groupVersion }
  /// The version under which data of the books, the group and its members may be cached.
  var booksVersion: CacheVersion? { context.authorization.booksVersion }

  /// The id of the caller.
  /// - Throws: `Rejection.signInNeeded` on a route that is open to everyone.
  var user: ID {
    get throws(Rejection) {
      guard let principal else { throw .signInNeeded }
      return principal.user
    }
  }

  /// The session of the request. Routes that need a session always have one.
  /// - Throws: `Rejection.signInNeeded` without a session.
  var signedIn: Principal {
    get throws(Rejection) {
      guard let principal, principal.rights == nil else { throw .signInNeeded }
      return principal
    }
  }

  /// The only group that the request may see, when it comes with an API token for one group.
  var onlyGroup: ID? { principal?.rights?.group }

  /// The caller's membership of the group that the path names.
  /// - Throws: `Rejection.notFound` on a route that names no group.
  var member: Membership {
    get throws(Rejection) {
      guard let membership = context.authorization.membership else { throw .notFound("group") }
      return membership
    }
  }

  /// - Throws: `Rejection.archived` when the group is archived, and so read-only.
  func requireInUse() throws(Rejection) {
    if context.authorization.membership?.isArchived == true { throw Rejection.archived }
  }

  /// Reads an id from the path.
  /// - Throws: `Rejection.notFound` when it is not an id: no resource can have it.
  func id(_ name: String) throws(Rejection) -> ID {
    guard let text = context.parameters.get(name), let id = ID(text) else { throw .notFound(name) }
    return id
  }

  /// Reads an account from the query or the path: a member's id, or `kitty`.
  static func account(_ text: String, _ field: String) throws(Rejection) -> LedgerAccount {
    if text == "kitty" { return .kitty }
    guard let id = ID(text) else {
      throw .invalid(field, "not_an_account", "Write a member's id, or \"kitty\" for the kitty.")
    }
    return .member(id)
  }
}
