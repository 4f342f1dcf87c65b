import KittyShared
import Testing

/// Every field at its limit and past it.
struct FieldChecksTests {
  private func errors(_ body: some RequestBody) -> [String] {
    var checks = FieldChecks()
    body.check(&checks)
    return checks.errors.map { "\($0.field) \($0.code)" }
  }
  private let eur = Currency(code: "EUR")!
  private func text(_ count: Int) -> String { String(repeating: "ä", count: count) }

  @Test func namesAreChecked() {
    #expect(errors(NewGroup(name: text(64), currency: eur)) == [])
    #expect(errors(NewGroup(name: text(65), currency: eur)) == ["name too_long"])
    #expect(errors(NewGroup(name: "", currency: eur)) == ["name blank"])
    #expect(errors(NewGroup(name: " \t", currency: eur)).contains("name blank"))
    #expect(errors(NewMember(name: text(64))) == [])
    #expect(errors(NewMember(name: text(65))) == ["name too_long"])
    #expect(errors(GroupChange()) == ["name nothing_to_change"])
    #expect(errors(GroupChange(name: text(65))) == ["name too_long"])
  }

  @Test(arguments: [
    "a\u{1b}[31m", "a\nb", "a\u{0}", "a\u{9b}", "a\u{202e}b", "a\u{2066}b", "a\u{200f}", "a\u{2028}",
    "a\u{e0041}", "\u{feff}a", "a\u{7f}",
  ])
  func controlCharactersInNamesAreRejected(name: String) {
    #expect(errors(NewMember(name: name)) == ["name control_character"])
  }

  @Test(arguments: [
    ("ab\u{7}c", "Character 3 is the invisible control character U+0007. Leave it out."),
    ("\u{202e}a", "Character 1 is the invisible control character U+202E. Leave it out."),
    ("e\u{301}\u{e0041}", "Character 3 is the invisible control character U+E0041. Leave it out."),
    ("a\r\nb", "Character 2 is a line break U+000D. Write it in one line."),
  ]) func controlCharacterIsNamedWithItsPlace(name: String, message: String) {
    var checks = FieldChecks()
    NewMember(name: name).check(&checks)
    #expect(checks.errors.map(\.message) == [message])
  }

  @Test func notesOfOtherSystemsAreAccepted() {
    let payer = LedgerAccount.member(ID(at: Instant(milliseconds: 0)))
    func errors(_ note: String) -> [String] {
      self.errors(NewExpense(description: "x", amount: .minorUnits(1), note: note, payer: payer))
    }
    #expect(errors("Room 1\r\nRoom 2\r\tbreakfast\n") == [])
    #expect(errors(String(repeating: "\r\n", count: 2000)) == [])
    #expect(errors("a\u{b}b") == ["note control_character"])
  }

  @Test(arguments: ["שלום", "Zoë", "中文", "👨‍👩‍👧", "e\u{301}"]) func namesInAllScriptsAreAccepted(name: String) {
    #expect(errors(NewMember(name: name)) == [])
  }

