import KittyShared

/// The limits of a group that the settings of the server decide. What is larger already, by an import or an older setting,
/// goes on; it does not grow.
struct GroupLimits: Sendable {
  /// The largest number of present members to which a group grows.
  var members = Group.maxMembers
  /// The largest number of groups of a user, archived ones and deleted ones that can be restored included.
  var groupsOfUser = 1000
  /// The largest number of invites of a group that can be used.
  var invites = 100
  /// The largest number of comments on an entry.
  var comments = 1000
  /// The number of revisions after which an entry can only be deleted.
  var revisions = 1000
  /// The largest number of bytes that the entries, comments and receipts of a group store; `nil` for no limit.
  var bytes: Int64? = 1 << 30

  /// Returns the rejection of one more member; `nil` when there is room.
  /// - Parameters:
  ///   - present: The number of present members.
  ///   - ever: The number of members, former ones included; `nil` for a former member who comes back.
  func refusal(present: Int, ever: Int?) -> Rejection? {
    if present >= members {
      return .invalid(
        "members", "too_many",
        "A group can grow to \(members) members, and this one has \(present). Remove a member first, or make another group."
      )
    }
    if let ever, ever >= Group.maxMembersEver {
      return .invalid(
        "members", "too_many",
        "A group can have \(Group.maxMembersEver) members, former ones included, and this one has \(ever). Make another group."
      )
    }
    return nil
  }

  /// 409: one more group of a user.
  var tooManyGroups: Rejection {
    .conflict(
      "too_many_groups",
      "You are in \(groupsOfUser) groups, which is the most. Leave one first; a deleted group counts until it is removed for good."
    )
  }

  /// 409: one more invite.
  var tooManyInvites: Rejection {
    .conflict(
      "too_many_invites",
      "This group has \(invites) open invites, which is the most. Revoke one first, or use one for several people."
    )
  }

  /// 409: one more comment.
  var tooManyComments: Rejection {
    .conflict("too_many_comments", "This entry has \(comments) comments, which is the most.")
  }

  /// 409: more bytes than a group may store.
  var quotaExceeded: Rejection {
    .conflict(
      "quota_exceeded",
      "The entries, comments and receipts of this group would store more than \(bytes ?? 0) bytes, which is the most on this server. Export the group and go on in a new one, or ask the administrator of the server for more."
    )
  }

  /// - Throws: `Rejection` when an entry has so many revisions that it can only be deleted. Versions are numbered without
  ///   gaps, and each number is written once, so no other check is needed in the write.
  func require(_ revision: EntryRevision) throws(Rejection) {
    guard revision.action == .deleted || revision.version <= revisions else {
      throw .conflict(
        "too_many_revisions",
        "This entry has \(revision.version - 1) revisions, and \(revisions) is the most. Delete it, and enter another one."
      )
    }
  }
}
