import KittyShared

/// The calls of balances, settlement and the kitty.
extension EffectCall {
  static func loadPlan(
    _ group: ID, _ centre: LedgerAccount?, _ keep: SettlementPlan.Rule?
  ) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      return .plan(
        group: group,
        try await runner.api.call(
          Endpoints.settlement, [group],
          query: (centre.map { [("centre", "\($0)")] } ?? [])
            + (keep.map { [("keep", "kitty"), ("by", $0.rawValue)] } ?? [])))
    }
  }

  static func loadDebts(_ group: ID) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let debts: Debts = try await runner.api.call(Endpoints.debts, [group])
      return .debts(group: group, debts.debts)
    }
  }

  static func loadBalances(_ group: ID, _ day: Day) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let balances: Balances = try await runner.api.call(
        Endpoints.balances, [group], query: [("at", day.description)])
      return .balances(group: group, at: day, balances.balances)
    }
  }

  static func loadStatement(
    _ group: ID, _ account: LedgerAccount, _ currency: Currency?, _ cursor: String?, _ period: Period
  ) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      let days = period.days.map { [("from", "\($0.lowerBound)"), ("to", "\($0.upperBound)")] } ?? []
      return .statement(
        .loadStatement(group: group, account: account, currency: currency, cursor: cursor, period: period),
        try await runner.api.call(
          Endpoints.statement, [group, account],
          query: [("limit", "\(PageRequest.limits.upperBound)")]
            + (currency.map { [("currency", $0.code)] } ?? []) + (cursor.map { [("cursor", $0)] } ?? [])
            + days))
    }
  }

  static func loadKitty(_ group: ID) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      var holds: [Money] = []
      let targets = try await runner.api.pages {
        (cursor) throws(ClientFailure) -> (items: [Kitty.Target], next: String?) in
        let page: Kitty = try await runner.api.call(Endpoints.kitty, [group], query: cursor)
        holds = page.holds
        return (page.targets, page.next)
      }
      return .kitty(group: group, Kitty(holds: holds, targets: targets))
    }
  }

  static func setTargets(_ group: ID, _ change: TargetsChange) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let _: Kitty = try await runner.api.call(Endpoints.setTargets, [group], body: change)
      return .targetsSet
    }
  }
}
