import KittyShared

/// A user's membership of one group, with what the group allows.
struct Membership: Sendable {
  let group: ID
  let member: ID
  let role: Member.Role
  let currency: Currency
  let isArchived: Bool
  /// The last day of the closed books.
  let closedUntil: Day?
  /// `true` for a deleted group that can still be restored.
  let isDeleted: Bool
  /// `true` while the group is being filled by an import in several transactions. It counts as deleted until then.
  var isImporting = false
  /// `true` when members may change only the entries that they entered themselves.
  var ownEntriesOnly = false
  /// The default split of the group, as it is stored; `nil` for equally among all members.
  var defaultSplit: String?

  /// The rights of the member.
  var rights: GroupRights {
    GroupRights(
      member: member, role: role, isArchived: isArchived, ownEntriesOnly: ownEntriesOnly,
      closedUntil: closedUntil)
  }
}

extension Rejection {
  /// 503 for a group that is hidden while a file is imported into it.
  static let importing = unavailable("The group is being imported. Try again shortly.", retryAfter: 2)
}
