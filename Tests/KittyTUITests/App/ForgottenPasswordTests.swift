import KittyShared
import Testing

@testable import KittyTUI

/// A forgotten password, and the optional fields of signing up.
struct ForgottenPasswordTests {
  private let request = Effect.you(.requestReset(PasswordResetRequest(email: "anna@example.org")))
  private let reset = Effect.you(.resetPassword(PasswordReset(token: "aZ3_right", password: "the new one")))

  private func fill(_ state: inout AppState) -> [Effect] {
    state.press(.paste("aZ3_\nright"), .enter)
    state.type("the new one")
    state.press(.enter)
    state.type("the new one")
    return state.press(.enter)
  }

  @Test func forgottenPasswordIsReplacedWithTheCodeOfAMail() {
    var state = Fixtures.state(SignInScreen())
    #expect(state.text.contains("^R forgotten"))
    state.type("anna")
    state.press(.control("r"))
    state.type("anna")
    #expect(state.press(.enter) == [] && state.text.contains("Write an e-mail address"))
    state.type("@example.org")
    #expect(state.press(.enter) == [request])
    // No second mail while the first is under way.
    #expect(state.press(.enter) == [])
    state.succeed(request)
    #expect(state.text.contains("If an account has confirmed this address"))
    #expect(fill(&state) == [reset] && !state.text.contains("the new one"))
    state.succeed(reset)
    #expect(state.text.contains("The password is replaced."))
    // The name is still there, and the cursor is in the password.
    #expect(state.text.contains("anna") && state.title == "Sign in")
    state.type("the new one")
    #expect(state.press(.enter) == [.signIn(name: "anna", password: "the new one")])
  }

  @Test func codeOfAnEarlierMailCanBeEntered() {
    var state = Fixtures.state(SignInScreen())
    state.press(.control("r"), .control("t"))
    #expect(fill(&state) == [reset])
    let error = FieldError(field: "token", code: "useless_token", message: "Copy the whole token.")
    state.fail(reset, Problem(403, "useless_token", "t", "POST /v1/password-resets", errors: [error]))
    #expect(state.text.contains("Copy the whole token.") && !state.text.contains("POST"))
    state.press(.escape)
    #expect(state.title == "Sign in" && state.text.contains("The password is unchanged."))
  }

  @Test func differentPasswordsAreNotSent() {
    var state = Fixtures.state(SignInScreen())
    state.press(.control("r"), .control("t"))
    state.type("code")
    state.press(.enter)
    state.type("the new one")
    state.press(.enter)
    state.type("the new two")
    #expect(state.press(.enter) == [] && state.text.contains("differs"))
  }

  @Test func forgottenPasswordWithoutMailIsRefusedInWords() {
    var state = Fixtures.state(SignInScreen())
    state.press(.control("r"))
    state.type("anna@example.org")
    state.press(.enter)
    state.fail(request, Problem(Rejection.conflict("no_mail", "This server sends no mail.")))
    #expect(state.text.contains("No mail was sent. This server sends no mail."))
    #expect(state.text.contains("anna@example.org"))
  }

  @Test func endedSessionStaysBelowAForgottenPassword() throws {
    var (state, effect) = Fixtures.writeExpense()
    let sent = try #require(effect)
    state.get(.failed(sent, .rejected(.signInNeeded)))
    state.finish(sent)
    let count = state.screens.count
    state.press(.control("r"), .escape)
    #expect(state.screens.count == count && state.title == "Sign in")
    state.press(.control("r"))
    // Another read that needs a session opens no second sign-in.
    state.get(.failed(.loadGroups(.inUse), .rejected(.signInNeeded)))
    #expect(state.screens.count == count && state.title == "Forgotten password")
  }

  @Test func optionalFieldsOfASignUpAreSent() {
    var state = Fixtures.state(SignInScreen())
    state.press(.control("t"))
    state.type("anna")
    state.press(.enter)
    state.type("a long password")
    state.press(.control("o"))
    state.type("Anna Maria")
    state.press(.enter)
    state.type("anna@example")
    #expect(state.press(.enter) == [] && state.text.contains("Write an e-mail address"))
    state.type(".org")
    #expect(
      state.press(.enter) == [
        .signUp(
          name: "anna", password: "a long password", displayName: "Anna Maria", email: "anna@example.org")
      ])
    state.press(.control("t"))
    #expect(!state.text.contains("Address"))
  }

  @Test func noticeOfASignUpIsShownAboveTheGroups() {
    var state = Fixtures.state(SignInScreen())
    state.get(.signedIn(name: "anna"))
    state.get(.you(.notice("You are signed up, but without the address. It is taken.")))
    #expect(state.top is GroupsScreen && state.text.contains("but without the address. It is taken."))
  }
}

extension AppState {
  fileprivate var title: SafeText { top.title }
}
