import KittyShared

/// A form to turn the second factor off, for good or to turn it on again with new recovery codes.
struct SecondFactorRemovalForm: EffectForm {
  /// `true` to turn it on again at once.
  let isReplacing: Bool
  var form = FormFields([
    .init(name: "password", label: "Password", input: TextField(isMasked: true)),
    .init(name: "code", label: "Code", input: TextField(limit: 64)),
  ])
  var pending: Effect?
  /// `true` when it is off already, and only the new secret is missing.
  private var isOff = false

  /// - Parameter hasPassword: `false` for an account that signs in with keys only.
  init(isReplacing: Bool, hasPassword: Bool = true) {
    self.isReplacing = isReplacing
    if !hasPassword { form.fields.removeFirst() }
  }

  var title: SafeText { isReplacing ? "New codes" : "Turn off" }
  var bindings: [Binding] {
    form.bindings(submit: isReplacing ? "continue" : "turn off")
  }

  func effect() throws(Rejection) -> Effect {
    if isOff {
      return .you(.beginSecondFactor(try NewSecondFactor(password: form.current("password")).checked()))
    }
    let removal = try SecondFactorRemoval(password: form.current("password"), code: form["code"].trimmed)
      .checked()
    return .you(isReplacing ? .replaceSecondFactor(removal) : .removeSecondFactor(removal))
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.secondFactorRemoved) where pending != nil:
      guard isReplacing else { return [.pop, .toast("The second factor is off.")] }
      isOff = true
    case .you(.begun(let secret)) where pending != nil: return [.pop, .push(SecondFactorForm(secret))]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(
        failure, isOff ? "The second factor is off now." : "It stays on.",
        again: "\(key: .submit, "^S") tries it again.")
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    let words: SafeText =
      isReplacing
      ? "The present codes stop working, and you scan a new secret. Until you have confirmed it, the second factor is off."
      : "The code is six digits of your app, or a recovery code. Afterwards the password is enough to sign in."
    drawHint(words, into: &canvas, row: row + 1, context)
  }
}
