import KittyShared

/// The form to sign in or to sign up.
struct SignInScreen: Screen {
  private(set) var form: FormFields
  private(set) var isSigningUp = false
  /// The field for the code of a second factor.
  private static let code = "code"
  /// The field for the invite of a server that needs one to sign up.
  private static let invite = "invite"
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
  var title: SafeText { isSigningUp ? "Sign up" : "Sign in" }
  var isEditing: Bool { true }
  var bindings: [Binding] {
    FormFields.bindings(submit: isSigningUp ? "sign up" : "sign in", isLast: form.isAtEnd)
      // There is nothing below the first screen.
      .filter { isInterruption || $0.command != .back } + [
        Binding(
          [.control("t")], "^T", "switch between sign in and sign up", .switchSignUp,
          footer: isSigningUp ? "sign in instead" : "sign up instead"),
        Binding([.control("q")], "^Q", "quit", .quit, footer: "quit"),
      ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool { form.edit(key) }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .down: form.move(1)
    case .up: form.move(-1)
    case .switchSignUp:
      isSigningUp.toggle()
      form.clearErrors()
      form.removeField(Self.code)
      form.removeField(Self.invite)
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
        _ = try NewUser(name: name, password: password, invite: invite).checked()
        return [.run(.signUp(name: name, password: password, invite: invite))]
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
    switch form.fields.last?.name {
    case Self.code:
      "This account has a second factor. Enter the six digits of your authenticator app, or a recovery code."
    case Self.invite:
      "This server needs an invite to sign up. Enter the code that you were sent: an invite to a group works too."
    default:
      isInterruption
        ? "Your session has ended. Sign in to continue."
        : isSigningUp
          ? "Choose a name and a password of at least 8 characters."
          : "Shared money for a group. Sign in, or press ^T to sign up."
    }
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var row = rows.lowerBound
    for line in words.wrapped(to: context.width - 2) {
      canvas.draw(line, row: row, column: 2, style: .muted)
      row += 1
    }
    _ = form.view(into: &canvas, row: row + 1, width: context.width)
  }
}
