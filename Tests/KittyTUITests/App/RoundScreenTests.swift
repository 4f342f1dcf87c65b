import KittyShared
import Testing

@testable import KittyTUI

/// A settling round on the screen.
struct RoundScreenTests {
  /// A round with a paid and an open payment.
  static func round(isEnded: Bool) -> SettlingRound {
    let people = Fixtures.members.map { LedgerAccount.member($0.id) }
    return SettlingRound(
      id: Fixtures.id(60), createdBy: Fixtures.members[0].id, createdAt: Instant(milliseconds: 0),
      endedAt: isEnded ? Instant(milliseconds: 1) : nil, outdated: false, methods: [], keeps: nil,
      payments: [
        RoundPayment(
          number: 1, from: people[1], to: people[0], amount: 3333, currency: Fixtures.eur, state: .paid,
          entry: Fixtures.id(101)),
        RoundPayment(
          number: 2, from: people[2], to: people[0], amount: 3334, currency: Fixtures.eur,
          state: isEnded ? .void : .open),
      ])
  }

  static func state(isEnded: Bool) -> AppState {
    var state = Fixtures.state(RoundScreen(Fixtures.data, id: Fixtures.id(61)))
    state.get(.round(group: Fixtures.group().id, round(isEnded: isEnded)))
    return state
  }

  @Test func paymentOfAnEndedRoundIsVoidAndNotOpen() {
    #expect(Self.state(isEnded: false).text.contains("[ ] Carl"))
    let ended = Self.state(isEnded: true).text
    #expect(ended.contains("[-] Carl") && ended.contains("void") && !ended.contains("[ ]"), "\(ended)")
    #expect(ended.contains("1 payment is void.") && ended.contains("[x] Bob"), "\(ended)")
  }
}
