import Hummingbird
import KittyShared

/// Who may do what, in one place: the rule of each route is in the route table, and this enforces it
/// before a handler runs.
struct Access: Sendable {
  let sessions: Sessions
  let members: MemberStore

  /// - Throws: `Problem` 401 without a valid token, 404 for a group one is not in, 403 for what one's role
  ///   does not allow, 409 for a change of an archived group.
  func check(
    _ route: Route, request: Request, context: KittyContext
  ) async throws -> (Principal?, Membership?) {
    guard route.access != .anyone else { return (nil, nil) }
    guard let token = Self.token(request), let principal = try await sessions.principal(token: token) else {
      throw Problem.signInNeeded
    }
    guard case .member(let right) = route.access else { return (principal, nil) }
    guard let text = context.parameters.get("group"), let group = ID(text),
      let membership = try await members.membership(of: principal.user, in: group)
    else { throw Problem.notFound("group") }
    // A deleted group is there for one thing alone: to be brought back.
    guard !membership.isDeleted || route == Endpoints.restoreGroup.route else {
      throw Problem.notFound("group")
    }
    try Self.require(right, route: route, membership)
    return (principal, membership)
  }

  /// The rule itself.
  /// - Throws: `Problem` 403 or 409.
  static func require(_ right: Route.Right, route: Route, _ membership: Membership) throws(Problem) {
    let allowed: Bool =
      switch right {
      case .read: true
      case .write: membership.role != .guest
      case .administer: membership.role == .owner
      }
    guard allowed else {
      throw Problem(
        403, "not_allowed", "You may not do this", "Ask the owner of the group to do it or to let you.")
    }
    // An archived group is only read; it can be brought back, and deleted.
    let isException = [
      Endpoints.changeGroup.route, Endpoints.deleteGroup.route, Endpoints.restoreGroup.route,
    ]
    .contains(route)
    guard !membership.isArchived || right == .read || isException else {
      throw Membership.archived
    }
  }

  private static func token(_ request: Request) -> String? {
    guard let header = request.headers[.authorization] else { return nil }
    let parts = header.split(separator: " ", omittingEmptySubsequences: true)
    guard parts.count == 2, parts[0].lowercased() == "bearer", parts[1].utf8.count <= 256 else { return nil }
    return String(parts[1])
  }
}
