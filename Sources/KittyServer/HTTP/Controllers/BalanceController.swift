import Hummingbird
import KittyShared

/// The HTTP face of balances, statements, debts and settlements.
struct BalanceController: Sendable {
  let balances: BalanceStore
  let members: MemberStore
  let settling: Settling
  let computations: Computations

  func register(on routes: inout Routes) {
    routes.shared(Endpoints.balances, isLong: { $0.query["at"] != nil }) { call in
      guard let day = try call.day("at") else {
        return Reply(
          Balances(balances: try await balances.balances(in: call.group, currency: call.currency)))
      }
      return Reply(
        Balances(balances: try await balances.balances(in: call.group, currency: call.currency, at: day)))
    }
    routes.on(Endpoints.myBalances, mine)
    routes.on(Endpoints.statement) { call in
      try await computations.run(for: call) { try await statement(call) }
    }
    routes.shared(Endpoints.debts, isLong: { _ in true }) { call in
      Reply(Debts(debts: try await balances.debts(in: call.group)))
    }
    routes.shared(Endpoints.settlement, isLong: { _ in true }, settlement)
  }

  private func mine(_ call: Call) async throws -> Reply<MyBalances> {
    let page = try call.page(default: PageRequest.wholeLimit)
    let after = try page.cursor.map(Cursor.balance)
    let found = try await balances.balances(
      of: call.user, only: call.onlyGroup, limit: page.limit + 1,
      after: after.map { (group: $0.id, currency: $0.currency) })
    let shown = Array(found.groups.prefix(page.limit))
    let next = found.groups.count > page.limit ? shown.last.map { Cursor.pack($0.group, $0.currency) } : nil
    return Reply(MyBalances(totals: found.totals, groups: shown, next: next)).linked(next, of: call)
  }

  private func statement(_ call: Call) async throws -> Reply<Statement> {
    let member = try call.member
    guard let text = call.context.parameters.get("account"), let account = try? Call.account(text, "account")
    else { throw Rejection.notFound("account") }
    if let id = account.member {
      guard try await members.find(id, in: member.group) != nil else { throw Rejection.notFound("account") }
    }
    var currency = member.currency
    if let code = call.query["currency"] {
      guard let named = Currency(code: code) else {
        throw Rejection.invalid("currency", "unknown_currency", "Write an ISO 4217 code such as EUR.")
      }
      currency = named
    }
    let page = try call.page()
    let after = try page.cursor.map(Cursor.place)
    let (from, to) = try call.days()
    let found = try await balances.statement(
      of: account.id(in: member.group), in: member.group, currency: currency, from: from, to: to,
      limit: page.limit + 1, after: after)
    let lines = Array(found.lines.prefix(page.limit))
    let next = found.lines.count > page.limit ? lines.last.map { Cursor.pack($0.date, $0.number) } : nil
    return Reply(
      Statement(
        account: account, currency: currency, currencies: found.currencies, opening: found.opening,
        lines: lines, closing: lines.last?.balance ?? found.opening, next: next)
    ).linked(next, of: call)
  }

  private func settlement(_ call: GroupCall) async throws -> Reply<SettlementPlan> {
    Reply(try await settling.plan(in: call.group, try call.settlingWish()))
  }
}
