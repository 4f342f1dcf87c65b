import Hummingbird
import KittyShared

/// The HTTP face of payments, contributions and payouts, and of the kitty.
struct PaymentController: Sendable {
  let entries: EntryController
  let bookkeeping: Bookkeeping
  let balances: BalanceStore

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
    routes.on(Endpoints.kitty) { call in Reply(try await balances.kitty(in: call.member.group)) }
    routes.on(Endpoints.setTargets) { input, call in
      Reply(try await bookkeeping.setTargets(input, by: call.member, call.write))
    }
    routes.create(Endpoints.createCount, count, replaysFromStore: true) { id, call in
      try await entries.firstReply(id, call)
    }
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
