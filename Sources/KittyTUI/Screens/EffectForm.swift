import KittyShared

/// A form of which one effect is made when it is submitted.
protocol EffectForm: Screen {
  var form: FormFields { get set }
  /// What was asked for and has not come back.
  var pending: Effect? { get set }
  /// What the form says.
  /// - Throws: `Rejection` that names the fields that cannot be used.
  func effect() throws(Rejection) -> Effect
}

extension EffectForm {
  var isEditing: Bool { true }

  mutating func edit(_ key: Key, _ context: Context) -> Bool { form.edit(key) }

  /// Asks for what the form says, or shows what is wrong with it.
  mutating func submit() -> [Action] {
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

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .down: form.move(1)
    case .up: form.move(-1)
    case .submit: return submit()
    default: break
    }
    return []
  }
}
