import KittyShared

/// The use cases of settling rounds: a plan is kept, its payments are booked, it ends.
struct SettlingRounds: Sendable {
  let store: SettlementStore
  let settling: Settling
  let bookkeeping: Bookkeeping

  /// Begins a round with the plan of now. A round before it that has nothing open, or that is outdated, ends with that.
  /// - Throws: `Rejection` when nothing is to be settled, or another round is carried out.
  func begin(_ wish: Settling.Wish, id: ID, by caller: Bookkeeping.Caller) async throws -> SettlingRound {
    let group = caller.group
    try EntryGuards.GroupInUse().require(caller.membership)
    let old = try await store.current(in: group)
    if let old {
      let round = old.round.shown(old.facts, in: group)
      guard round.outdated || round.payments.allSatisfy({ $0.state == .paid }) else {
        throw Rejection.roundUnderWay
      }
    }
    let plan = try await settling.plan(in: group, wish)
    guard !plan.payments.isEmpty else {
      throw Rejection.conflict("settled", "Everything is settled: there is nothing to pay.")
    }
    let round = SettlementStore.Stored(
      id: id, createdBy: caller.membership.member, createdAt: caller.now, endedAt: nil, keeps: plan.keeps,
      methods: plan.methods,
      payments: plan.payments.enumerated().map { index, payment in
        .init(
          number: index + 1, from: payment.from.id(in: group), to: payment.to.id(in: group),
          currency: payment.currency, amount: payment.amount,
          entry: ID(at: caller.now.advanced(by: .milliseconds(index))), isPaid: false)
      }, sequence: 0)
    guard try await store.insert(round, ending: old?.round.id, in: group, caller.write) else {
      throw Rejection.groupChanged
    }
    return try await find(id, in: group)
  }

  /// Returns a round.
  /// - Throws: `Rejection.notFound`.
  func find(_ round: ID, in group: ID) async throws -> SettlingRound {
    guard let found = try await store.find(round, in: group) else { throw Rejection.notFound("settlement") }
    return found.round.shown(found.facts, in: group)
  }

  /// Books a payment of a round, as an entry dated today. One that is booked already stays as it is. A deleted entry of the
  /// payment is restored, if it still is that payment and may be restored.
  /// - Throws: `Rejection` when the round has ended, or a rule of the books forbids the payment.
  func book(_ number: Int, of round: ID, by caller: Bookkeeping.Caller) async throws -> RoundPayment {
    let group = caller.group
    try await bookkeeping.untilUnchanged {
      guard let found = try await store.find(round, in: group),
        let payment = found.round.payments.first(where: { $0.number == number })
      else { throw Rejection.notFound("payment") }
      guard !payment.isPaid else { return }
      guard found.round.endedAt == nil else {
        throw Rejection.conflict("ended", "This settling round has ended: its open payments are void.")
      }
      do {
        try await enter(payment, of: round, by: caller)
      } catch let rejection as Rejection {
        // Another request may have booked it at the same time: then its id is taken, or the kitty has paid it already.
        guard try await isPaid(number, of: round, in: group) else { throw rejection }
      }
    }
    guard let now = try await find(round, in: group).payments.first(where: { $0.number == number }) else {
      throw Rejection.notFound("payment")
    }
    return now
  }

  private func isPaid(_ number: Int, of round: ID, in group: ID) async throws -> Bool {
    try await store.find(round, in: group)?.round.payments.first { $0.number == number }?.isPaid == true
  }

