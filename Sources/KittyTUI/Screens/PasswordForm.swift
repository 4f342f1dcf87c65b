import KittyShared

/// A form to change the password of the user.
struct PasswordForm: EffectForm {
  var form = FormFields([
    .init(name: "current", label: "Current password", input: TextField(isMasked: true)),
    .init(name: "new", label: "New password", input: TextField(isMasked: true)),
    .init(name: "again", label: "New again", input: TextField(isMasked: true)),
  ])
  var pending: Effect?

  /// - Parameter hasPassword: `false` for an account that signs in with keys only.
  init(hasPassword: Bool = true) { if !hasPassword { form.fields.removeFirst() } }

  var title: SafeText { "Password" }
  var hasUnsaved: Bool { form.fields.contains { !$0.input.text.isEmpty } }
  var bindings: [Binding] { form.bindings(submit: "change") }

  func effect() throws(Rejection) -> Effect {
    let change = try PasswordChange(current: form.current("current"), new: form["new"]).checked()
    try form.checkRepeated("again", of: "new")
    return .you(.changePassword(change))
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.passwordChanged(let ended)) where pending != nil:
      let others: SafeText =
        switch ended {
        case 0: "You had no other sessions."
        case 1: "Your other session has ended."
        default: "Your \(ended) other sessions have ended."
        }
      return [.pop, .toast("The password is changed. \(others)")]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(
        failure, "Not changed.",
        again:
          "If \(key: .submit, "^S") then says that the current password is wrong, the new one is valid already."
      )
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    drawHint(
      "At least 8 characters. Your other sessions end; API tokens stay valid.", into: &canvas, row: row + 1,
      context)
  }
}

extension FormFields {
  /// The text of a field for the present password; `nil` without the field, in a form of an account that has none.
  func current(_ name: String) -> String? { fields.contains { $0.name == name } ? self[name] : nil }

  /// Checks that a new password was typed twice in the same way.
  func checkRepeated(_ again: String, of new: String) throws(Rejection) {
    guard self[again] == self[new] else {
      throw .invalid(again, "differs", "It differs from the new password. Write the same in both fields.")
    }
  }
}