  @Test func newUsersAreChecked() {
    #expect(errors(NewUser(name: "an", password: "12345678")) == [])
    #expect(errors(NewUser(name: "Anna.b_c-9", password: text(256))) == [])
    #expect(errors(NewUser(name: "a", password: "12345678")) == ["name not_a_user_name"])
    #expect(errors(NewUser(name: String(repeating: "a", count: 32), password: "12345678")) == [])
    #expect(
      errors(NewUser(name: String(repeating: "a", count: 33), password: "12345678")) == [
        "name not_a_user_name"
      ])
    #expect(errors(NewUser(name: "a b", password: "12345678")) == ["name not_a_user_name"])
    // A database would take what comes before the null, and a limit all of it.
    #expect(errors(NewSession(name: "anna\0x", password: "12345678")) == ["name not_a_user_name"])
    #expect(errors(NewUser(name: "änna", password: "12345678")) == ["name not_a_user_name"])
    #expect(errors(NewUser(name: "anna", password: "1234567")) == ["password password_length"])
    #expect(errors(NewUser(name: "anna", password: text(257))) == ["password password_length"])
    #expect(
      errors(NewUser(name: "anna", password: "12345678", displayName: text(65))) == ["displayName too_long"])
    #expect(errors(NewUser(name: "x", password: "")) == ["name not_a_user_name", "password password_length"])
  }

  @Test func expensesAreChecked() {
    let payer = LedgerAccount.member(ID(at: Instant(milliseconds: 0)))
    #expect(errors(NewExpense(description: text(200), amount: .minorUnits(1), payer: payer)) == [])
    #expect(
      errors(NewExpense(description: text(201), amount: .minorUnits(1), payer: payer)) == [
        "description too_long"
      ])
    let many = (0...SplitRule.maxSharers).map { ID(at: Instant(milliseconds: Int64($0))) }
    #expect(
      errors(NewExpense(description: "x", amount: .minorUnits(1), payer: payer, participants: many)) == [
        "participants too_many"
      ])
    let allowed = Array(many.prefix(SplitRule.maxSharers))
    #expect(
      errors(NewExpense(description: "x", amount: .minorUnits(1), payer: payer, participants: allowed)) == [])
  }

  @Test func amountsAreChecked() throws {
    #expect(try AmountInput.minorUnits(Amount.limit).positiveAmount(in: eur).minorUnits == Amount.limit)
    #expect(try AmountInput.decimal("10000000000.00").positiveAmount(in: eur).minorUnits == Amount.limit)
    for (input, code) in [
      (AmountInput.minorUnits(0), "zero"), (.minorUnits(-1), "negative"),
      (.minorUnits(Amount.limit + 1), "too_large"),
      (.minorUnits(.max), "too_large"), (.minorUnits(.min), "too_large"), (.decimal("0.00"), "zero"),
      (.decimal("10000000000.01"), "too_large"), (.decimal("1,00"), "not_an_amount"),
      (.decimal("0.001"), "not_an_amount"),
    ] {
      let problem = #expect(throws: Rejection.self) { try input.positiveAmount(in: eur) }
      #expect(problem?.errors?.first?.code == code)
      #expect(problem?.errors?.first?.field == "amount")
    }
  }

  private func letters(_ count: Int) -> String { String(repeating: "a", count: count) }

  @Test func emailAddressesAreChecked() {
    let label = letters(63)
    for good in [
      "anna@example.org", "a@b.c", "Anna.B+kitty@mail.Example.ORG", "o'neill_1-2@x-y.example", "1@2.3",
      "\(letters(64))@example.org", "a@\(label).\(label).org",
    ] {
      #expect(errors(PasswordResetRequest(email: good)) == [], "\(good)")
    }
    for bad in [
      "", "anna", "@example.org", "anna@", "anna@localhost", "a@b@c.de", "anna @example.org",
      ".a@example.org",
      "a.@example.org", "a..b@example.org", "a@example..org", "a@.example.org", "a@-x.org", "a@x-.org",
      "a@example.org\r\nBcc: b@example.org", "a@example.org,b@example.org", "Anna <a@example.org>",
      "\"a\"@example.org", "änna@example.org", "a@exämple.org", "\(letters(65))@example.org",
      "a@\(letters(64)).org", "a@\(label).\(label).\(label).\(label).org", "a@b_c.org",
    ] {
      #expect(errors(PasswordResetRequest(email: bad)) == ["email not_an_address"], "\(bad)")
    }
  }

  @Test func timeZonesAreChecked() {
    for good in [
      "UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+1", "America/Port-au-Prince",
    ] {
      #expect(errors(UserChange(timeZone: .set(good))) == [], "\(good)")
    }
    for bad in [
      "", "posix/Europe/Berlin", "/Europe/Berlin", "Europe/", "Europe//Berlin", "../etc/passwd", "Etc/../Etc",
      "A/b/c/d", "Europe/Berl in", "+01:00", "Europe/\(letters(64))",
    ] {
      #expect(errors(UserChange(timeZone: .set(bad))) == ["timeZone not_a_time_zone"], "\(bad)")
    }
  }

  @Test func accountChangesAreChecked() {
    #expect(errors(UserChange()) == ["displayName nothing_to_change"])
    #expect(errors(UserChange(password: "12345678")) == ["displayName nothing_to_change"])
    #expect(errors(UserChange(displayName: "")) == ["displayName blank"])
    #expect(errors(UserChange(email: .clear, password: "")) == ["password password_length"])
    #expect(errors(UserChange(email: .clear, password: "x")) == [])
    #expect(errors(UserChange(defaultCurrency: .clear, timeZone: .clear)) == [])
    #expect(
      errors(PasswordChange(current: "", new: "1234567")) == [
        "current password_length", "new password_length",
      ])
    #expect(errors(AccountDeletion(password: "")) == ["password password_length"])
    #expect(errors(PasswordReset(token: "a b", password: "12345678")) == ["token not_a_code"])
    #expect(errors(NewUser(name: "anna", password: "12345678", invite: "")) == ["invite not_a_code"])
  }
}
