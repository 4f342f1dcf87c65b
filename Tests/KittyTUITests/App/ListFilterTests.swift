import KittyShared
import Testing

@testable import KittyTUI

/// The search with `/` in the lists of a group. The one of statements and entries has tests of its own.
struct ListFilterTests {
  private let group = Fixtures.group().id
  private let anna = Fixtures.members[0].id
  private let bob = Fixtures.members[1].id
  private let carl = Fixtures.members[2].id

  private func transfer(_ from: ID, _ amount: Int64) -> Transfer {
    Transfer(from: .member(from), to: .member(anna), amount: amount, currency: Fixtures.eur)
  }

  /// Finishes what runs.
  private func settled(_ state: inout AppState) {
    for effect in state.context.running { state.finish(effect) }
  }

  /// Looks for a text, and shows all again.
  private func find(
    _ text: String, has: String, hasNot: String, of total: Int, in state: inout AppState
  ) {
    state.type("/" + text)
    #expect(state.text.contains(has) && !state.text.contains(hasNot), "\(state.text)")
    #expect(state.text.contains("1 of \(total)"), "\(state.text)")
    state.type("zzz")
    #expect(
      state.text.contains("contains this text.") && state.text.contains("0 of \(total)"), "\(state.text)")
    state.press(.backspace, .backspace, .backspace, .enter)
    #expect(!state.top.isEditing && state.text.contains(has) && !state.text.contains(hasNot), "\(state.text)")
    let depth = state.screens.count
    state.press(.escape)
    #expect(state.screens.count == depth && state.text.contains(hasNot), "\(state.text)")
  }

  @Test func debtsAreFoundByNameAndAmount() {
    var state = Fixtures.openGroup()
    state.type("s")
    state.type("d")
    state.get(.debts(group: group, [transfer(bob, 3333), transfer(carl, 1250)]))
    settled(&state)
    find("bob", has: "33.33", hasNot: "12.50", of: 2, in: &state)
    find("12,5", has: "12.50", hasNot: "33.33", of: 2, in: &state)
  }

  @Test func paymentsThatAreShownAreEntered() throws {
    var state = Fixtures.openGroup()
    state.type("s")
    state.get(
      .plan(
        group: group,
        SettlementPlan(payments: [transfer(bob, 3333), transfer(carl, 1250)], methods: [])))
    settled(&state)
    find("constantin", has: "12.50", hasNot: "33.33", of: 2, in: &state)
    state.type("/bob")
    state.press(.enter)
    state.type("A")
    #expect(state.text.contains("33.33 EUR?"), "\(state.text)")
    guard case .pay(group, let payments) = try #require(state.type("y").first) else {
      Issue.record("no payment")
      return
    }
    #expect(payments.map(\.from) == [.member(bob)], "a payment that is not shown was entered")
  }

  @Test func membersOfTheKittyAreFound() {
    var state = Fixtures.openGroup()
    state.type("i")
    state.get(.kitty(group: group, Kitty(holds: [], targets: [])))
    settled(&state)
    find("bob", has: "Bob", hasNot: "Constantin", of: 4, in: &state)
  }

  @Test func invitesAreFoundByTheirPerson() {
    var state = Fixtures.openGroup()
    state.type("v")
    let invites = [(1, bob), (2, carl)].map { number, guest in
      Invite(
        id: Fixtures.id(800 + Int64(number)), code: "code-\(number)", role: .member, guest: guest, maxUses: 1,
        uses: 0, createdBy: anna, createdAt: Instant(milliseconds: 0),
        expiresAt: Instant(milliseconds: 1_796_000_000_000))
    }
    state.get(.invites(group: group, invites))
    settled(&state)
    find("constantin", has: "for Carl", hasNot: "for Bob", of: 2, in: &state)
  }
}