  /// - Throws: `Rejection`: also `groupChanged`, after which the round is to be read again.
  private func enter(
    _ payment: SettlementStore.Stored.Payment, of round: ID, by caller: Bookkeeping.Caller
  ) async throws {
    let group = caller.group
    let old = try await bookkeeping.entries.find(.id(payment.entry), in: group)
    if let old, payment.isBooked(by: old.content, in: group) {
      guard old.deletedAt != nil else { return }
      let rights = caller.membership.rights
      if rights.refusal(ofRevising: old.createdBy) == nil, rights.refusal(ofDate: old.date) == nil {
        _ = try await bookkeeping.restore(old, version: nil, by: caller)
        return
      }
    }
    // An entry that is another payment by now, or that the caller may not restore, stays as it is.
    let entry = old == nil ? payment.entry : ID(at: caller.now)
    let input = NewPayment(
      id: entry, from: LedgerAccount(payment.from, in: group), to: LedgerAccount(payment.to, in: group),
      amount: .minorUnits(payment.amount), currency: payment.currency)
    let booking = RoundBooking(
      round: round, number: payment.number, entry: entry, replaced: old == nil ? nil : payment.entry)
    do {
      _ = try await bookkeeping.enter(input, id: entry, booking: booking, by: caller)
    } catch let rejection as Rejection where rejection.code == "id_taken" {
      throw Rejection.groupChanged
    }
  }
}

extension SettlementStore.Stored.Payment {
  /// Returns `true` when an entry with this content, if it counts, books the payment.
  fileprivate func isBooked(by content: EntryContent, in group: ID) -> Bool {
    content.from?.id(in: group) == from && content.to?.id(in: group) == to && content.amount == amount
      && content.currency == currency && content.rate == nil
  }
}

extension SettlementStore.Stored {
  /// Returns the round as the API shows it.
  func shown(_ facts: SettlementStore.Facts, in group: ID) -> SettlingRound {
    SettlingRound(
      id: id, createdBy: createdBy, createdAt: createdAt, endedAt: endedAt,
      outdated: endedAt == nil && (namesFormer(facts) || isOutdated(facts.nets, in: group)), methods: methods,
      keeps: keeps,
      payments: payments.map { payment in
        let state: SettlingRound.State = payment.isPaid ? .paid : endedAt == nil ? .open : .void
        let to = LedgerAccount(payment.to, in: group)
        let bank = state == .open ? facts.banks[payment.to] : nil
        return RoundPayment(
          number: payment.number, from: LedgerAccount(payment.from, in: group), to: to,
          amount: payment.amount, currency: payment.currency, state: state,
          entry: payment.isPaid ? payment.entry : nil,
          epc: bank.flatMap {
            EPCText.text(
              to: $0.name, $0.iban, Amount(payment.amount, payment.currency), text: facts.name,
              number: payment.number)
          })
      })
  }

  /// Returns `true` when the round leaves a part to a former member, or has an open payment that cannot be booked since it
  /// names one without a balance.
  private func namesFormer(_ facts: SettlementStore.Facts) -> Bool {
    guard !facts.former.isEmpty else { return false }
    if (keeps ?? []).contains(where: { facts.former.contains($0.member) }) { return true }
    return payments.contains { payment in
      !payment.isPaid
        && [payment.from, payment.to].contains {
          facts.former.contains($0) && facts.nets[payment.currency]?[$0] == nil
        }
    }
  }

  /// Returns `true` unless the open payments lead from the nets of now to those that the round was to leave.
  private func isOutdated(_ nets: [Currency: [ID: Int64]], in group: ID) -> Bool {
    // Payments are many, and may come from a file: their sum need not fit 64 bits.
    var rest = nets.mapValues { $0.mapValues { Int128($0) } }
    func add(_ amount: Int128, _ account: ID, _ currency: Currency) {
      rest[currency, default: [:]][account, default: 0] += amount
    }
    for payment in payments where !payment.isPaid {
      add(Int128(payment.amount), payment.from, payment.currency)
      add(-Int128(payment.amount), payment.to, payment.currency)
    }
    for part in keeps ?? [] { add(-Int128(part.amount), part.member, part.currency) }
    return rest.values.contains { $0.contains { (keeps == nil || $0.key != group) && $0.value != 0 } }
  }
}
