import KittyShared
import Testing

@testable import KittyTUI

/// Turning the second factor on and off, and codes that are shown once.
struct SecondFactorTests {
  /// The form with the secret, reached as a user does.
  private func secretForm() -> AppState {
    var state = Account.open()
    _ = Account.open(.secondFactor, of: &state)
    state.press(.enter)
    state.type("a long password")
    let begin = Effect.you(.beginSecondFactor(NewSecondFactor(password: "a long password")))
    #expect(state.press(.enter) == [begin])
    state.succeed(begin)
    return state
  }

  @Test func secondFactorIsTurnedOnWithACode() {
    var state = secretForm()
    #expect(state.top is SecondFactorForm)
    #expect(state.text.contains("JBSW Y3DP EHPK 3PXP"))
    state.type("12345")
    let wrong = Effect.you(.confirmSecondFactor(SecondFactorConfirmation(code: "12345")))
    #expect(state.press(.enter) == [wrong])
    let error = FieldError(field: "code", code: "wrong_code", message: "Wait for the next one.")
    state.fail(wrong, Problem(422, "invalid", "t", "d", errors: [error]))
    #expect(state.text.contains("Wait for the next one.") && state.text.contains("JBSW"))
    state.type("6")
    let right = Effect.you(.confirmSecondFactor(SecondFactorConfirmation(code: "123456")))
    #expect(state.press(.enter) == [right])
    state.succeed(right)
    for code in Account.codes { #expect(state.text.contains(code)) }
  }

  @Test func recoveryCodesAreLeftOnlyAfterAQuestion() {
    var state = secretForm()
    state.type("123456")
    for effect in state.press(.enter) { state.succeed(effect) }
    for effect in state.context.running { state.finish(effect) }
    for key in [Key.escape, .enter, .character("q")] {
      state.press(key)
      #expect(state.text.contains("Are the codes written down?"))
      state.type("n")
      #expect(state.top is ShownOnceScreen)
    }
    _ = state.update(.interrupt, at: Fixtures.start)
    #expect(state.question != nil)
    state.type("n")
    state.press(.escape)
    #expect(state.type("y") == [.you(.loadSecondFactor)])
    #expect(state.top is SecondFactorScreen)
  }

  @Test func everyRecoveryCodeIsReachableInTheSmallestWindow() {
    var state = secretForm()
    state.type("123456")
    for effect in state.press(.enter) { state.succeed(effect) }
    _ = state.update(.resized(width: 20, height: 8), at: Fixtures.start)
    var seen = state.text
    for _ in 0..<30 {
      state.press(.down)
      seen += state.text
    }
    for code in Account.codes { #expect(seen.contains(code)) }
  }

  @Test func secondFactorIsTurnedOff() {
    var state = Account.open(factor: Account.factorOn)
    _ = Account.open(.secondFactor, of: &state)
    #expect(state.text.contains("on since 2 Nov 08:05") && state.text.contains("8 recovery codes"))
    state.type("d")
    state.type("a long password")
    state.press(.enter)
    state.type("123456")
    let effect = Effect.you(
      .removeSecondFactor(SecondFactorRemoval(password: "a long password", code: "123456")))
    #expect(state.press(.enter) == [effect])
    state.succeed(effect)
    #expect(state.top is SecondFactorScreen && state.text.contains("The second factor is off."))
  }

  @Test func newCodesComeWithANewSecret() {
    var state = Account.open(factor: Account.factorOn)
    _ = Account.open(.secondFactor, of: &state)
    state.type("n")
    state.type("a long password")
    state.press(.enter)
    state.type("123456")
    let removal = Effect.you(
      .replaceSecondFactor(SecondFactorRemoval(password: "a long password", code: "123456")))
    #expect(state.press(.enter) == [removal])
    // Only the first half succeeds: it is off, and that is said.
    state.get(.you(.secondFactorRemoved))
    state.fail(removal, Problem(503, "unavailable", "t", "Try again."))
    #expect(state.text.contains("The second factor is off now."))
    let begin = Effect.you(.beginSecondFactor(NewSecondFactor(password: "a long password")))
    #expect(state.press(.control("s")) == [begin])
    state.succeed(begin)
    #expect(state.top is SecondFactorForm)
  }

  @Test(arguments: GoldenTests.sizes) func wholeSecretIsShownAtEverySize(width: Int, height: Int) {
    var state = secretForm()
    _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
    // The words are to the left of the picture.
    let words = state.text.split(separator: "\n").map { $0.prefix { !"█▀▄".contains($0) } }.joined()
    #expect(words.filter { !$0.isWhitespace }.contains(Account.secret.secret), "\(state.text)")
    #expect(state.text.contains("Code"))
    let flowing = state.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(flowing.contains("too small for the QR code") == (height < 24))
  }

  @Test func secretAloneIsShownToAScreenReader() {
    var state = secretForm()
    state.context.settings.isPlain = true
    _ = state.update(.resized(width: 120, height: 40), at: Fixtures.start)
    #expect(state.text.contains("Enter this secret in an authenticator app:"), "\(state.text)")
    #expect(!state.text.contains("Scan") && state.text.contains("Code"))
  }

  @Test func leastSizeThatIsSaidShowsTheQRCode() throws {
    var state = secretForm()
    _ = state.update(.resized(width: 60, height: 20), at: Fixtures.start)
    let numbers = state.text.split { !$0.isNumber }.compactMap { Int($0) }
    let width = try #require(numbers.first { (60...100).contains($0) })
    let height = try #require(numbers.first { (21...40).contains($0) })
    _ = state.update(.resized(width: width, height: height), at: Fixtures.start)
    #expect(!state.text.contains("too small"))
    _ = state.update(.resized(width: width, height: height - 1), at: Fixtures.start)
    #expect(state.text.contains("too small"))
  }
}
