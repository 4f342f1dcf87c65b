import KittyShared

@testable import KittyTUI

/// Golden cases of the form of a payment or count.
enum PaymentGoldens {
  static let all: [GoldenScreen] = [
    .init("payment") {
      var state = Fixtures.openGroup()
      state.type("y")
      state.press(.tab, .tab)
      state.type("20")
      return state
    },
    .init("payment-more") {
      var state = Fixtures.openGroup()
      state.type("y")
      state.press(.tab, .tab)
      state.type("20")
      state.press(.tab, .control("u"))
      state.type("JPY")
      state.press(.control("o"))
      state.type("0,0061")
      return state
    },
    .init("count") {
      var state = Fixtures.openGroup()
      state.type("t12.50")
      state.press(.control("o"))
      return state
    },
  ]
}
