import KittyShared

/// The rights of an API token: those of its owner, reduced to its scopes and to its group.
struct TokenRights: Hashable, Sendable {
  let scopes: Set<TokenScope>
  /// The only group that the token may see; `nil` for all groups of its owner.
  let group: ID?

  /// The routes outside of a group that a token of one group may use: their replies contain nothing of other groups. All
  /// other routes are closed to it, also new ones.
  private static let routesBesideGroup: Set<Route> = [
    Endpoints.me.route, Endpoints.myPhoto.route, Endpoints.groups.route, Endpoints.myBalances.route,
    Endpoints.myEntries.route,
  ]

  /// Checks that the token may use a route.
  /// - Parameter group: The group that the path names.
  /// - Throws: `Rejection` with what the token lacks; not found for a group other than its own.
  func require(_ route: Route, group: ID?) throws(Rejection) {
    guard route.access != .session else {
      throw Rejection(
        .forbidden, "session_needed", "API tokens may not do this",
        "This needs a session. Sign in (POST /v1/sessions), and send the token of the session.")
    }
    let needed: TokenScope = route.method == .get ? .read : .write
    guard scopes.contains(needed) else {
      throw Rejection(
        .forbidden, "scope_missing", "The API token may not do this",
        "This API token lacks the scope \"\(needed.rawValue)\". Make one that has it: POST /v1/me/tokens.")
    }
    guard let own = self.group else { return }
    if case .member = route.access {
      guard group == own else { throw Rejection.notFound("group") }
    } else {
      guard Self.routesBesideGroup.contains(route) else {
        throw Rejection(
          .forbidden, "token_of_one_group", "The API token is for one group",
          "This API token is for the group \(own) alone. Use a token for all your groups, or sign in.")
      }
    }
  }
}
