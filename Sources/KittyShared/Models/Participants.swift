/// The members of a group who can share an amount.
package struct Participants: Sendable {
  /// The default participants, in the order of their ids, with their weights.
  package let present: [(id: ID, weight: Int64)]
  /// Former members who may be named.
  package let former: Set<ID>
  private let allowed: [ID: Int64]

  /// - Parameters:
  ///   - present: The present members, with their weights.
  ///   - former: Former members who may be named: the ones in the entry before the change, and for a payment
  ///     the ones with an unsettled balance.
  package init(present: [(id: ID, weight: Int64)], former: [ID] = []) {
    self.present = present.sorted { $0.id < $1.id }
    self.former = Set(former).subtracting(present.map(\.id))
    allowed = Dictionary(
      former.map { ($0, 1) } + present.map { ($0.id, $0.weight) }, uniquingKeysWith: { $1 })
  }

  /// Returns the weight of a member; `nil` for an unknown member.
  func weight(of member: ID) -> Int64? { allowed[member] }

  /// - Throws: `Rejection.invalid` for the field when the account is not of this group.
  package func require(_ account: LedgerAccount, _ field: String) throws(Rejection) {
    guard let member = account.member, allowed[member] == nil else { return }
    throw .invalid(field, "not_a_member", "\(member) is not a member of this group.")
  }
}
