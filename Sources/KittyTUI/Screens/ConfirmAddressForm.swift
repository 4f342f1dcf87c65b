import KittyShared

/// A form for the code of the mail that confirms the address of the user.
struct ConfirmAddressForm: EffectForm {
  private let user: User
  var form = FormFields([.init(name: "token", label: "Code", input: TextField(limit: 300))])
  var pending: Effect?

  init(_ user: User) { self.user = user }

  private static let another = Effect.you(.requestConfirmation)

  var title: SafeText { "Confirm" }
  var bindings: [Binding] {
    [
      Binding([.enter, .control("s")], "Enter ^S", "confirm the address", .submit, footer: "confirm"),
      Binding([.control("r")], "^R", "send another mail", .another, footer: "another mail"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    guard command == .another else { return performFields(command) }
    form.clearErrors()
    pending = Self.another
    return [.run(Self.another)]
  }

  func effect() throws(Rejection) -> Effect {
    // A code copied from a narrow window contains a line end.
    let token = form["token"].filter { !$0.isWhitespace }
    return .you(.confirmEmail(try EmailConfirmation(token: token).checked()))
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.confirmed) where pending != nil:
      return [.pop, .toast("\(user.email ?? "The address") is confirmed.")]
    case .you(.confirmationRequested) where pending == Self.another:
      pending = nil
      return [.toast("Another mail is on its way to \(user.email ?? "the address").")]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(
        failure, effect == Self.another ? "No mail was sent." : "Not confirmed.",
        again: effect == Self.another
          ? "\(key: .another, "^R") again may send a second one."
          : "\(key: .submit, "^S") again is safe.")
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    let words: SafeText =
      "The code is in the mail to \(user.email ?? "your address"). It works for a day. Without it, no mail replaces a forgotten password."
    drawHint(words, into: &canvas, row: row + 1, context)
  }
}
