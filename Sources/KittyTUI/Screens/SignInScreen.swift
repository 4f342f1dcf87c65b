import KittyShared

/// The form to sign in or to sign up, and the way to replace a forgotten password.
struct SignInScreen: Screen {
  private(set) var form: FormFields
  private(set) var isSigningUp = false
  /// The field for the code of a second factor.
  private static let code = "code"
  /// The field for the invite of a server that needs one to sign up.
  private static let invite = "invite"
  /// The fields that an account can do without; the user opens them.
  private static let displayName = "displayName"
  private static let email = "email"
  /// The form for a forgotten password while it is open. It is part of this screen, which stays on top of the others.
  private(set) var forgotten: ForgottenPassword?
  /// `true` when it is shown over another screen because the session has ended.
  let isInterruption: Bool

  init(isInterruption: Bool = false, name: String = "") {
    self.isInterruption = isInterruption
    form = FormFields([
      .init(name: "name", label: "User name", input: TextField(name, limit: 32)),
      .init(name: "password", label: "Password", input: TextField(isMasked: true)),
    ])
    if !name.isEmpty { form.active = 1 }
  }

  var signInReason: SignInReason? { isInterruption ? .interruption : .start }
  var title: SafeText { forgotten != nil ? "Forgotten password" : isSigningUp ? "Sign up" : "Sign in" }
  var isEditing: Bool { true }
  var isLocked: Bool { forgotten?.pending != nil }
  var bindings: [Binding] {
    if let forgotten { return forgotten.bindings }
    let more =
      isSigningUp
      ? form.has(Self.email)
        ? []
        : [Binding([.control("o")], "^O", "your name for others, your address", .more, footer: "more")]
      : [Binding([.control("r")], "^R", "forgotten password", .forgotten, footer: "forgotten")]
    return FormFields.bindings(submit: isSigningUp ? "sign up" : "sign in", isLast: form.isAtEnd)
      // There is nothing below the first screen.
      .filter { isInterruption || $0.command != .back } + [
        Binding(
          [.control("t")], "^T", "switch between sign in and sign up", .switchSignUp,
          footer: isSigningUp ? "sign in instead" : "sign up instead"),
        Binding([.control("q")], "^Q", "quit", .quit, footer: "quit"),
      ] + more + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    forgotten == nil ? form.edit(key) : forgotten?.form.edit(key) ?? false
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if forgotten != nil {
      guard command == .back else { return forgotten?.perform(command) ?? [] }
      forgotten = nil
      return [.toast("The password is unchanged.")]
    }
    switch command {
    case .down: form.move(1)
    case .up: form.move(-1)
    case .switchSignUp:
      isSigningUp.toggle()
      form.clearErrors()
      form.removeField(Self.code)
      for field in [Self.invite, Self.displayName, Self.email] { form.removeField(field) }
    case .more:
      form.addField(.init(name: Self.displayName, label: "Your name", input: TextField(limit: 64)))
      let first = form.active
      form.addField(.init(name: Self.email, label: "Address", input: TextField(limit: 254)))
      form.active = first
    case .forgotten: forgotten = ForgottenPassword()
    case .quit: return [.run(.quit)]
    case .open where !form.isAtEnd: form.move(1)
    case .open, .submit: return submit()
    default: break
    }
    return []
  }

  private mutating func submit() -> [Action] {
    let (name, password) = (form["name"], form["password"])
    do {
      if isSigningUp {
        // A code copied from a narrow window contains a line end.
        let invite = form.filled(Self.invite).map { $0.filter { !$0.isWhitespace } }
        let (displayName, email) = (form.filled(Self.displayName), form.filled(Self.email))
        _ = try NewUser(name: name, password: password, displayName: displayName, invite: invite).checked()
        if let email { _ = try PasswordResetRequest(email: email).checked() }
        return [
          .run(
            .signUp(name: name, password: password, invite: invite, displayName: displayName, email: email))
        ]
      }
      let code = form.filled(Self.code)
      _ = try NewSession(name: name, password: password, code: code).checked()
      return [.run(.signIn(name: name, password: password, code: code))]
    } catch {
      form.show(.rejected(error))
      return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if case .you(.passwordReset) = message, forgotten != nil {
      forgotten = nil
      form.clearErrors()
      form.removeField(Self.code)
      form.clear("password")
      return [.toast("The password is replaced. Sign in with the new one.")]
    }
    if let actions = forgotten?.receive(message) { return actions }
    switch message {
    case .failed(.signIn, .problem(let problem)) where problem.code == Rejection.secondFactorNeeded.code:
      // The server asks for the code only after the right password.
      form.clearErrors()
      form.addField(.init(name: Self.code, label: "Code", input: TextField(limit: 64)))
    case .failed(.signUp, .problem(let problem)) where problem.code == "invite_needed":
      // The typed name and password stay.
      form.clearErrors()
      form.addField(.init(name: Self.invite, label: "Code", input: TextField(limit: 256)))
    case .failed(.signIn, let failure), .failed(.signUp, let failure): form.show(failure)
    default: break
    }
    return []
  }

  private var words: SafeText {
    if form.has(Self.code) {
      "This account has a second factor. Enter the six digits of your authenticator app, or a recovery code."
    } else if form.has(Self.invite) {
      "This server needs an invite to sign up. Enter the code that you were sent: an invite to a group works too."
    } else if form.has(Self.email) {
      "Others see the name; without one they see your user name. A confirmed address gets the mail that replaces a forgotten password. Both can stay empty."
    } else if isInterruption {
      "Your session has ended. Sign in to continue."
    } else if isSigningUp {
      "Choose a name and a password of at least 8 characters."
    } else {
      "Shared money for a group. Sign in, or press \(key: .switchSignUp, "^T") to sign up."
    }
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    if let forgotten { return forgotten.view(into: &canvas, rows: rows, context) }
    var row = rows.lowerBound
    for line in words.wrapped(to: context.width - 2) {
      canvas.draw(line, row: row, column: 2, style: .muted)
      row += 1
    }
    _ = form.view(into: &canvas, row: row + 1, width: context.width)
  }
}
