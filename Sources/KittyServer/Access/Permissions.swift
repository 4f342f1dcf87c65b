import KittyShared

/// Requires the rights of `GroupRights`. The route table names the right that each route needs; `Authorizer` requires it
/// before a handler runs. Controllers and `Bookkeeping` require what depends on the author of an entry or on the member
/// to be changed.
enum Permissions {
  /// - Throws: `Rejection` when the member's role does not have the right.
  static func require(_ right: Route.Right, _ member: Membership) throws(Rejection) {
    if let refusal = member.rights.refusalOfRole(right) { throw refusal }
  }

  /// Checks that a member with the right to revise may change, delete or restore an entry.
  /// - Parameter author: The member who entered it.
  /// - Throws: `Rejection` when members may change only their own entries, and this is not one.
  static func requireRevision(of author: ID, _ member: Membership) throws(Rejection) {
    if let refusal = member.rights.refusal(ofRevising: author) { throw refusal }
  }

  /// Checks that a member with the right to amend may change another one.
  /// - Parameter target: The member to be changed.
  /// - Throws: `Rejection`.
  static func requireAmendment(
    of target: Member, _ change: MemberChange, _ member: Membership
  ) throws(Rejection) {
    if let refusal = member.rights.refusal(
      ofAmending: target, changesRole: change.role != nil, changesIBAN: change.iban != .keep)
    {
      throw refusal
    }
  }
}
