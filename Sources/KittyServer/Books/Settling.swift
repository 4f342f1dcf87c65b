import KittyShared

/// Plans of payments that settle a group.
struct Settling: Sendable {
  let balances: BalanceStore
  let members: MemberStore

  /// The wish of a plan.
  struct Wish: Sendable {
    /// The account that all payments go to or come from; `nil` for the fewest payments.
    var centre: LedgerAccount?
    /// The rule that divides the kitty among the members, who keep it; `nil` to pay it out.
    var keep: SettlementPlan.Rule?
  }

  /// Returns the payments that clear all debts of a group, per currency. With a kept kitty each present member is left with
  /// their part of it.
  /// - Throws: `Rejection` when the centre is not in the group, or no member can have a part of the kitty.
  func plan(in group: ID, _ wish: Wish) async throws -> SettlementPlan {
    if let member = wish.centre?.member {
      let found = try await members.find(member, in: group)
      guard found?.removedAt == nil, found != nil else {
        throw Rejection.invalid(
          "centre", "not_a_member",
          found.map { "\($0.name) has left the group." } ?? "\(member) is not a member of this group.")
      }
    }
    var all = try await balances.nets(in: group)
    var keeps: [SettlementPlan.KeptPart]?
    if let rule = wish.keep { keeps = try await parts(of: all, in: group, by: rule) }
    if let keeps { all = try Self.nets(all, leaving: keeps) }
    // `Settlement` knows the accounts by their keys, which are the same in a copy of the group.
    let centre = wish.centre?.key
    var payments: [Transfer] = []
    var methods: [SettlementPlan.MethodOfCurrency] = []
    for (currency, nets) in all where !nets.isEmpty {
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
    return SettlementPlan(payments: payments, methods: methods, keeps: keeps)
  }

  /// Returns the parts of the present members in the kitty.
  private func parts(
    of nets: [(currency: Currency, nets: [Settlement.Net])], in group: ID, by rule: SettlementPlan.Rule
  ) async throws -> [SettlementPlan.KeptPart] {
    let kitty = LedgerAccount.kitty.key
    let pots = try nets.compactMap { currency, nets in
      try nets.first { $0.account == kitty }.map {
        (currency: currency, amount: try Amount($0.amount, currency).negated().minorUnits)
      }
    }
    guard !pots.isEmpty else { return [] }
    let people = try await members.participants(in: group).present
    let contributed = rule == .contributed ? try await balances.contributions(in: group) : [:]
    return try pots.flatMap { currency, amount -> [SettlementPlan.KeptPart] in
      let weights = people.map { member -> (id: ID, weight: UInt128) in
        switch rule {
        case .equal: (member.id, 1)
        case .weights: (member.id, UInt128(member.weight))
        case .contributed: (member.id, UInt128(max(0, contributed[currency]?[member.id] ?? 0)))
        }
      }
      guard weights.contains(where: { $0.weight > 0 }) else {
        throw Rejection.invalid(
          "by", "no_weight",
          rule == .weights
            ? "Every present member has the weight 0, so no member has a part of the kitty. Send by=equal."
            : "No present member has put \(currency) into the kitty. Send by=equal.")
      }
      return zip(weights, Apportionment.parts(of: amount, weights: weights, seed: group)).filter { $1 != 0 }
        .map { .init(member: $0.id, amount: $1, currency: currency) }
    }
  }

  /// Returns the nets without the kitty, each without the part that stays.
  /// - Throws: `Amount.Failure.overflow`.
  private static func nets(
    _ nets: [(currency: Currency, nets: [Settlement.Net])], leaving parts: [SettlementPlan.KeptPart]
  ) throws -> [(currency: Currency, nets: [Settlement.Net])] {
    try nets.map { currency, nets in
      var amounts: [ID: Int64] = [:]
      for net in nets where net.account != LedgerAccount.kitty.key { amounts[net.account] = net.amount }
      for part in parts where part.currency == currency {
        let account = LedgerAccount.member(part.member).key
        let (rest, overflow) = amounts[account, default: 0].subtractingReportingOverflow(part.amount)
        guard !overflow else { throw Amount.Failure.overflow }
        amounts[account] = rest
      }
      return (currency, amounts.filter { $0.value != 0 }.map { Settlement.Net($0.key, $0.value) })
    }
  }
}
