import KittyShared

/// A form for the password, which is needed to turn the second factor on.
struct SecondFactorBeginForm: EffectForm {
  var form = FormFields([.init(name: "password", label: "Password", input: TextField(isMasked: true))])
  var pending: Effect?

  var title: SafeText { "Turn on" }
  var bindings: [Binding] {
    form.bindings(submit: "continue").filter { $0.command != .up && $0.command != .down }
  }

  func effect() throws(Rejection) -> Effect {
    .you(.beginSecondFactor(try NewSecondFactor(password: form.current("password")).checked()))
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.begun(let secret)) where pending != nil: return [.pop, .push(SecondFactorForm(secret))]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(failure, "Nothing is changed.", again: "\(key: .submit, "^S") again is safe.")
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    drawHint(
      "Your password, so that no other person turns it on in your session. Nothing changes until you have entered a code of the app.",
      into: &canvas, row: row + 1, context)
  }
}
