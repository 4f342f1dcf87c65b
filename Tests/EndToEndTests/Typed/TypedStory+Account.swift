import Testing

/// The account: its settings, its photo, its passwords.
extension TypedStory {
  static let profile = TypedStory(
    "profile",
    [
      "POST /v1/users", "POST /v1/sessions", "DELETE /v1/sessions/current", "GET /v1/me", "PATCH /v1/me",
      "GET /v1/me/photo", "PUT /v1/me/photo", "DELETE /v1/me/photo",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(80, 24, on: deployment) { terminal in
      try await terminal.signUp("anna")
      let anna = try await DirectUser(signingIn: "anna", on: deployment)
      try await terminal.openAccount()
      try await terminal.open("Name", seeing: "The name that the members of your groups see")
      try await terminal.submit("Anna Berg")
      try await terminal.see("Saved.", "Anna Berg", "End account")
      #expect(try await anna.read("/v1/me", ".displayName") == "Anna Berg")

      try await terminal.open("Photo", seeing: "File")
      try await terminal.sendPhoto()
      #expect(try await anna.read("/v1/me", ".photo.width") == "480")
      try await terminal.press("d")
      try await terminal.agree(to: "Take the photo away?")
      try await terminal.see("No photo yet.")
      #expect(try await anna.read("/v1/me", ".photo") == "null")
      try await terminal.press("q")
      try await terminal.see("End account")

      try await terminal.signOut()
      try await terminal.signIn("anna", "a long password")
    }
  }

  static let passwords = TypedStory(
    "passwords",
    [
      "PATCH /v1/me", "POST /v1/me/email/confirmation", "PUT /v1/me/email/confirmation",
      "PUT /v1/me/password",
      "POST /v1/password-resets", "PUT /v1/password", "DELETE /v1/me",
    ]
  ) { deployment, mail in
    try await TerminalSession.run(80, 24, on: deployment) { terminal in
      try await terminal.signUp("anna")
      try await terminal.openAccount()
      try await terminal.open("Address", seeing: "A new address gets a mail")
      try await terminal.submit("anna@example.org", "a long password")
      try await terminal.see("The address is saved.", "The code is in the mail")
      _ = try await mail.token(1)
      try await terminal.press("C-r")
      try await terminal.see("Another mail is on its way")
      try await terminal.submit(try await mail.token(2))
      try await terminal.see("anna@example.org is confirmed.", "End account")
      let anna = try await DirectUser(signingIn: "anna", on: deployment)
      #expect(try await anna.read("/v1/me", ".emailConfirmedAt != null") == "true")

      try await terminal.open("Password", seeing: "Current password")
      try await terminal.submit("a long password", "another password", "another password")
      try await terminal.see("The password is changed.", "End account")
      #expect(try await !anna.isAccepted(), "another session stayed")
      _ = try await DirectUser(signingIn: "anna", password: "another password", on: deployment)

      try await terminal.signOut()
      try await terminal.press("C-r")
      try await terminal.see("Enter the confirmed address")
      try await terminal.submit("anna@example.org")
      try await terminal.see("Copy the code from the mail")
      try await terminal.submit(try await mail.token(3), "a third password", "a third password")
      try await terminal.see("The password is replaced.")
      try await terminal.signIn("anna", "a third password")

      let again = try await DirectUser(signingIn: "anna", password: "a third password", on: deployment)
      try await terminal.openAccount()
      try await terminal.open("End account", seeing: "cannot be undone")
      try await terminal.submit("anna", "a third password")
      try await terminal.see("Your account no longer exists", "Sign in")
      #expect(try await !again.isAccepted())
    }
  }
}

extension TerminalSession {
  /// Opens the account from the list of groups.
  func openAccount() async throws {
    try await press("U")
    try await see("Second factor", "End account")
  }

  /// Signs out on the screen of the account.
  func signOut() async throws {
    try await press("S")
    try await agree(to: "Sign out?")
    try await see("Shared money for a group", "Password")
  }

  func signIn(_ name: String, _ password: String) async throws {
    try await submit(name, password)
    try await see("Groups", "new")
  }

  /// Sends the picture of the cat from the field for a file, and waits until it is drawn.
  func sendPhoto() async throws {
    try await fill(Deployment.cat)
    try await press("Enter")
    try await see("480 × 360 pixels")
  }
}
