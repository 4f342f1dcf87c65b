import KittyShared
import Testing

@testable import KittyTUI

/// The account of the user: what can be seen and changed.
struct YouScreenTests {
  private func type(_ text: String, over state: inout AppState) {
    state.press(.control("u"))
    state.type(text)
  }

  @Test func accountIsReachedFromTheGroups() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([]))
    #expect(state.text.contains("U you"))
    #expect(
      state.type("U") == [
        .loadAccount, .you(.loadSecondFactor), .you(.loadSessions), .you(.loadTokens), .you(.loadKeys),
      ])
    #expect(state.text.contains("Reading your account"))
    state.get(.account(Account.user()))
    state.get(.you(.secondFactor(Account.factorOn)))
    state.get(.you(.sessions(Account.sessions)))
    state.get(.you(.tokens(Account.tokens)))
    state.get(.you(.keys(Account.keys)))
    for words in [
      "Anna Maria", "anna@example.org", "not confirmed", "Europe/Berlin", "EUR, Euro", "640 × 480",
      "on since 2 Nov 08:05, 8 recovery codes left", "3 sessions", "2 tokens", "2 keys", "End account",
    ] { #expect(state.text.contains(words), "\(words) in \(state.text)") }
    // What is known is not read again and again.
    #expect(state.type("r") == [] && state.top.refresh == [.loadAccount])
  }

  @Test func typedKeysWaitForTheAccount() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([]))
    state.type("U")
    state.press(.enter)
    #expect(state.top is YouScreen)
    state.get(.account(Account.user()))
    #expect(state.top is ProfileForm)
  }

  @Test func profileSendsOnlyChangedFields() {
    var state = Account.open()
    _ = Account.open(.timeZone, of: &state)
    type("Asia/Tokyo", over: &state)
    let effect = Effect.you(.change(version: 1, UserChange(timeZone: .set("Asia/Tokyo"))))
    #expect(state.press(.control("s")) == [effect])
    state.get(.account(Account.user(timeZone: "Asia/Tokyo", version: 2)))
    state.succeed(effect)
    #expect(state.top is YouScreen)
    #expect(state.text.contains("Saved.") && state.text.contains("Asia/Tokyo"))
    #expect(state.context.timeZone == "Asia/Tokyo")
  }

  @Test func timeZoneIsFoundByItsCity() {
    var state = Account.open(Account.user(timeZone: nil))
    state.context.timeZones = { ["America/New_York", "Asia/Tokyo", "Europe/Berlin", "Europe/Zurich"] }
    _ = Account.open(.timeZone, of: &state)
    state.type("new york")
    state.press(.control("n"))
    #expect(
      state.press(.control("s")) == [
        .you(.change(version: 1, UserChange(timeZone: .set("America/New_York"))))
      ])
    for effect in state.context.running { state.fail(effect, Problem(503, "unavailable", "t", "Try again.")) }
    state.press(.control("u"))
    state.type("eur")
    // A second press goes on with the same text, and after the last comes the first.
    for zone in ["Europe/Berlin", "Europe/Zurich", "Europe/Berlin"] {
      state.press(.control("n"))
      #expect(state.text.contains(zone))
    }
    state.type("x")
    state.press(.control("n"))
    #expect(state.text.contains("No time zone has \"Europe/Berlinx\""))
  }

  @Test func emptyFieldRemovesTheValue() {
    var state = Account.open()
    _ = Account.open(.currency, of: &state)
    type("", over: &state)
    #expect(state.press(.control("s")) == [.you(.change(version: 1, UserChange(defaultCurrency: .clear)))])
  }

  @Test func invalidFieldIsNotSent() {
    var state = Account.open()
    _ = Account.open(.currency, of: &state)
    type("XXQ", over: &state)
    #expect(state.press(.control("s")) == [] && state.text.contains("Write a currency code"))
    state.press(.escape)
    state.type("y")
    _ = Account.open(.name, of: &state)
    #expect(state.press(.control("s")) == [] && state.text.contains("Nothing is changed yet."))
  }

  @Test func changeFromAnotherDeviceIsNotOverwrittenUnseen() {
    var state = Account.open()
    _ = Account.open(.name, of: &state)
    type("Anni", over: &state)
    let first = Effect.you(.change(version: 1, UserChange(displayName: "Anni")))
    #expect(state.press(.control("s")) == [first])
    #expect(state.fail(first, Problem(Rejection.stale("Your account", version: 2))) == [.loadAccount])
    let elsewhere = User(
      id: Fixtures.id(50), name: "anna", displayName: "Anna of Flat 12", email: nil, timeZone: "Asia/Tokyo",
      photo: nil, createdAt: Instant(milliseconds: 0), version: 2)
    state.get(.account(elsewhere))
    state.finish(.loadAccount)
    // Mine stays, theirs is said; what was not touched follows.
    #expect(state.text.contains("Anni") && state.text.contains("now: Anna of Flat 12"))
    #expect(state.text.contains("Asia/Tokyo"))
    #expect(state.press(.control("s")) == [.you(.change(version: 2, UserChange(displayName: "Anni")))])
  }

  @Test func newAddressNeedsThePasswordAndIsConfirmedWithACode() {
    var state = Account.open(Account.user(email: nil))
    #expect(!state.text.contains("Confirm "))
    _ = Account.open(.email, of: &state)
    state.type("anna@example.org")
    // The password is missing, so it has the cursor now.
    #expect(state.press(.enter) == [])
    state.type("a long password")
    #expect(!state.text.contains("a long password"))
    let change = Effect.you(
      .change(version: 1, UserChange(email: .set("anna@example.org"), password: "a long password")))
    #expect(state.press(.enter) == [change])
    state.get(.account(Account.user(version: 2)))
    state.succeed(change)
    #expect(state.top is ConfirmAddressForm && state.text.contains("mail to anna@example.org"))
    let another = Effect.you(.requestConfirmation)
    #expect(state.press(.control("r")) == [another])
    state.succeed(another)
    #expect(state.text.contains("Another mail is on its way to anna@example.org."))
    state.press(.paste("aZ3_ right\n"))
    let confirm = Effect.you(.confirmEmail(EmailConfirmation(token: "aZ3_right")))
    #expect(state.press(.enter) == [confirm])
    state.get(.account(Account.user(isConfirmed: true, version: 3)))
    state.succeed(confirm)
    #expect(state.top is YouScreen && !state.text.contains("not confirmed"))
  }

  @Test func wrongCodeOfAMailIsSaidWithoutWordsOfTheAPI() {
    var state = Account.open()
    _ = Account.open(.confirmation, of: &state)
    state.type("abc")
    let effect = Effect.you(.confirmEmail(EmailConfirmation(token: "abc")))
    #expect(state.press(.enter) == [effect])
    let error = FieldError(field: "token", code: "useless_token", message: "Copy the whole token.")
    state.fail(effect, Problem(403, "useless_token", "t", "Ask with POST /v1/me.", errors: [error]))
    #expect(state.text.contains("Copy the whole token.") && !state.text.contains("POST"))
    #expect(state.text.contains("abc"))
  }

  @Test func passwordIsChangedWhenItWasTypedTwiceTheSame() {
    var state = Account.open()
    _ = Account.open(.password, of: &state)
    state.type("the old one")
    state.press(.enter)
    state.type("the new one")
    state.press(.enter)
    state.type("the new onr")
    #expect(state.press(.enter) == [] && state.text.contains("differs from the new password"))
    state.press(.backspace)
    state.type("e")
    let effect = Effect.you(.changePassword(PasswordChange(current: "the old one", new: "the new one")))
    #expect(state.press(.enter) == [effect])
    #expect(!state.text.contains("new one"))
    #expect(state.succeed(effect).contains(.you(.loadSessions)))
    #expect(state.top is YouScreen && state.text.contains("Your other session has ended."))
  }

  @Test func sessionsAreEndedOneByOneAndTogether() {
    var state = Account.open()
    #expect(Account.open(.sessions, of: &state) == [.you(.loadSessions)])
    state.get(.you(.sessions(Account.sessions)))
    state.finish(.you(.loadSessions))
    #expect(state.text.contains("this one") && state.text.contains("unknown device"))
    // The session in use is left by signing out.
    state.type("d")
    #expect(state.text.contains("This is the session that you use. Sign out?"))
    state.type("n")
    state.press(.down)
    state.type("d")
    #expect(state.text.contains("End the session \"curl/8.5.0\""))
    let effect = Effect.you(.endSession(Account.sessions[1].id))
    #expect(state.type("y") == [effect])
    state.succeed(effect)
    #expect(!state.text.contains("curl/8.5.0"))
    state.type("D")
    #expect(state.text.contains("End your other session?"))
    #expect(state.type("y") == [.you(.endOtherSessions)])
    state.succeed(.you(.endOtherSessions))
    #expect(!state.text.contains("unknown device"))
    #expect(state.type("D") == [] && state.text.contains("There is no other session."))
  }

  @Test func photoIsTakenAwayAfterAQuestion() {
    var state = Account.open()
    _ = Account.open(.photo, of: &state)
    let pixels = [UInt8](repeating: 200, count: 3 * 4 * 4)
    state.get(.preview(.me, Preview(ppm: Array("P6\n4 4\n255\n".utf8) + pixels)))
    #expect(state.text.contains("take it away"))
    state.type("d")
    #expect(state.text.contains("Take the photo away?"))
    #expect(state.type("y") == [.removePhoto(.me)])
    state.get(.photoRemoved(.me))
    #expect(state.text.contains("No photo yet.") && !state.text.contains("take it away"))
  }

  @Test func signingOutLeavesTheServer() {
    var state = Account.open()
    _ = Account.open(.signOut, of: &state)
    #expect(state.text.contains("Sign out?"))
    #expect(state.type("y") == [.signOut])
    state.get(.signedOut)
    #expect(state.top is SignInScreen && state.screens.count == 1)
  }

  @Test func accountEndsOnlyAfterItsNameWasTyped() {
    var state = Account.open()
    _ = Account.open(.end, of: &state)
    #expect(state.text.contains("cannot be undone") && state.text.contains("as that of a guest"))
    let words = state.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for fact in ["IBAN", "comments and receipts", "with other members, guests too, you must hand over"] {
      #expect(words.contains(fact), "\(fact) in \(words)")
    }
    state.type("bob")
    state.press(.tab)
    state.type("a long password")
    #expect(state.press(.enter) == [] && state.text.contains("Write anna here"))
    type("anna", over: &state)
    let effect = Effect.you(.delete(AccountDeletion(password: "a long password")))
    #expect(state.press(.control("s")) == [effect])
    let owned = Problem(Rejection.conflict("owns_groups", "You own \"Flat 12\" with other members in it."))
    state.fail(effect, owned)
    #expect(state.text.contains("Your account stays. You own \"Flat 12\""))
    #expect(state.press(.control("s")) == [effect])
    state.succeed(effect)
    #expect(state.top is SignInScreen && state.screens.count == 1)
    #expect(state.text.contains("Your account no longer exists.") && state.name == "")
  }

  @Test func currencyOfTheAccountIsThatOfNewGroups() {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([]))
    var user = Account.user()
    user = User(
      id: user.id, name: user.name, displayName: user.displayName, defaultCurrency: Currency(code: "JPY"),
      photo: nil, createdAt: user.createdAt)
    state.get(.account(user))
    state.type("n")
    #expect(state.text.contains("JPY is"))
  }
}
