import KittyShared

/// A form to delete the account. The user types its name and password, after having read what happens.
struct EndAccountForm: EffectForm {
  private let user: User
  var form = FormFields([
    .init(name: "name", label: "User name", input: TextField(limit: 32)),
    .init(name: "password", label: "Password", input: TextField(isMasked: true)),
  ])
  var pending: Effect?

  init(_ user: User) {
    self.user = user
    if user.hasPassword == false { form.fields.removeLast() }
  }

  var title: SafeText { "End account" }
  var bindings: [Binding] { form.bindings(submit: "end the account") }

  func effect() throws(Rejection) -> Effect {
    guard form["name"].trimmed == user.name else {
      throw .invalid("name", "differs", "Write \(user.name) here to confirm that you mean this account.")
    }
    return .you(.delete(try AccountDeletion(password: form.current("password")).checked()))
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if case .failed(let effect, let failure) = message, effect == pending {
      pending = nil
      form.show(failure, "Your account stays.", again: "\(key: .submit, "^S") again is safe.")
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let happens: [SafeText] = [
      "Deleted are your user name, password, address, photo, IBAN, settings, drafts, sessions, API tokens and keys, and groups in which you are alone. A group of yours with other members, guests too, you must hand over or delete first.",
      "In the books of your groups stay your name, as that of a guest, your entries, comments and receipts with their history, and all debts.",
      // The last one, since a small window shows the lines above the fields.
      "This deletes the account \(user.name), and cannot be undone.",
    ]
    var row = rows.lowerBound
    for sentence in happens {
      for line in sentence.wrapped(to: max(10, min(context.width, ListTable.widest) - 4)) {
        canvas.draw(line, row: row, column: 2, style: sentence == happens.last ? .warning : .normal)
        row += 1
      }
    }
    _ = form.view(into: &canvas, row: row + 1, width: context.width)
  }
}
