import KittyShared
import Testing

@testable import KittyTUI

/// Two users who change the same rule: what each of them changed is kept.
struct RuleVersionTests {
  private let group = Fixtures.group().id
  private let monthly = Recurrence(from: Day("2026-01-31")!, step: 1, unit: .month)

  /// Saves the change of a rule that another user changed meanwhile.
  /// - Returns: The form with the version of the other user.
  private func refused(
    _ rule: Recurring, present: Recurring, _ type: (inout AppState) -> Void
  ) throws -> AppState {
    var state = Fixtures.state(RecurringForm(Fixtures.data, changing: rule, today: Day("2026-11-24")!))
    type(&state)
    let effect = try #require(state.press(.control("s")).first, "\(state.text)")
    state.finish(effect)
    let reading = Effect.loadRule(group: group, rule: rule.id)
    #expect(
      state.get(.failed(effect, .problem(Problem(Rejection.stale("rule", version: 4))))).contains(reading))
    let details = RuleDetails(rule: present, planned: [], problem: nil, days: [])
    #expect(state.get(.rule(group: group, details)).isEmpty)
    state.finish(reading)
    #expect(state.text.contains("Another user changed the rule meanwhile"), "\(state.text)")
    return state
  }

  /// The words of the screen in one line.
  private func words(_ state: AppState) -> String {
    state.text.split { $0.isWhitespace }.joined(separator: " ")
  }

  private func change(_ state: inout AppState) throws -> RecurringChange {
    let effects = state.press(.control("s"))
    guard case .changeRecurring(group, _, 4, let change)? = effects.first else {
      Issue.record("\(effects) \(state.text)")
      throw CancellationError()
    }
    return change
  }

  /// The rent after another user has changed all but its payer.
  private var theirs: NewExpense {
    var expense = Fixtures.rent
    expense.description = "Rent and heat"
    expense.amount = .minorUnits(95_000)
    expense.note = "new lease"
    expense.split = SplitRule(.equally)
    return expense
  }

  @Test func entryIsMergedFieldByField() throws {
    let every = Recurrence(from: Day("2026-01-31")!, step: 2, unit: .month)
    let present = Fixtures.rule(80, .init(expense: theirs), every, next: 5, version: 4)
    var state = try refused(Fixtures.rules[0], present: present) {
      $0.type("x")
      $0.press(.control("s"))
    }
    #expect(words(state).contains("what you changed over it: what for."), "\(state.text)")
    #expect(state.text.contains("Rentx, 950.00"), "\(state.text)")
    let change = try change(&state)
    var expected = theirs
    expected.description = "Rentx"
    #expect(change.template == RecurringTemplate(expense: expected))
    #expect(change.every == nil && change.from == nil && change.mode == nil)
  }

  @Test func changeHereWinsWhereBothChanged() throws {
    let present = Fixtures.rule(80, .init(expense: theirs), monthly, next: 10, version: 4)
    var state = try refused(Fixtures.rules[0], present: present) {
      $0.press(.enter, .control("u"))
      $0.type("910")
      $0.press(.control("s"))
    }
    var expected = theirs
    expected.amount = .minorUnits(91_000)
    #expect(try change(&state).template == RecurringTemplate(expense: expected))
  }

  @Test func daysAreMergedAndAnUntouchedEntryIsNotSent() throws {
    let every = Recurrence(from: Day("2026-01-31")!, step: 1, unit: .month, times: 40)
    let present = Fixtures.rule(80, .init(expense: theirs), every, next: 10, version: 4)
    var state = try refused(Fixtures.rules[0], present: present) {
      $0.press(.control("s"))
      $0.type("2")
    }
    #expect(words(state).contains("it: Every.") && words(state).contains("Times 40"), "\(state.text)")
    let change = try change(&state)
    #expect(change.template == nil && change.every == Every(12, .month) && change.times == .keep)
  }

  @Test func paymentIsMergedFieldByField() throws {
    var payment = try #require(Fixtures.rules[1].template.payment)
    payment.description = "Fees"
    let present = Fixtures.rule(
      81, .init(payment: payment), Fixtures.rules[1].recurrence, mode: .propose, next: 2, version: 4)
    var state = try refused(Fixtures.rules[1], present: present) {
      $0.press(.control("u"))
      $0.type("25")
      $0.press(.control("s"))
    }
    payment.amount = .minorUnits(2500)
    #expect(try change(&state).template == RecurringTemplate(payment: payment))
  }

  @Test func entryOfAnotherKindIsReplacedAsAWhole() throws {
    let payment = try #require(Fixtures.rules[1].template.payment)
    let present = Fixtures.rule(80, .init(payment: payment), monthly, next: 10, version: 4)
    var state = try refused(Fixtures.rules[0], present: present) {
      $0.type("x")
      $0.press(.control("s"))
    }
    #expect(words(state).contains("the whole entry"), "\(state.text)")
    var expected = Fixtures.rent
    expected.description = "Rentx"
    #expect(try change(&state).template == RecurringTemplate(expense: expected))
  }
}
