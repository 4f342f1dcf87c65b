/// The invite that a sign-up uses.
enum SignUpInvite: Hashable, Sendable {
  /// The server needs none.
  case notNeeded
  /// An invite of the administrator, by the hash of its code.
  case toServer(hash: String)
  /// An invite to a group. The sign-up is one of its uses, and its user accepts it without another.
  case toGroup(InviteKey)
}
