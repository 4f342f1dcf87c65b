import KittyShared

/// The questions before a session over ssh: the code of a second factor, and for an unknown key how it gets an account.
struct SSHWelcome {
  /// Sends a message to the ssh gateway, and returns its answer.
  let send: (GatewayMessage) throws(CommandFailure) -> GatewayReply
  /// Writes a line for the user.
  let write: (SafeText) -> Void
  /// Asks for a line, without an echo for a secret; `nil` at the end of the input.
  let ask: (_ prompt: SafeText, _ isSecret: Bool) throws(CommandFailure) -> String?
  /// `true` when the user can be asked.
  let isInteractive: Bool

  /// Maximum number of codes, and of answers to the other questions.
  private static let attempts = 3

  /// Uses the ticket, and asks what is needed.
  /// - Returns: The session.
  /// - Throws: `CommandFailure` without one.
  func session(ticket: String, address: String?) throws(CommandFailure) -> Session {
    try withCode(.open(ticket: ticket, address: address)) { .code(digits: $0) }
  }

  /// Sends a message, and once more with the code of a second factor if it is needed.
  private func withCode(
    _ message: GatewayMessage, _ again: (String) -> GatewayMessage
  ) throws(CommandFailure) -> Session {
    var message = message
    for attempt in 0... {
      do throws(CommandFailure) {
        switch try send(message) {
        case .opened(let session): return session
        case .welcome(let type, let fingerprint, let signUp): return try welcome(type, fingerprint, signUp)
        default: throw CommandFailure(.failed, "The ssh gateway is of another version.")
        }
      } catch  where error.code == "second_factor_needed" || error.code == "wrong_code" {
        guard isInteractive else {
          throw CommandFailure(
            .notSignedIn,
            "This account has a second factor. Connect without a command, or with -t, to enter its code; the key of a security key needs none."
          )
        }
        if error.code == "wrong_code" { write(SafeText(error.message)) }
        guard attempt < Self.attempts, let code = try ask("Code of your authenticator app: ", false),
          !code.trimmed.isEmpty
        else { throw error }
        message = again(code.trimmed)
      }
    }
    throw CommandFailure(.failed, "Stopped.")
  }

  // MARK: - Unknown keys

  private func welcome(
    _ type: String, _ fingerprint: String, _ signUp: String
  ) throws(CommandFailure) -> Session {
    guard isInteractive else {
      throw CommandFailure(
        .notSignedIn,
        "This key is not known here (\(fingerprint)). Connect without a command to sign up, or to add it to your account."
      )
    }
    write("Welcome to KittyCash: shared money for a group.")
    write("This key is not known here: \(SafeText(type)) \(SafeText(fingerprint))")
    write("If you have an account with another key, connect with it: ssh -o IdentitiesOnly=yes -i KEY …")
    let mayJoin = signUp != "closed"
    if !mayJoin { write("New accounts are made by the operator only.") }
    while true {
      write(mayJoin ? "\n  1  Sign up with this key" : "")
      write("  2  Add this key to your account, by its password")
      write("  3  Leave")
      switch try ask("Your choice: ", false)?.trimmed {
      case "1" where mayJoin:
        let session = try repeated { () throws(CommandFailure) in
          try join(needsInvite: signUp == "invite")
        }
        if let session { return session }
      case "2":
        let session = try repeated { () throws(CommandFailure) in try link() }
        if let session { return session }
      case "3", "q", nil: throw CommandFailure(.notSignedIn, "Nothing was changed.")
      default: break
      }
    }
  }

  /// Asks again after a refusal.
  /// - Returns: `nil` after too many, and when the user leaves a question empty.
  private func repeated(
    _ attempt: () throws(CommandFailure) -> Session?
  ) throws(CommandFailure) -> Session? {
    for _ in 0..<Self.attempts {
      do throws(CommandFailure) { return try attempt() } catch {
        guard error.status == .refused || error.status == .notSignedIn else { throw error }
        write("\(SafeText(error.message))\n")
      }
    }
    return nil
  }

  private func join(needsInvite: Bool) throws(CommandFailure) -> Session? {
    var invite: String?
    if needsInvite {
      guard let code = try filled("Invite code (empty: back): ") else { return nil }
      invite = code
    }
    guard let name = try filled("User name, 2 to 32 letters a-z and digits (empty: back): ") else {
      return nil
    }
    let shown = try filled("Name that others see (empty: \(name)): ")
    guard
      case .opened(let session) = try send(
        .signUp(name: name, displayName: shown, invite: invite))
    else { return nil }
    return session
  }

  private func link() throws(CommandFailure) -> Session? {
    guard let name = try filled("User name (empty: back): ") else { return nil }
    guard let password = try ask("Password: ", true), !password.isEmpty else { return nil }
    return try withCode(.link(name: name, password: password, code: nil)) {
      .link(name: name, password: password, code: $0)
    }
  }

  private func filled(_ prompt: String) throws(CommandFailure) -> String? {
    guard let text = try ask(SafeText(prompt), false)?.trimmed, !text.isEmpty else { return nil }
    return text
  }
}
