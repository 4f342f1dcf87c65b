import Hummingbird
import KittyShared

/// Who may do what, in one place: the rule of each route is in the route table, and this enforces it
/// before a handler runs.
struct Authorizer: Sendable {
  let sessions: SessionStore
  let cache: (any CacheInvalidation)?
  let uses: LastUsedTracker
  private let principals: VersionedCache<String, Principal>
  private let memberships: VersionedCache<Place, Membership>

  /// A user in a group.
  private struct Place: Hashable, Sendable {
    let user: ID
    let group: ID
  }

  /// Who asks, and what of the group they ask about is known to be true.
  struct Authorization: Sendable {
    var principal: Principal?
    var membership: Membership?
    /// The version of the group and its members.
    var group: CacheVersion?
    /// The version of the group, its members and its books.
    var books: CacheVersion?
  }

  init(sessions: SessionStore, cache: (any CacheInvalidation)?, uses: LastUsedTracker, meters: Metrics.Caches)
  {
    principals = VersionedCache(meter: meters.principals)
    memberships = VersionedCache(meter: meters.memberships)
    self.sessions = sessions
    self.cache = cache
    self.uses = uses
  }

  /// Asks nobody when everything is remembered, and the database once when not.
  /// - Throws: `Rejection` without a valid token, 404 for a group one is not in, 403 for what one's role
  ///   or API token does not allow, 409 for a change of an archived group.
  /// - Parameter mayBeRepeated: Whether it may be a repeated request: that is answered as it was, whatever the
  ///   group is by now. What writes anew looks at `requireInUse` itself.
  func check(
    _ route: Route, request: Request, context: AppRequestContext, mayBeRepeated: Bool
  ) async throws -> Authorization {
    guard route.access != .anyone else { return Authorization() }
    guard let token = Self.token(request) else { throw Rejection.signInNeeded }
    var group: ID?
    if case .member = route.access { group = context.parameters.get("group").flatMap { ID($0) } }
    let now = Instant.now
    let grant = try await grant(BearerToken(token), group: group, at: now)
    guard let principal = grant.principal else { throw Rejection.signInNeeded }
    uses.note(principal, at: now)
    try principal.rights?.require(route, group: group)
    guard case .member(let right) = route.access else { return grant }
    guard let membership = grant.membership else { throw Rejection.notFound("group") }
    // A deleted group is there for one thing alone: to be brought back.
    guard !membership.isDeleted || route == Endpoints.restoreGroup.route else {
      throw Rejection.notFound("group")
    }
    try Self.require(right, route: route, membership, archived: mayBeRepeated)
    return grant
  }

  private func grant(_ secret: BearerToken, group: ID?, at now: Instant) async throws -> Authorization {
    let hash = secret.hash
    var tags = [CacheTag.session(hash)]
    if let group { tags += [.group(group), .books(group)] }
    var grant = Authorization()
    var session: CacheVersion?
    if let cache, let versions = cache.versions(of: tags) {
      let until = ContinuousClock.now + cache.maxStaleness
      session = CacheVersion(versions[0], until: until)
      if group != nil {
        grant.group = CacheVersion(versions[1], until: until)
        grant.books = CacheVersion(versions[1], versions[2], until: until)
      }
    }
    if let known = principals.value(for: hash, at: session), known.expires.map({ $0 > now }) ?? true {
      grant.principal = known
      guard let group else { return grant }
      grant.membership = memberships.value(for: Place(user: known.user, group: group), at: grant.group)
      if grant.membership != nil { return grant }
    }
    (grant.principal, grant.membership) = try await sessions.find(secret, in: group, at: now)
    guard let principal = grant.principal else { return grant }
    principals.insert(principal, for: hash, at: session)
    if let membership = grant.membership {
      memberships.insert(
        membership, for: Place(user: principal.user, group: membership.group), at: grant.group)
    }
    return grant
  }

  /// What is no longer true once a request of this route was answered, whichever way: an unknown part of it
  /// may have been done.
  func invalidate(after route: Route, _ membership: Membership?) async {
    guard route.method != .get, let membership, let cache else { return }
    let group = membership.group
    // Entering something is frequent and changes nothing but the books; all else is rare.
    let parts = route.path.split(separator: "/").dropFirst(3)
    let isOfBooks = ["expenses", "payments", "entries", "kitty"].contains(parts.first)
    await cache.invalidate(isOfBooks ? [.books(group)] : [.group(group), .books(group)])
  }

  /// Whether a membership is enough for a route; the rule is in `Permissions`.
  /// - Parameter archived: Whether it may be a change of an archived group.
  /// - Throws: `Rejection` or 409.
  static func require(
    _ right: Route.Right, route: Route, _ membership: Membership, archived: Bool = false
  ) throws(Rejection) {
    try Permissions.require(right, membership)
    guard
      !membership.isArchived || route.method == .get || archived || Permissions.worksInArchive(right)
    else { throw Membership.archived }
  }

  /// The token that a request comes with; nobody has looked at whose it is.
  static func token(_ request: Request) -> String? {
    guard let header = request.headers[.authorization] else { return nil }
    // By bytes, since every request comes through here.
    let scheme = "bearer ".utf8
    guard header.utf8.count <= 300,
      zip(header.utf8, scheme).allSatisfy({ $0 == $1 || $0 | 0x20 == $1 }),
      let start = header.utf8.index(header.startIndex, offsetBy: scheme.count, limitedBy: header.endIndex)
    else { return nil }
    let token = header[start...].utf8.drop { $0 == UInt8(ascii: " ") }
    guard !token.isEmpty, token.count <= 256, !token.contains(UInt8(ascii: " ")) else { return nil }
    return String(Substring(token))
  }
}
