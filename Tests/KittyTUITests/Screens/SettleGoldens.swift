import KittyShared

@testable import KittyTUI

/// Golden cases of the settlement plan and the debts.
enum SettleGoldens {
  static let all: [GoldenScreen] = [
    .init("round-ended") { RoundScreenTests.state(isEnded: true) },
    .init("settle") {
      var state = Fixtures.openGroup()
      state.type("s")
      let (anna, bob, carl) = (Fixtures.members[0].id, Fixtures.members[1].id, Fixtures.members[2].id)
      state.get(
        .plan(
          group: Fixtures.group().id,
          SettlementPlan(
            payments: [
              Transfer(from: .member(bob), to: .member(anna), amount: 3333, currency: Fixtures.eur),
              Transfer(from: .member(carl), to: .member(anna), amount: 3334, currency: Fixtures.eur),
            ], methods: [.init(currency: Fixtures.eur, method: .fewest)])))
      return state
    },
    .init("settle-kitty") {
      var state = Fixtures.openGroup()
      state.type("s")
      let people = Fixtures.members.map { LedgerAccount.member($0.id) }
      state.get(
        .plan(
          group: Fixtures.group().id,
          SettlementPlan(
            payments: [
              Transfer(from: .kitty, to: people[0], amount: 8_950, currency: Fixtures.eur),
              Transfer(from: people[0], to: people[3], amount: 1_234_567, currency: Fixtures.eur),
              Transfer(from: people[1], to: people[2], amount: 5000, currency: Currency(code: "JPY")!),
            ], methods: [.init(currency: Fixtures.eur, method: .fewest)])))
      return state
    },
    .init("settle-ticked") {
      var state = Fixtures.openGroup()
      state.type("s")
      let people = Fixtures.members.map { LedgerAccount.member($0.id) }
      let group = Fixtures.group().id
      let amount = Amount(3333, Fixtures.eur)
      state.get(
        .stored(
          group: group,
          Entry(
            id: Fixtures.id(113), number: 13,
            content: EntryContent(
              kind: .payment, description: "Payment", amount: amount, rate: nil, booked: amount,
              date: Day("2026-11-24")!, note: nil, from: people[1], to: people[0]),
            createdBy: Fixtures.members[0].id, createdAt: Instant(milliseconds: 0),
            changedAt: Instant(milliseconds: 0), deletedAt: nil, commentCount: 0, version: 1)))
      state.get(
        .plan(
          group: group,
          SettlementPlan(
            payments: [Transfer(from: people[2], to: people[0], amount: 3334, currency: Fixtures.eur)],
            methods: [.init(currency: Fixtures.eur, method: .fewest)])))
      state.press(.character(" "))
      return state
    },
    .init("settle-text") {
      var state = Fixtures.openGroup()
      state.type("s")
      let people = Fixtures.members.map { LedgerAccount.member($0.id) }
      state.get(
        .plan(
          group: Fixtures.group().id,
          SettlementPlan(
            payments: [
              Transfer(from: people[1], to: people[0], amount: 3333, currency: Fixtures.eur),
              Transfer(from: people[2], to: people[0], amount: 3334, currency: Fixtures.eur),
            ], methods: [.init(currency: Fixtures.eur, method: .fewest)])))
      state.type("w")
      return state
    },
    .init("debts") {
      var state = Fixtures.openGroup()
      state.type("sd")
      let people = Fixtures.members.map { LedgerAccount.member($0.id) }
      state.get(
        .debts(
          group: Fixtures.group().id,
          [
            Transfer(from: people[1], to: people[0], amount: 3333, currency: Fixtures.eur),
            Transfer(from: people[2], to: people[0], amount: 3334, currency: Fixtures.eur),
            Transfer(from: .kitty, to: people[3], amount: 500, currency: Currency(code: "JPY")!),
          ]))
      return state
    },
  ]
}
