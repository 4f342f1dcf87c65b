import KittyShared

/// A form that runs one effect when it is submitted.
protocol EffectForm: Screen {
  var form: FormFields { get set }
  /// The submitted effect while its result is not known.
  var pending: Effect? { get set }
  /// Returns the effect for the input.
  /// - Throws: `Rejection` that names the invalid fields.
  func effect() throws(Rejection) -> Effect
}

extension EffectForm {
  var isEditing: Bool { true }

  mutating func edit(_ key: Key, _ context: Context) -> Bool { form.edit(key) }

  /// Runs the effect, or shows the errors of the input.
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
