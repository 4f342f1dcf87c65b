/// A request to hand over a group.
package struct NewOwner: RequestBody, Hashable {
  /// The new owner: a member with a user account.
  package var member: ID

  package enum CodingKeys: String, CodingKey, CaseIterable { case member }

  package init(member: ID) { self.member = member }

  /// Checks nothing: the server checks that the member exists.
  package func check(_ checks: inout FieldChecks) {}
}
