import Hummingbird
import KittyShared

/// The HTTP face of payments, contributions and payouts, and of the kitty.
struct PaymentController: Sendable {
  let entries: EntryController
  let balances: BalanceStore
  let members: MemberStore

  private static let kinds: Set<EntryContent.Kind> = [.payment, .contribution, .payout]

  func register(on routes: inout Routes) {
    routes.on(Endpoints.payments) { call in try await entries.list(call, kinds: Self.kinds) }
    routes.create(Endpoints.createPayment, create, replaysFromStore: true) { id, call in
      try await entries.reply(id, call)
    }
    routes.on(Endpoints.payment) { call in
      let payment = try await find(call)
      return Reply(payment).withETag(payment.version)
    }
    routes.change(Endpoints.changePayment, change) { call in
      let payment = try await find(call)
      return Reply(.entry(payment)).withETag(payment.version)
    }
    routes.on(Endpoints.deletePayment) { call in
      try await entries.delete(call, "payment", kinds: Self.kinds)
    }
    routes.on(Endpoints.kitty) { call in Reply(try await balances.kitty(in: call.member.group)) }
    routes.on(Endpoints.setTargets, setTargets)
    routes.create(Endpoints.createCount, count, replaysFromStore: true) { id, call in
      try await entries.reply(id, call)
    }
  }

  private func find(_ call: Call) async throws -> Entry {
    try await entries.find(call, "payment", kinds: Self.kinds)
  }

  private func create(_ input: NewPayment, _ call: Call) async throws -> Reply<Entered> {
    let currency = try call.member.currency
    return try await entries.enter(call, id: input.id, settling: input.bookedCurrency(in: currency)) {
      _, people in
      try Ledger.content(for: input, currency: currency, people: people, today: call.now.day)
    }
  }

  private func change(_ input: PaymentChange, _ call: Call) async throws -> Reply<Entered> {
    let payment = try await find(call)
    let currency = try call.member.currency
    // What is wrong with the change itself is said after what is wrong with its version.
    let booked = (try? input.applied(to: payment.content))?.bookedCurrency(in: currency)
    return try await entries.change(call, payment, settling: booked) { old, people in
      try Ledger.content(
        for: try input.applied(to: old), currency: currency, people: people, today: call.now.day)
    }
  }

  private func setTargets(_ input: TargetsChange, _ call: Call) async throws -> Reply<Kitty> {
    let member = try call.member
    let people = try await members.participants(in: member.group)
    let currency = input.currency ?? member.currency
    var targets: [(member: ID, amount: Int64)] = []
    for (index, target) in input.targets.enumerated() {
      let amount = try target.amount.amount(in: currency, "targets.\(index).amount")
      // A target of somebody who has left can be taken away.
      var isFormer = false
      if amount.minorUnits == 0 {
        isFormer = try await members.find(target.member, in: member.group) != nil
      }
      if !isFormer { try people.require(.member(target.member), "targets.\(index).member") }
      guard amount.minorUnits >= 0 else {
        throw Rejection.invalid("targets.\(index).amount", "negative", "A target is zero or more.")
      }
      targets.append((target.member, amount.minorUnits))
    }
    try await balances.setTargets(targets, currency, in: member.group)
    return Reply(try await balances.kitty(in: member.group))
  }

  private func count(_ input: NewCount, _ call: Call) async throws -> Reply<Entered> {
    let member = try call.member
    let currency = input.currency ?? member.currency
    // Somebody may use the pot between the look at it and the entry: then look again.
    for attempt in 1... {
      do {
        return try await entries.enter(call, id: input.id) { id, people in
          let kittyBalance = try await balances.kittyBalance(currency, in: member.group)
          return try Ledger.content(
            for: input, expected: kittyBalance, seed: id, currency: member.currency, people: people,
            today: call.now.day)
        }
      } catch let problem as Rejection where problem.code == EntryWrite.changedMeanwhile.code && attempt < 5 {
        continue
      }
    }
    throw EntryWrite.changedMeanwhile
  }
}
