import KittyShared
import Testing

@testable import KittyTUI

/// API tokens: making, showing once, revoking.
struct TokenTests {
  private func tokens(_ tokens: [APIToken] = Account.tokens) -> AppState {
    var state = Account.open()
    #expect(Account.open(.tokens, of: &state) == [.you(.loadTokens), .you(.loadGroups)])
    state.get(.you(.tokens(tokens)))
    state.get(.you(.groups([Fixtures.group()])))
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  @Test func tokenIsMadeAndShownOnce() {
    var state = tokens([])
    #expect(state.text.contains("Press n to make one"))
    state.type("nbackup")
    state.press(.tab, .control("u"))
    state.type("x")
    // Enter goes on, and says what is wrong on the line that it leaves.
    #expect(state.press(.enter) == [] && state.text.contains("from 1 to 3650"))
    state.press(.backTab, .control("u"))
    state.type("30")
    #expect(state.text.contains("It ends after 2026-12-24."))
    state.press(.enter, .right, .enter)
    // The group is chosen by typing.
    state.type("fl")
    state.press(.enter)
    #expect(state.text.contains("‹ read, write ›") && state.text.contains("‹ Flat 12 ›"))
    let end = Instant(milliseconds: (Day("2026-12-24")!.daysSince1970 + 1) * 86_400_000 - 1000)
    let token = NewToken(
      id: Fixtures.id(777), name: "backup", scopes: [.read, .write], group: Fixtures.group().id,
      expiresAt: end)
    #expect(state.press(.enter) == [.you(.createToken(token))])
    state.succeed(.you(.createToken(token)))
    #expect(state.top is ShownOnceScreen)
    #expect(state.text.contains(Account.made(token).token ?? ""))
    #expect(state.type("w") == [.copy(Account.made(token).token ?? "")])
    state.press(.escape)
    #expect(state.text.contains("Is the token copied?"))
    state.type("y")
    #expect(state.top is TokensScreen && state.text.contains("backup"))
    #expect(!state.text.contains("kittypat_"))
  }

  @Test(arguments: GoldenTests.sizes) func wholeSecretIsShownAtEverySize(width: Int, height: Int) {
    var state = tokens()
    state.type("nbackup")
    for effect in state.press(.control("s")) { state.succeed(effect) }
    _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
    let secret = Account.made(NewToken(name: "backup", scopes: [.read])).token ?? "?"
    #expect(state.text.filter { !$0.isWhitespace }.contains(secret), "\(state.text)")
  }

  @Test func tokenWithoutAnEndIsPossible() {
    var state = tokens()
    state.type("nbackup")
    state.press(.tab, .control("u"))
    #expect(state.text.contains("It has no end."))
    let token = NewToken(id: Fixtures.id(777), name: "backup", scopes: [.read])
    #expect(state.press(.control("s")) == [.you(.createToken(token))])
  }

  @Test func lostSecretIsNotMadeUnderTheSameID() {
    var state = tokens()
    state.type("nbackup")
    let effects = state.press(.control("s"))
    state.get(.failed(effects[0], .madeBefore("Its secret was lost.")))
    state.finish(effects[0])
    #expect(state.text.contains("Its secret was lost."))
    // The form stays, and the next try is another token.
    #expect(state.top is TokenForm && state.text.contains("backup"))
  }

  @Test func tokenIsLookedAtAndRevoked() {
    var state = tokens()
    #expect(state.text.contains("nightly export") && state.text.contains("never used"))
    let id = Account.tokens[0].id
    #expect(state.press(.enter) == [.you(.loadToken(id))])
    state.succeed(.you(.loadToken(id)))
    for words in ["read", "Flat 12", "24 Nov 03:05", "30 Jan 2027"] { #expect(state.text.contains(words)) }
    state.type("d")
    #expect(state.text.contains("Revoke the token \"nightly export\"?"))
    #expect(state.type("y") == [.you(.revokeToken(id))])
    state.succeed(.you(.revokeToken(id)))
    #expect(state.top is TokensScreen && !state.text.contains("nightly export"))
  }

  @Test func allTokensAreRevokedTogether() {
    var state = tokens()
    state.type("D")
    #expect(state.text.contains("Revoke all 2 tokens?"))
    #expect(state.type("y") == [.you(.revokeTokens)])
    state.succeed(.you(.revokeTokens))
    #expect(state.text.contains("There are no tokens."))
    #expect(state.type("D") == [] && state.text.contains("There is no token."))
  }

  @Test func refusedTokenIsSaidOnItsScreen() {
    var state = tokens()
    state.press(.enter)
    let effect = Effect.you(.loadToken(Account.tokens[0].id))
    state.fail(effect, Problem(Rejection.notFound("token")))
    #expect(state.top is TokenScreen && state.text.contains("token"))
  }
}
