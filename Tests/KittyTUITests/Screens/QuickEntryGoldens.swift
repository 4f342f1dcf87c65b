import KittyShared

@testable import KittyTUI

/// Golden cases of the line of quick entry, and of lists of choices.
enum QuickEntryGoldens {
  static let all: [GoldenScreen] = [
    .init("quick-empty") { line("") },
    .init("quick") { line("42.50 dinner @bob +anna +bob fri") },
    .init("quick-names") { line("42.50 dinner @bob +c") },
    .init("quick-ambiguous") { line("2 beers 7.50 @anna") },
    .init("choice-payer") {
      var state = Fixtures.openGroup()
      state.type("aDinner")
      state.press(.tab)
      state.type("100")
      state.press(.tab, .tab)
      state.type("n")
      return state
    },
    .init("choice-currency") {
      var state = Fixtures.openGroup()
      state.type("aDinner")
      state.press(.tab)
      state.type("100")
      state.press(.control("o"))
      state.type("dollar")
      return state
    },
  ]

  private static func line(_ text: String) -> AppState {
    var state = Fixtures.openGroup()
    state.type("A" + text)
    return state
  }
}
