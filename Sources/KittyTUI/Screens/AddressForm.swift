import KittyShared

/// A form for the address of the user. It needs the password, since the address can replace it.
struct AddressForm: AccountForm {
  private(set) var user: User
  var form: FormFields
  var pending: Effect?

  init(_ user: User) {
    self.user = user
    form = FormFields([
      .init(name: "email", label: "Address", input: TextField(user.email ?? "", limit: 254)),
      .init(name: "password", label: "Password", input: TextField(isMasked: true)),
    ])
    if user.hasPassword == false { form.fields.removeLast() }
  }

  var title: SafeText { "Address" }
  var hasUnsaved: Bool { form["email"] != user.email ?? "" }
  var bindings: [Binding] { form.bindings(submit: "save") }

  func effect() throws(Rejection) -> Effect {
    let email = Patch(form.filled("email"), was: user.email)
    guard email != .keep else {
      throw .invalid("email", "nothing_to_change", "This is your address already. Esc goes back.")
    }
    let change = UserChange(email: email, password: form.current("password"))
    return .you(.change(version: user.version, try change.checked()))
  }

  mutating func rebase(on present: User) -> [SafeText] {
    let both: [SafeText] = present.email == user.email ? [] : ["the address (now \(present.email ?? "none"))"]
    user = present
    return both
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if case .account(let present) = message, case .you(.change)? = pending { user = present }
    let done: [Action] =
      user.email == nil
      ? [.pop, .toast("The address is removed.")]
      : [.pop, .push(ConfirmAddressForm(user)), .toast("The address is saved.")]
    return receiveAccount(message, done: done)
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    let words: SafeText =
      "A new address gets a mail with a code that confirms it. Empty: no address; then nothing replaces a forgotten password."
    drawHint(words, into: &canvas, row: row + 1, context)
  }
}

/// The draft of the form. It has the account as it was, so that a change from another device is seen when it is saved.
extension AddressForm {
  var draftName: Draft.Name? { Draft.Name(kind: .address, id: user.id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.account = user
    draft.fields = form.written
    return draft
  }

  /// A form with the input of a draft.
  init(_ user: User, draft: Draft) {
    self.init(user)
    form.restore(draft.fields)
  }
}
