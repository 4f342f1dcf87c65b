import KittyShared

extension Effect {
  /// The calls of balances, settlement and the kitty.
  var balanceCall: EffectCall? {
    switch self {
    case .loadPlan(let group, let centre):
      .read { (runner) throws(ClientFailure) in
        return .plan(
          group: group,
          try await runner.api.call(
            Endpoints.settlement, [group], query: centre.map { [("centre", "\($0)")] } ?? []))
      }
    case .loadDebts(let group):
      .read { (runner) throws(ClientFailure) in
        let debts: Debts = try await runner.api.call(Endpoints.debts, [group])
        return .debts(group: group, debts.debts)
      }
    case .loadBalances(let group, let day):
      .read { (runner) throws(ClientFailure) in
        let balances: Balances = try await runner.api.call(
          Endpoints.balances, [group], query: [("at", day.description)])
        return .balances(group: group, at: day, balances.balances)
      }
    case .loadStatement(let group, let account, let currency, let cursor):
      .read { (runner) throws(ClientFailure) in
        return .statement(
          self,
          try await runner.api.call(
            Endpoints.statement, [group, account],
            query: [("limit", "\(PageRequest.limits.upperBound)")]
              + (currency.map { [("currency", $0.code)] } ?? []) + (cursor.map { [("cursor", $0)] } ?? [])))
      }
    case .loadKitty(let group):
      .read { (runner) throws(ClientFailure) in
        return .kitty(group: group, try await runner.api.call(Endpoints.kitty, [group]))
      }
    case .setTargets(let group, let change):
      .write { (runner) throws(ClientFailure) in
        let _: Kitty = try await runner.api.call(Endpoints.setTargets, [group], body: change)
        return .targetsSet
      }
    default: nil
    }
  }
}
