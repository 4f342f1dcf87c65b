import KittyShared

@testable import KittyTUI

/// Golden cases of the form of an expense.
enum ExpenseGoldens {
  static let all: [GoldenScreen] = [
    .init("expense") {
      var state = Fixtures.openGroup()
      state.type("aDinner")
      state.press(.enter)
      state.type("100,00")
      return state
    },
    .init("expense-ambiguous") {
      var state = Fixtures.openGroup()
      state.type("aDinner")
      state.press(.enter)
      state.type("1,234")
      state.press(.enter)
      return state
    },
    .init("expense-shares") {
      var state = Fixtures.openGroup()
      state.type("a")
      state.type("Dinner")
      state.press(.tab)
      state.type("100")
      state.press(.tab, .tab, .tab, .right, .tab)
      state.type("2")
      state.press(.tab, .tab)
      state.type("1")
      return state
    },
    .init("expense-exact-missing") {
      var state = Fixtures.openGroup()
      state.type("a")
      state.type("Dinner")
      state.press(.tab)
      state.type("100")
      state.press(.tab, .tab, .tab, .right, .right, .right, .tab)
      state.type("60")
      state.press(.tab)
      state.type("39.5")
      return state
    },
    .init("expense-more") {
      var state = Fixtures.openGroup()
      state.type("aTaxi")
      state.press(.tab)
      state.type("100")
      state.press(.control("o"), .control("u"))
      state.type("USD")
      state.press(.tab)
      state.type("0.923")
      state.press(.tab)
      state.type("From the airport, at night")
      return state
    },
    .init("expense-several") {
      var state = Fixtures.openGroup()
      state.type("aTaxi")
      state.press(.tab)
      state.type("100")
      state.press(.tab, .tab, .left, .left, .tab)
      state.type("60")
      state.press(.tab, .tab, .tab, .tab)
      state.type("30")
      return state
    },
    .init("expense-items") { receiptState() },
    .init("expense-item") {
      var state = receiptState()
      state.press(.up, .up, .up, .enter, .tab, .tab, .tab)
      return state
    },
    .init("expense-conflict") { conflictState() },
    .init("expense-help") {
      var state = Fixtures.openGroup()
      state.type("a")
      state.press(.control("g"))
      return state
    },
  ]

  /// The choice after another user has changed the expense.
  private static func conflictState() -> AppState {
    var state = Fixtures.openGroup()
    state.type("e with wine")
    state.press(.tab, .control("u"))
    state.type("200")
    let effects = state.press(.control("s"))
    var details = Fixtures.changedExpense
    let (old, first) = (details.entry, details.history[0])
    var content = old.content
    content.description = "Dinner for two"
    content.date = Day("2026-11-20")!
    let entry = Entry(
      id: old.id, number: old.number, content: content, createdBy: old.createdBy, createdAt: old.createdAt,
      changedAt: old.createdAt, deletedAt: nil, commentCount: 0, version: 2)
    details = EntryDetails(
      entry: entry,
      history: [
        first,
        Revision(
          version: 2, action: .changed, by: Fixtures.members[1].id,
          at: Instant(milliseconds: 1_795_508_130_250), changes: []),
      ], comments: [])
    for effect in effects {
      state.get(.failed(effect, .rejected(.stale("#12", version: 2))))
      state.get(.present(Present(data: Fixtures.data, details: details)))
    }
    return state
  }

  private static func receiptState() -> AppState {
    var state = Fixtures.openGroup()
    state.type("aDinner")
    state.press(.tab, .tab, .tab, .tab, .left, .control("n"))
    state.type("Pizza for all of us who are still awake")
    state.press(.enter)
    state.type("24")
    state.press(.control("n"))
    state.type("Wine")
    state.press(.enter)
    state.type("16")
    state.press(.tab, .control("x"), .character(" "), .tab, .character(" "), .escape, .tab, .tab)
    state.type("4")
    return state
  }
}
