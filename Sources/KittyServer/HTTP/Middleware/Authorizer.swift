import KittyShared

/// The one place that enforces who may use a route. The rules themselves are in the route table and in
/// `GroupRights`.
struct Authorizer: Sendable {
  let sessions: SessionStore
  let cache: (any CacheInvalidation)?
  let uses: LastUsedTracker
  private let principals: VersionedCache<String, Principal>
  private let memberships: VersionedCache<MembershipKey, Membership>

  /// A user in a group.
  private struct MembershipKey: Hashable, Sendable {
    let user: ID
    let group: ID
  }

  /// The caller of a request, their membership of the group that the path names, and the versions under which data
  /// of that group may be cached.
  struct Authorization: Sendable {
    var principal: Principal?
    var membership: Membership?
    /// The version of the group and its members.
    var groupVersion: CacheVersion?
    /// The version of the group, its members and its books.
    var booksVersion: CacheVersion?
  }

  /// - Parameters:
  ///   - principals: The meter of the cached sessions and API tokens.
  ///   - memberships: The meter of the cached memberships.
  init(
    sessions: SessionStore, cache: (any CacheInvalidation)?, uses: LastUsedTracker, principals: CacheMeter,
    memberships: CacheMeter
  ) {
    self.principals = VersionedCache(meter: principals)
    self.memberships = VersionedCache(meter: memberships)
    self.sessions = sessions
    self.cache = cache
    self.uses = uses
  }

  /// Finds the caller and checks that they may use the route: one database query at most, none when session and
  /// membership are cached.
  /// - Parameters:
  ///   - token: The token that the request carries.
  ///   - group: The group that the path names, as text.
  ///   - mayBeRepeated: `true` when the request may be a repeated one, which is answered as the first time whatever
  ///     the state of the group. Handlers that write check `requireInUse` themselves.
  ///   - found: Called with the caller once it is known, also when the route is not allowed.
  /// - Throws: `Rejection`: unauthenticated without a valid token, not found for a group that the caller is not a
  ///   member of, forbidden when the role or the API token does not allow it, conflict for a change of an archived
  ///   group.
  func authorize(
    _ route: Route, token: String?, group: String?, mayBeRepeated: Bool,
    found: (Principal) -> Void = { _ in }
  ) async throws -> Authorization {
    guard route.access != .anyone else { return Authorization() }
    guard let token else { throw Rejection.signInNeeded }
    var groupID: ID?
    if case .member = route.access { groupID = group.flatMap { ID($0) } }
    let now = Instant.now
    let authorization = try await authorization(of: BearerToken(token), group: groupID, at: now)
    guard let principal = authorization.principal else { throw Rejection.signInNeeded }
    found(principal)
    uses.note(principal, at: now)
    try principal.rights?.require(route, group: groupID)
    guard case .member(let right) = route.access else { return authorization }
    guard let membership = authorization.membership else { throw Rejection.notFound("group") }
    guard !membership.isImporting else {
      throw Rejection.importing
    }
    // A deleted group can only be restored.
    guard !membership.isDeleted || route == Endpoints.restoreGroup.route else {
      throw Rejection.notFound("group")
    }
    try Permissions.require(right, membership)
    guard
      !membership.isArchived || route.method == .get || mayBeRepeated || right.worksInArchive
    else { throw Rejection.archived }
    return authorization
  }

  private func authorization(
    of token: BearerToken, group: ID?, at now: Instant
  ) async throws -> Authorization {
    let hash = token.hash
    var tags = [CacheTag.session(hash), .sessions]
    if let group { tags += [.group(group), .books(group)] }
    var authorization = Authorization()
    var session: CacheVersion?
    await cache?.catchUp()
    if let cache, let versions = cache.versions(of: tags) {
      // Asked after the versions: a subscription that begins in between has invalidated them.
      let until = cache.lifetime.map { ContinuousClock.now + $0 }
      session = CacheVersion(versions[0], versions[1], until: until)
      if group != nil {
        authorization.groupVersion = CacheVersion(versions[2], until: until)
        authorization.booksVersion = CacheVersion(versions[2], versions[3], until: until)
      }
    }
    if let cached = principals.value(for: hash, at: session), cached.expires.map({ $0 > now }) ?? true {
      authorization.principal = cached
      guard let group else { return authorization }
      authorization.membership = memberships.value(
        for: MembershipKey(user: cached.user, group: group), at: authorization.groupVersion)
      if authorization.membership != nil { return authorization }
    }
    (authorization.principal, authorization.membership) = try await sessions.find(token, in: group, at: now)
    guard let principal = authorization.principal else { return authorization }
    principals.insert(principal, for: hash, at: session)
    if let membership = authorization.membership {
      memberships.insert(
        membership, for: MembershipKey(user: principal.user, group: membership.group),
        at: authorization.groupVersion)
    }
    return authorization
  }
}
