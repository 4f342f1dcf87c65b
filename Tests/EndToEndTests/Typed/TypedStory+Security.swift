import Testing

/// Sessions, API tokens and the second factor.
extension TypedStory {
  static let sessions = TypedStory(
    "sessions and tokens",
    [
      "GET /v1/me/sessions", "DELETE /v1/me/sessions/{session}", "DELETE /v1/me/sessions",
      "GET /v1/me/tokens", "POST /v1/me/tokens", "GET /v1/me/tokens/{token}", "DELETE /v1/me/tokens/{token}",
      "DELETE /v1/me/tokens",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(80, 24, on: deployment) { terminal in
      try await terminal.signUp("anna")
      let laptop = try await DirectUser(signingIn: "anna", device: "Work laptop", on: deployment)
      let phone = try await DirectUser(signingIn: "anna", device: "Old phone", on: deployment)
      try await terminal.openAccount()
      try await terminal.open("Sessions", seeing: "Work laptop")
      try await terminal.select("Work laptop")
      try await terminal.press("d")
      try await terminal.agree(to: "End the session \"Work laptop\"")
      try await terminal.see("The session has ended.")
      #expect(try await !laptop.isAccepted())
      #expect(try await phone.isAccepted())
      try await terminal.press("D")
      try await terminal.agree(to: "End your other session?")
      try await terminal.see("All other sessions have ended.")
      #expect(try await !phone.isAccepted())
      try await terminal.press("q")
      try await terminal.see("End account")

      try await terminal.open("API tokens", seeing: "There are no tokens")
      let backup = DirectUser(token: try await terminal.makeToken("backup"), on: deployment)
      let mirror = DirectUser(token: try await terminal.makeToken("mirror"), on: deployment)
      #expect(try await backup.isAccepted())
      #expect(try await mirror.isAccepted())
      try await terminal.open("backup", seeing: "Last used")
      try await terminal.press("d")
      try await terminal.agree(to: "Revoke the token \"backup\"?")
      try await terminal.see("The token is revoked.", "Keys for programs")
      #expect(try await !backup.isAccepted())
      try await terminal.press("D")
      try await terminal.agree(to: "Revoke the token \"mirror\"?")
      try await terminal.see("There are no tokens")
      #expect(try await !mirror.isAccepted())
    }
  }

  static let secondFactor = TypedStory(
    "second factor",
    [
      "GET /v1/me/second-factor", "POST /v1/me/second-factor", "PUT /v1/me/second-factor",
      "DELETE /v1/me/second-factor",
    ]
  ) { deployment, _ in
    try await TerminalSession.run(120, 40, on: deployment) { terminal in
      try await terminal.signUp("anna")
      let anna = try await DirectUser(signingIn: "anna", on: deployment)
      try await terminal.openAccount()
      try await terminal.open("Second factor", seeing: "The second factor is off.")
      try await terminal.press("Enter")
      try await terminal.see("Your password, so that")
      try await terminal.submit("a long password")
      let shown = try await terminal.see("Then write the six digits")
      let secret = try #require(shown.firstMatch(of: /(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}/)).output
      let code = try await deployment.curl(
        #"oathtool --totp -b "$SECRET""#, ["SECRET": String(secret.filter { $0 != " " })])
      try await terminal.submit(code)
      let sheet = try await terminal.see("Write these codes down", "Enter done")
      let codes = sheet.matches(of: /[a-z2-7]{4}(?:-[a-z2-7]{4}){5}/).map { String($0.output) }
      try #require(codes.count == 10, "\(sheet)")
      try await terminal.press("Enter")
      try await terminal.agree(to: "Are the codes written down?")
      try await terminal.see("The second factor is on since")
      #expect(try await anna.read("/v1/me/second-factor", ".recoveryCodesLeft") == "10")

      try await terminal.press("q")
      try await terminal.see("End account")
      try await terminal.signOut()
      try await terminal.submit("anna", "a long password")
      try await terminal.see("This account has a second factor.")
      try await terminal.submit(codes[0])
      try await terminal.see("Groups", "new")

      try await terminal.openAccount()
      try await terminal.open("Second factor", seeing: "The second factor is on since")
      try await terminal.press("d")
      try await terminal.see("The code is six digits of your app")
      try await terminal.submit("a long password", codes[1])
      try await terminal.see("The second factor is off.", "When it is on, signing in")
      #expect(try await anna.read("/v1/me/second-factor", ".enabledAt") == "null")
    }
  }
}

extension TerminalSession {
  /// Makes an API token on the screen of the tokens, and returns its secret.
  fileprivate func makeToken(_ name: String) async throws -> String {
    try await press("n")
    try await see("For days")
    try await submit(name)
    let screen = try await see("This is the token \"\(name)\"", "Enter done")
    let secret = try #require(screen.firstMatch(of: /[A-Za-z0-9_-]{40,}/), "no secret:\n\(screen)").output
    try await press("Enter")
    try await agree(to: "Is the token copied?")
    try await see("Keys for programs", name)
    return String(secret)
  }
}
