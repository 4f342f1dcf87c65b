import Hummingbird
import KittyShared

/// The HTTP face of payments, contributions and payouts, and of the kitty.
struct PaymentController: Sendable {
  let entries: EntryController
  let bookkeeping: Bookkeeping
  let balances: BalanceStore
  let computations: Computations

  private static let kinds: Set<EntryContent.Kind> = [.payment, .contribution, .payout]

  func register(on routes: inout Routes) {
    routes.on(Endpoints.payments) { call in try await entries.list(call, kinds: Self.kinds) }
    routes.create(Endpoints.createPayment, create, replaysFromStore: true) { id, call in
      try await entries.firstReply(id, call)
    }
    routes.on(Endpoints.payment) { call in
      let payment = try await find(call)
      return Reply(payment).withETag(payment.version)
    }
    routes.change(Endpoints.changePayment, change) { call in .changed(.entry(try await find(call))) }
    routes.on(Endpoints.deletePayment) { call in
      try await entries.delete(call, "payment", kinds: Self.kinds)
    }
    routes.on(Endpoints.kitty) { call in
      try await computations.run(for: call) { try await kitty(call) }
    }
    routes.on(Endpoints.setTargets) { input, call in
      try await bookkeeping.setTargets(input, by: call.member, call.write)
      return Reply(try await kitty(call).output)
    }
    routes.create(Endpoints.createCount, count, replaysFromStore: true) { id, call in
      try await entries.firstReply(id, call)
    }
  }

  private func kitty(_ call: Call) async throws -> Reply<Kitty> {
    let page = try call.page(default: PageRequest.wholeLimit)
    let after = try page.cursor.map(Cursor.balance)
    let found = try await balances.kitty(
      in: call.member.group, limit: page.limit + 1,
      after: after.map { (member: $0.id, currency: $0.currency) })
    let shown = Array(found.targets.prefix(page.limit))
    let next = found.targets.count > page.limit ? shown.last.map { Cursor.pack($0.member, $0.currency) } : nil
    return Reply(Kitty(holds: found.holds, targets: shown, next: next)).linked(next, of: call)
  }

  private func find(_ call: Call) async throws -> Entry {
    try await entries.find(call, "payment", kinds: Self.kinds)
  }

  private func create(_ input: NewPayment, _ call: Call) async throws -> Reply<Entered> {
    let caller = try call.caller(isDryRun: call.flag("dryRun"))
    let entered = try await bookkeeping.enter(input, id: input.id ?? call.newID, by: caller)
    return .created(entered, in: caller.group)
  }

  private func change(_ input: PaymentChange, _ call: Call) async throws -> Reply<Entered> {
    let payment = try await find(call)
    let caller = try call.caller(isDryRun: call.flag("dryRun"))
    return .changed(
      try await bookkeeping.change(payment, input, version: try call.version(required: true), by: caller))
  }

  private func count(_ input: NewCount, _ call: Call) async throws -> Reply<Entered> {
    let caller = try call.caller(isDryRun: call.flag("dryRun"))
    let entered = try await bookkeeping.enter(input, id: input.id ?? call.newID, by: caller)
    return .created(entered, in: caller.group)
  }
}
