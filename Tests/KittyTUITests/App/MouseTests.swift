import KittyShared
import Testing

@testable import KittyTUI

/// Clicks and the wheel, on the screens as they are drawn.
struct MouseTests {
  @discardableResult private func click(
    _ state: inout AppState, row: Int, column: Int = 4, after: Duration = .seconds(2)
  ) -> [Effect] {
    state.update(.mouse(Mouse(.press, row: row, column: column)), at: state.context.now + after)
  }

  private func row(_ text: String, _ state: AppState) throws -> Int {
    try #require(
      state.text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains(text) })
  }

  private func selected(_ state: AppState) -> Int? { state.view().cursor?.row }

  @Test func clickSelectsAndDoubleClickOpens() throws {
    var state = Fixtures.openGroup()
    let number = try #require((state.top as? GroupScreen)?.shown[2].number)
    click(&state, row: try row("#\(number) ", state))
    let there = try row("#\(number) ", state)
    #expect(selected(state) == there && state.screens.count == 2)
    // A slow second click is one click.
    click(&state, row: try row("#\(number) ", state))
    #expect(state.screens.count == 2)
    click(&state, row: try row("#\(number) ", state), after: .milliseconds(200))
    #expect(state.top is EntryScreen && state.text.contains("#\(number)"))
  }

  @Test func clickGoesToTheOtherList() throws {
    var state = Fixtures.openGroup()
    let bob = try row("Bob", state)
    click(&state, row: bob)
    #expect((state.top as? GroupScreen)?.panel == .members && selected(state) == bob)
    click(&state, row: bob, after: .milliseconds(100))
    #expect(state.top is StatementScreen)
  }

  @Test func wheelMovesTheList() {
    var state = Fixtures.openGroup()
    func index() -> Int? { (state.top as? GroupScreen).flatMap { $0.expenses.index(in: $0.shown.map(\.id)) } }
    _ = state.update(.mouse(Mouse(.wheelDown, row: 12, column: 4)), at: Fixtures.start)
    #expect(index() == 3)
    _ = state.update(.mouse(Mouse(.wheelUp, row: 12, column: 4)), at: Fixtures.start)
    #expect(index() == 0)
  }

  @Test func clickGoesToAFieldAndTypesNothing() throws {
    var state = Fixtures.openGroup()
    state.type("aDinner")
    let before = state.text
    click(&state, row: try row("Date", state))
    let date = try row("Date", state)
    #expect(selected(state) == date)
    click(&state, row: try row("What for", state), column: 20)
    #expect(state.text == before)
    // The wheel neither types nor moves in a form.
    _ = state.update(.mouse(Mouse(.wheelDown, row: 4, column: 4)), at: Fixtures.start)
    #expect(state.text == before)
  }

  @Test func footerAndAnswerAreButtons() throws {
    var state = Fixtures.openGroup()
    let footer = state.view().height - 1
    let line = state.text.split(separator: "\n", omittingEmptySubsequences: false)[footer]
    let settle = line.distance(
      from: line.startIndex, to: try #require(line.firstRange(of: "settle")).lowerBound)
    click(&state, row: footer, column: settle)
    #expect(state.top is SettleScreen)
    state.press(.escape)
    state.type("d")
    #expect(state.question != nil)
    // Beside the answer a click is no answer.
    click(&state, row: 1)
    click(&state, row: footer, column: settle)
    #expect(state.question != nil)
    let cursor = try #require(state.view().cursor)
    let effects = click(&state, row: cursor.row, column: cursor.column + 3)
    #expect(effects.contains { if case .deleteEntry = $0 { true } else { false } } && state.question == nil)
  }

  @Test func mouseCanBeSwitchedOff() throws {
    var state = Fixtures.openGroup()
    state.press(.f12)
    #expect(!state.context.settings.usesMouse && state.text.contains("The mouse is off"))
    let before = selected(state)
    click(&state, row: try row("Bob", state))
    #expect(selected(state) == before)
    state.type("a")
    state.press(.f12)
    #expect(state.context.settings.usesMouse && state.top is ExpenseForm)
  }

  @Test func lockedFormTakesNoClick() throws {
    var (state, effect) = Fixtures.writeExpense()
    #expect(effect != nil && state.top.isLocked)
    let before = selected(state)
    click(&state, row: try row("Date", state))
    #expect(selected(state) == before)
  }
}
