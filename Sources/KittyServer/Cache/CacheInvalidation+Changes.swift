import KittyShared

/// The one place that says which tags each kind of change invalidates.
extension CacheInvalidation {
  /// Invalidates what a request has changed, by the declaration of its route.
  ///
  /// The path names the group of `.books` and `.group`. For the other kinds the tags are only known to the code that
  /// makes the change: it calls one of the functions below.
  /// - Parameter group: The group that the path names.
  func invalidate(after changes: Route.Changes, in group: ID?) async {
    switch changes {
    // Not cached at all, or not yet.
    case .nothing, .user, .newGroup: break
    // `invalidate(sessions:memberships:)` and `invalidateGroup`.
    case .sessions, .membership: break
    // Frequent: entries change nothing but the books.
    case .books: if let group { await invalidateBooks(of: [group]) }
    // Rare. The books show the names of members, so they go with the group.
    case .group: if let group { await invalidateGroup(group) }
    }
  }

  /// Invalidates a group, its members and its books: also after a user joined it by an invite, whose code names the
  /// group.
  func invalidateGroup(_ group: ID) async { await invalidate([.group(group), .books(group)]) }

  /// Invalidates the books of groups: also after `check --repair-balances` corrected them.
  func invalidateBooks(of groups: [ID]) async { await invalidate(groups.map(CacheTag.books)) }

  /// Invalidates sessions and API tokens that were ended or revoked, and groups that their user left with them.
  /// - Parameter hashes: The hashes of their secrets, which only the database knows.
  func invalidate(sessions hashes: some Sequence<String>, groups: [ID] = []) async {
    await invalidate(hashes.map(CacheTag.session) + groups.flatMap { [.group($0), .books($0)] })
  }

  /// Invalidates all data: after a restore, and after a change whose outcome and extent are unknown.
  func invalidateAll() async { await invalidate([.all]) }
}
