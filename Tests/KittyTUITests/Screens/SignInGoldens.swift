import KittyShared

@testable import KittyTUI

/// Golden cases of the sign-in screen.
enum SignInGoldens {
  static let all: [GoldenScreen] = [
    .init("sign-in") { Fixtures.state(SignInScreen()) },
    .init("sign-in-code") {
      var state = Fixtures.state(SignInScreen())
      state.type("anna")
      state.press(.tab)
      state.type("a long password")
      let effect = Effect.signIn(name: "anna", password: "a long password")
      state.get(.failed(effect, .rejected(.secondFactorNeeded)))
      return state
    },
    .init("sign-up-invite") {
      var state = Fixtures.state(SignInScreen())
      state.press(.control("t"))
      state.type("anna")
      state.press(.tab)
      state.type("a long password")
      let effect = Effect.signUp(name: "anna", password: "a long password")
      state.get(.failed(effect, .rejected(SignInTests.inviteNeeded)))
      return state
    },
    .init("sign-up-errors") {
      var state = Fixtures.state(SignInScreen())
      state.press(.control("t"))
      state.type("anna b")
      state.press(.tab)
      state.type("short")
      state.press(.enter)
      return state
    },
  ]
}
