import KittyShared

@testable import KittyTUI

/// Golden cases of the account of the user.
enum YouGoldens {
  static let all: [GoldenScreen] = [
    .init("you") { Account.open(factor: Account.factorOn) },
    .init("you-address") {
      var state = Account.open()
      _ = Account.open(.email, of: &state)
      state.press(.tab)
      return state
    },
    .init("you-second-factor") {
      var state = Account.open(factor: Account.factorOn)
      _ = Account.open(.secondFactor, of: &state)
      return state
    },
    .init("you-qr-code") {
      var state = Account.open()
      state.perform(SecondFactorForm(Account.secret))
      return state
    },
    .init("you-recovery-codes") {
      var state = Account.open()
      state.perform(SecondFactorForm(Account.secret))
      state.type("123456")
      for effect in state.press(.enter) { state.succeed(effect) }
      for effect in state.context.running { state.finish(effect) }
      return state
    },
    .init("you-sessions") {
      var state = Account.open()
      _ = Account.open(.sessions, of: &state)
      state.get(.you(.sessions(Account.sessions)))
      state.press(.down)
      return state
    },
    .init("you-tokens") {
      var state = Account.open()
      _ = Account.open(.tokens, of: &state)
      state.get(.you(.tokens(Account.tokens)))
      state.get(.you(.groups([Fixtures.group()])))
      return state
    },
    .init("you-token-new") {
      var state = Account.open()
      _ = Account.open(.tokens, of: &state)
      state.get(.you(.tokens(Account.tokens)))
      state.get(.you(.groups([Fixtures.group()])))
      state.type("nnightly export")
      state.press(.tab, .tab)
      return state
    },
    .init("you-end") {
      var state = Account.open()
      _ = Account.open(.end, of: &state)
      return state
    },
    .init("forgotten-password") {
      var state = Fixtures.state(SignInScreen())
      state.press(.control("r"))
      state.type("anna@example.org")
      let effect = state.press(.enter)
      state.get(.you(.resetRequested))
      for effect in effect { state.finish(effect) }
      return state
    },
  ]
}
