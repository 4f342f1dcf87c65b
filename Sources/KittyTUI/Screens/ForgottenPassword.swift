import KittyShared

/// The form to replace a forgotten password: the address for a mail, then the code of the mail and the new password.
struct ForgottenPassword: Sendable {
  var form = Self.request
  /// `true` when the code of the mail is asked for.
  private(set) var hasMail = false
  private(set) var pending: Effect?

  private static let request = FormFields([
    .init(name: "email", label: "Address", input: TextField(limit: 254))
  ])
  private static let replacement = FormFields([
    .init(name: "token", label: "Code", input: TextField(limit: 300)),
    .init(name: "password", label: "New password", input: TextField(isMasked: true)),
    .init(name: "again", label: "New again", input: TextField(isMasked: true)),
  ])

  var bindings: [Binding] {
    FormFields.bindings(submit: hasMail ? "replace it" : "send the mail", isLast: form.isAtEnd) + [
      Binding(
        [.control("t")], "^T", hasMail ? "ask for a mail" : "the mail is there: enter its code", .toggle,
        footer: hasMail ? "no mail" : "I have a code")
    ] + FormFields.editing
  }

  mutating func perform(_ command: Command) -> [Action] {
    switch command {
    case .down: form.move(1)
    case .up: form.move(-1)
    case .toggle: show(hasMail: !hasMail)
    case .open where !form.isAtEnd: form.move(1)
    case .open, .submit: return submit()
    default: break
    }
    return []
  }

  private mutating func show(hasMail: Bool) {
    self.hasMail = hasMail
    form = hasMail ? Self.replacement : Self.request
  }

  private mutating func submit() -> [Action] {
    do {
      let effect = try effect()
      form.clearErrors()
      pending = effect
      return [.run(effect)]
    } catch {
      form.show(.rejected(error))
      return []
    }
  }

  private func effect() throws(Rejection) -> Effect {
    guard hasMail else {
      return .you(.requestReset(try PasswordResetRequest(email: form["email"].trimmed).checked()))
    }
    // A code copied from a narrow window contains a line end.
    let token = form["token"].filter { !$0.isWhitespace }
    let reset = try PasswordReset(token: token, password: form["password"]).checked()
    try form.checkRepeated("again", of: "password")
    return .you(.resetPassword(reset))
  }

  /// Handles the end of a request.
  /// - Returns: `nil` when the message is about something else.
  mutating func receive(_ message: Message) -> [Action]? {
    switch message {
    case .you(.resetRequested) where pending != nil:
      pending = nil
      show(hasMail: true)
      return [.toast("If an account has confirmed this address, a mail with a code is on its way.")]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(
        failure, hasMail ? "Not replaced." : "No mail was sent.",
        again: hasMail
          ? "If \(key: .submit, "^S") then says that the code was used, the new password is valid already."
          : "\(key: .submit, "^S") again is safe."
      )
      return []
    default: return nil
    }
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let words: SafeText =
      hasMail
      ? "Copy the code from the mail; it works for 30 minutes. The new password has at least 8 characters. All your sessions end, and your API tokens are revoked."
      : "Enter the confirmed address of your account. A mail with a code is sent to it."
    var row = rows.lowerBound
    for line in words.wrapped(to: context.width - 2) {
      canvas.draw(line, row: row, column: 2, style: .muted)
      row += 1
    }
    _ = form.view(into: &canvas, row: row + 1, width: context.width)
  }
}
