import Hummingbird
import KittyShared
import NIOCore

/// What is known of a request while it is answered.
struct AppRequestContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The id under which the log has the request, and which the answer carries.
  var requestID = ""
  /// Who sent it, as far as the proxies in between are trusted.
  var client = ClientAddress.unknown
  /// Who the connection is to.
  let peer: SocketAddress?

  init(source: Source) {
    coreContext = .init(source: source)
    peer = source.channel.remoteAddress
  }
}

/// A request as a handler sees it: who asks, where, and with which parameters.
struct Call: Sendable {
  let request: Request
  let context: AppRequestContext
  private let grant: Authorizer.Authorization
  let query: [String: String]
  let now: Instant
  /// The id of what the request makes, when the request does not bring one.
  let newID: ID

  init(
    request: Request, context: AppRequestContext, grant: Authorizer.Authorization, query: [String: String],
    now: Instant
  ) {
    self.request = request
    self.context = context
    self.grant = grant
    self.query = query
    self.now = now
    // Randomness costs a call of the system, and a GET makes nothing.
    newID = request.method == .get ? .first : ID(at: now)
  }

  /// Who asks; only for routes that are open to everybody it is `nil`.
  var principal: Principal? { grant.principal }
  /// Under which version what is read of the group and its members may be remembered.
  var groupVersion: CacheVersion? { grant.group }
  /// Under which version what is read of the books, the group and its members may be remembered.
  var booksVersion: CacheVersion? { grant.books }

  /// - Throws: `Rejection.signInNeeded` on a route that is open to everybody.
  var user: ID {
    get throws(Rejection) {
      guard let principal else { throw .signInNeeded }
      return principal.user
    }
  }

  /// The session that the request comes with; on routes for which a session is needed there is one.
  /// - Throws: `Rejection.signInNeeded` when there is none.
  var signedIn: Principal {
    get throws(Rejection) {
      guard let principal, principal.rights == nil else { throw .signInNeeded }
      return principal
    }
  }

  /// The only group that the request may see, when it comes with an API token of one.
  var onlyGroup: ID? { principal?.rights?.group }

  /// - Throws: `Rejection.notFound` on a route that names no group.
  var member: Membership {
    get throws(Rejection) {
      guard let membership = grant.membership else { throw .notFound("group") }
      return membership
    }
  }

  /// - Throws: `Membership.archived` when the group is only read.
  func requireInUse() throws(Rejection) {
    if grant.membership?.isArchived == true { throw Membership.archived }
  }

  /// An id from the path.
  /// - Throws: `Rejection.notFound` when it is none: there cannot be such a thing.
  func id(_ name: String) throws(Rejection) -> ID {
    guard let text = context.parameters.get(name), let id = ID(text) else { throw .notFound(name) }
    return id
  }

  /// The version that `If-Match` names; `nil` for `*`.
  /// - Throws: `Problem` 428 when there is none and one is needed; 400 when it is no version.
  func version(required: Bool) throws(Problem) -> Int64? {
    guard let header = request.headers[.ifMatch] else {
      guard !required else {
        throw Problem(
          428, "if_match_needed", "Say which version you change",
          "Send If-Match with the ETag that you read, such as If-Match: \"3\", or If-Match: * for any.")
      }
      return nil
    }
    let tag = header.trimmed
    if tag == "*" { return nil }
    let isQuoted = tag.count > 2 && tag.hasPrefix("\"") && tag.hasSuffix("\"")
    // A shell eats quotes, and a bare number can only mean one thing.
    let digits = isQuoted ? String(tag.dropFirst().dropLast()) : tag
    if let version = Self.number(digits) { return version }
    throw Problem(
      400, "bad_if_match", "If-Match cannot be understood",
      tag.hasPrefix("W/")
        ? "A weak ETag such as W/\"3\" names no version for certain. Send the ETag that you read, such as If-Match: \"3\"."
        : "Send one ETag that you read, such as If-Match: \"3\", or If-Match: * for any.")
  }

  /// A number of digits alone, as it is written: `+5` and `05` are not.
  private static func number(_ text: String) -> Int64? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || !text.hasPrefix("0") else {
      return nil
    }
    return Int64(text)
  }

  /// The part of a list that the query asks for.
  func page() throws(Rejection) -> PageRequest {
    var limit = PageRequest.defaultLimit
    if let text = query["limit"] {
      guard let number = Self.number(text), PageRequest.limits.contains(Int(number)) else {
        throw .invalid(
          "limit", "out_of_range",
          "limit is a number from \(PageRequest.limits.lowerBound) to \(PageRequest.limits.upperBound).")
      }
      limit = Int(number)
    }
    return PageRequest(limit: limit, cursor: query["cursor"])
  }

  /// Where in the change sequence a list of changes goes on: from the cursor, else from `since`. `nil` when
  /// no changes are asked for.
  /// - Throws: `Rejection.invalid`, also for filters: what a change takes out of what is filtered would be missed.
  func since() throws(Rejection) -> Int64? {
    guard let text = query["since"] else { return nil }
    for name in query.keys.sorted() where !["since", "limit", "cursor"].contains(name) {
      throw .invalid(
        name, "not_with_since", "since gives every change, deletions included. Leave \(name) out.")
    }
    guard let since = Self.number(text) else {
      throw .invalid(
        "since", "not_a_sequence", "since is a sequence that an answer gave, or 0 for everything.")
    }
    guard let cursor = query["cursor"] else { return since }
    return try Cursor.sequence(cursor)
  }

  /// A yes-or-no parameter; no when left out.
  func flag(_ name: String) throws(Rejection) -> Bool {
    switch query[name] {
    case nil, "false": return false
    case "true": return true
    default: throw .invalid(name, "not_a_flag", "\(name) is true or false.")
    }
  }

  /// A day from the query; `nil` when left out.
  func day(_ name: String) throws(Rejection) -> Day? {
    guard let text = query[name] else { return nil }
    guard let day = Day(text) else {
      throw .invalid(name, "not_a_date", "Write a date of the calendar like 2026-11-24, not before 1900.")
    }
    return day
  }

  /// The days `from` and `to` of the query, both included.
  /// - Throws: `Rejection.invalid` when there is no day between them.
  func days() throws(Rejection) -> (from: Day?, to: Day?) {
    let (from, to) = (try day("from"), try day("to"))
    if let from, let to, from > to {
      throw .invalid("to", "out_of_order", "to is before from, so there is no day between them.")
    }
    return (from, to)
  }

  /// An account from the query or the path: a member's id, or `kitty`.
  static func account(_ text: String, _ field: String) throws(Rejection) -> LedgerAccount {
    if text == "kitty" { return .kitty }
    guard let id = ID(text) else {
      throw .invalid(field, "not_an_account", "Write a member's id, or \"kitty\" for the pot.")
    }
    return .member(id)
  }

  /// Which size of a photo is wanted; large when left out.
  func variant() throws(Rejection) -> PhotoVariant {
    guard let text = query["size"] else { return .large }
    guard let variant = PhotoVariant(rawValue: text) else {
      throw .invalid("size", "unknown_size", "size is large, small or preview.")
    }
    return variant
  }
}
