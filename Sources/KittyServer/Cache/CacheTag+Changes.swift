import KittyShared

/// The one place that says which tags each kind of change invalidates.
extension CacheTag {
  /// Returns the tags that a request changes, by the declaration of its route.
  ///
  /// The path names the group of `.books` and `.group`. For the other kinds the tags are only known to the code that
  /// makes the change: it names them itself.
  /// - Parameter group: The group that the path names.
  static func tags(of changes: Route.Changes, in group: ID?) -> [CacheTag] {
    switch changes {
    // Not cached at all, or not yet.
    case .nothing, .user, .newGroup: []
    // `Sessions`, `Tokens`, and the invite that a user accepts.
    case .sessions, .membership: []
    // Frequent: entries change nothing but the books.
    case .books: group.map { [.books($0)] } ?? []
    // Rare. The books show the names of members, so they go with the group.
    case .group: group.map { tags(of: $0) } ?? []
    }
  }

  /// The tags of a group, its members and its books: also for a user who joins it by an invite, whose code names the
  /// group.
  static func tags(of group: ID) -> [CacheTag] { [.group(group), .books(group)] }
}

extension CacheInvalidation {
  /// Invalidates all data: after a restore.
  func invalidateAll() async { await invalidate([.all]) }
}
