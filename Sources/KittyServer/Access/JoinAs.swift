import KittyShared

/// The member of a group that a user becomes by accepting an invite.
enum JoinAs: Hashable, Sendable {
  /// The guest that the invite names.
  case guest(ID)
  /// The member that the user was before they left, with all their entries.
  case former(ID, name: String)
  case new(name: String)
}
