import KittyShared
import Testing

@testable import KittyTUI

/// The recurring entries of a group.
struct RecurringScreenTests {
  private let group = Fixtures.group().id

  private func openList() -> AppState {
    var state = Fixtures.openGroup()
    state.type("S")
    while !(state.top is RecurringScreen) {
      state.press(.down)
      if state.text.contains("> Recurring") { state.press(.enter) }
    }
    state.get(.recurring(group: group, Fixtures.rules))
    return state
  }

  @Test func listShowsStepNextDayAndProposals() {
    let state = openList()
    #expect(state.text.contains("Rent") && state.text.contains("every month"), "\(state.text)")
    #expect(state.text.contains("2026-11-30") && state.text.contains("1 proposal"), "\(state.text)")
  }

  @Test func newRuleIsAddedWithItsDaysInView() {
    var state = openList()
    state.type("n")
    #expect(state.top is RecurringForm)
    state.type("Water")
    state.press(.enter)
    state.type("30")
    for _ in 0..<3 { state.press(.enter) }
    state.press(.control("u"))
    state.type("90")
    state.press(.enter)
    state.type("day")
    state.press(.enter)
    state.press(.control("u"))
    state.type("2027-01-31")
    #expect(state.text.contains("Sun 2027-01-31, Sat 2027-05-01"), "\(state.text)")
    let new = NewRecurring(
      id: Fixtures.id(777),
      template: RecurringTemplate(
        expense: NewExpense(
          description: "Water", amount: .minorUnits(3000), currency: Fixtures.eur,
          payer: .member(Fixtures.members[0].id))),
      every: Every(90, .day), from: Day("2027-01-31")!, mode: .book)
    #expect(state.press(.control("s")) == [.makeRecurring(group: group, new)])
  }

  @Test func changeSendsOnlyWhatWasChanged() {
    var state = openList()
    state.type("e")
    state.press(.enter)
    state.press(.control("u"))
    state.type("950")
    let effects = state.press(.control("s"))
    guard case .changeRecurring(group, Fixtures.rules[0].id, 3, let change)? = effects.first else {
      Issue.record("\(effects) \(state.text)")
      return
    }
    #expect(change.template?.expense?.amount == .minorUnits(95_000))
    #expect(change.every == nil && change.from == nil && change.mode == nil)
  }

  @Test func wrongFieldsSaySo() {
    var state = openList()
    state.type("n")
    state.press(.control("s"))
    #expect(state.text.contains("The text must not be blank."), "\(state.text)")
  }

  @Test func ruleIsRemovedAfterAQuestion() {
    var state = openList()
    state.type("d")
    #expect(state.text.contains("Remove the rule \"Rent\"?"), "\(state.text)")
    #expect(state.type("y") == [.removeRecurring(group: group, rule: Fixtures.rules[0].id)])
    state.get(.recurringRemoved(group: group, Fixtures.rules[0].id))
    #expect(!state.text.contains("Rent"), "\(state.text)")
  }

  @Test func proposalIsConfirmedOrSkipped() {
    var state = openList()
    state.press(.down)
    state.press(.enter)
    let rule = Fixtures.rules[1].id
    state.get(.rule(group: group, Fixtures.ruleDetails))
    #expect(state.text.contains("proposed") && state.text.contains("booked"), "\(state.text)")
    #expect(state.type("c") == [.confirmOccurrence(group: group, rule: rule, 1)])
    state.get(.proposalDone(group: group, rule: rule, booked: 7))
    #expect(state.text.contains("Booked as #7."), "\(state.text)")
    for effect in state.context.running { state.finish(effect) }
    state.type("s")
    #expect(state.type("y") == [.skipOccurrence(group: group, rule: rule, 1)])
  }
}
