extension Route {
  /// The data that a route changes. Each server keeps sessions, memberships and replies in its caches; after a request
  /// it invalidates the part that the route declares, on every server.
  package enum Changes: Hashable, Sendable {
    /// Nothing that a GET shows.
    case nothing
    /// Users, or their second factors and settings: data that is never cached.
    case user
    /// Sessions or API tokens, and perhaps memberships. The handler invalidates those that the database names.
    case sessions
    /// The group of an invite or of an upload address, which the path does not name. The handler invalidates it.
    case membership
    /// A new group, of which no server has cached anything.
    case newGroup
    /// The books of the group that the path names: entries, comments, targets.
    case books
    /// The group that the path names, its members or its invites; its books with it, since they show names and rights.
    case group

    /// `true` when the path names the group that is changed.
    package var isOfGroup: Bool { self == .books || self == .group }
  }
}
