import KittyShared

/// Plans of payments that settle a group.
struct Settling: Sendable {
  let balances: BalanceStore
  let members: MemberStore

  /// Returns the payments that clear all debts of a group, per currency.
  /// - Parameter centre: The account that all payments go to or come from; `nil` for the fewest payments.
  /// - Throws: `Rejection` when the centre is not in the group.
  func plan(in group: ID, centre: LedgerAccount?) async throws -> SettlementPlan {
    if let member = centre?.member, try await members.find(member, in: group) == nil {
      throw Rejection.invalid("centre", "not_a_member", "\(member) is not a member of this group.")
    }
    // `Settlement` knows the accounts by their keys, which are the same in a copy of the group.
    let centre = centre?.key
    var payments: [Transfer] = []
    var methods: [SettlementPlan.MethodOfCurrency] = []
    for (currency, nets) in try await balances.nets(in: group) {
      try Task.checkCancellation()
      let plan = try centre.map { try Settlement.plan(for: nets, centre: $0) } ?? Settlement.plan(for: nets)
      methods.append(
        .init(currency: currency, method: centre != nil ? .centred : plan.isFewest ? .fewest : .greedy))
      payments += plan.payments.map {
        Transfer(
          from: LedgerAccount(key: $0.from), to: LedgerAccount(key: $0.to), amount: $0.amount,
          currency: currency)
      }
    }
    return SettlementPlan(payments: payments, methods: methods)
  }
}
