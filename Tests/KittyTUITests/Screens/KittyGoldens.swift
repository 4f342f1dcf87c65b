import KittyShared

@testable import KittyTUI

/// Golden cases of the kitty and the form of a target.
enum KittyGoldens {
  static let all: [GoldenScreen] = [
    .init("kitty") {
      var state = Fixtures.openGroup()
      state.type("i")
      state.get(.kitty(group: Fixtures.group().id, Fixtures.kitty))
      state.press(.down)
      return state
    },
    .init("kitty-target") {
      var state = Fixtures.openGroup()
      state.type("i")
      state.get(.kitty(group: Fixtures.group().id, Fixtures.kitty))
      state.press(.down, .enter)
      return state
    },
  ]
}
