import KittyShared
import Testing

@testable import KittyTUI

/// Signing in, also with a second factor, and again after a session has ended.
struct SignInTests {
  @Test func wrongPasswordIsShownInTheForm() {
    var state = Fixtures.state(SignInScreen())
    state.type("anna")
    state.press(.enter)
    state.type("not her password")
    #expect(!state.text.contains("not her password"))
    let effect = Effect.signIn(name: "anna", password: "not her password")
    #expect(state.press(.enter) == [effect])
    state.get(.failed(effect, .problem(Problem(401, "wrong_credentials", "t", "Check both."))))
    #expect(state.text.contains("Check both."))
    #expect(state.screens.count == 1)
  }

  @Test func codeIsAskedForWithASecondFactor() {
    var state = Fixtures.state(SignInScreen())
    state.type("anna")
    state.press(.enter)
    state.type("a long password")
    let first = Effect.signIn(name: "anna", password: "a long password")
    #expect(state.press(.enter) == [first])
    #expect(!state.text.contains("Code"))
    state.get(.failed(first, .rejected(.secondFactorNeeded)))
    state.finish(first)
    #expect(state.text.contains("Code"))
    state.type("123 456")
    let second = Effect.signIn(name: "anna", password: "a long password", code: "123 456")
    #expect(state.press(.enter) == [second])
    // A wrong code is reported beside the field, and can be entered again.
    let wrong = FieldError(field: "code", code: "wrong_code", message: "Wait for the next one.")
    state.get(.failed(second, .problem(Problem(401, "wrong_code", "t", "d", errors: [wrong]))))
    state.finish(second)
    #expect(state.text.contains("Wait for the next one."))
    state.press(.control("u"))
    state.type("654321")
    let third = Effect.signIn(name: "anna", password: "a long password", code: "654321")
    #expect(state.press(.enter) == [third])
    state.finish(third)
    // Signing up needs none.
    state.press(.control("t"))
    #expect(!state.text.contains("Code"))
    #expect(state.press(.enter) == [.signUp(name: "anna", password: "a long password")])
  }

  static let inviteNeeded = Rejection(
    .forbidden, "invite_needed", "An invite is needed", "This server needs an invite to sign up.",
    errors: [FieldError(field: "invite", code: "invite_needed", message: "This server needs an invite.")])

  @Test func inviteIsAskedForWhereSigningUpNeedsOne() {
    var state = Fixtures.state(SignInScreen())
    state.press(.control("t"))
    state.type("anna")
    state.press(.enter)
    state.type("a long password")
    let first = Effect.signUp(name: "anna", password: "a long password")
    #expect(state.press(.enter) == [first])
    state.get(.failed(first, .rejected(Self.inviteNeeded)))
    state.finish(first)
    #expect(state.text.contains("Code") && state.text.contains("anna"))
    state.type("aZ3_wrong")
    let second = Effect.signUp(name: "anna", password: "a long password", invite: "aZ3_wrong")
    #expect(state.press(.enter) == [second])
    let unknown = FieldError(field: "invite", code: "invite_unknown", message: "Copy the whole code.")
    state.get(.failed(second, .problem(Problem(403, "invite_unknown", "t", "d", errors: [unknown]))))
    state.finish(second)
    #expect(state.text.contains("Copy the whole code.") && state.text.contains("aZ3_wrong"))
    state.press(.control("u"), .paste("aZ3_ right\n"))
    #expect(
      state.press(.enter) == [.signUp(name: "anna", password: "a long password", invite: "aZ3_right")])
    // Signing in needs none.
    state.finish(.signUp(name: "anna", password: "a long password", invite: "aZ3_right"))
    state.press(.control("t"))
    #expect(!state.text.contains("Code"))
  }

  @Test func endedSessionIsRenewedAndTheActionRepeated() throws {
    var (state, effect) = Fixtures.writeExpense()
    let sent = try #require(effect)
    state.get(.failed(sent, .rejected(.signInNeeded)))
    state.finish(sent)
    #expect(state.top is SignInScreen)
    #expect(state.text.contains("Your session has ended"))
    state.type("a long password")
    #expect(state.press(.enter) == [.signIn(name: "anna", password: "a long password")])
    // The message comes before the end of its effect.
    #expect(state.get(.signedIn(name: "anna")) == [sent])
    state.finish(.signIn(name: "anna", password: "a long password"))
    #expect(state.context.running == [sent])
    #expect(state.top is ExpenseForm)
    state.get(.entered)
    #expect(state.top is GroupScreen)
  }

  @Test func quittingFromASignInAsksBeforeInputIsLost() throws {
    var (state, effect) = Fixtures.writeExpense()
    let sent = try #require(effect)
    state.get(.failed(sent, .rejected(.signInNeeded)))
    state.finish(sent)
    #expect(state.press(.control("q")) == [])
    #expect(state.text.contains("Leave without saving your changes?"))
    #expect(state.type("n") == [] && state.top is SignInScreen)
    state.press(.control("q"))
    #expect(state.type("y") == [.quit])
    // There is nothing to lose here.
    state = Fixtures.state(SignInScreen())
    #expect(state.press(.control("q")) == [.quit])
  }

  @Test func lastOfTwoChangesIsRepeatedAfterSigningIn() throws {
    var (state, effect) = Fixtures.writeExpense()
    let first = try #require(effect)
    state.get(.failed(first, .rejected(.signInNeeded)))
    state.finish(first)
    state.press(.escape)
    #expect(state.top is ExpenseForm)
    state.type("0")
    let second = try #require(state.press(.control("s")).first)
    state.get(.failed(second, .rejected(.signInNeeded)))
    state.finish(second)
    state.type("a long password")
    state.press(.enter)
    #expect(state.get(.signedIn(name: "anna")) == [second])
  }

  @Test func waitingEffectsAreDroppedForAnotherUser() throws {
    var (state, effect) = Fixtures.writeExpense()
    let sent = try #require(effect)
    state.get(.failed(sent, .rejected(.signInNeeded)))
    state.finish(sent)
    let effects = state.get(.signedIn(name: "bob"))
    #expect(effects.contains(.loadGroups(.inUse)) && !effects.contains { $0.isWrite })
    #expect(state.top is GroupsScreen)
  }
}
