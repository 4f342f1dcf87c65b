import KittyShared

/// What an API token may do: the part of what its owner may that its scopes and its group leave.
struct TokenRights: Hashable, Sendable {
  let scopes: Set<TokenScope>
  /// The only group that it sees; `nil` for all groups of its owner.
  let group: ID?

  /// The routes beside those of a group that answer a token of one group, with nothing of another group. Any
  /// other is closed to it, a new one too.
  private static let narrowed: Set<Route> = [
    Endpoints.me.route, Endpoints.myPhoto.route, Endpoints.groups.route, Endpoints.myBalances.route,
  ]

  /// Whether the token reaches a route.
  /// - Parameter group: The group that the path names.
  /// - Throws: `Rejection` that says what the token lacks; 404 for another group than its own.
  func require(_ route: Route, group: ID?) throws(Rejection) {
    guard route.access != .session else {
      throw Rejection(
        .forbidden, "session_needed", "No API token may do this",
        "Only you yourself may do this. Sign in (POST /v1/sessions), and send the token of that session.")
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
      guard Self.narrowed.contains(route) else {
        throw Rejection(
          .forbidden, "token_of_one_group", "The API token is for one group",
          "This API token is for the group \(own) alone. Use one for all your groups, or sign in.")
      }
    }
  }
}
