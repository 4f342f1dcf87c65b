import KittyShared

@testable import KittyTUI

/// Golden cases of the balances of a day.
enum BalancesGoldens {
  static let all: [GoldenScreen] = [
    .init("balances-day") {
      var state = Fixtures.openGroup()
      state.type("b")
      state.press(.up)
      let balances =
        Fixtures.data.balances + [
          Balance(account: .kitty, name: "Kitty", currency: Fixtures.eur, paid: 0, share: 5000)
        ]
      state.get(.balances(group: Fixtures.group().id, at: Day("2026-11-23")!, balances))
      return state
    }
  ]
}
