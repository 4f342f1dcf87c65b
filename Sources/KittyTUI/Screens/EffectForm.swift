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
  var isLocked: Bool { pending != nil }

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

  mutating func perform(_ command: Command, _ context: Context) -> [Action] { performFields(command) }

  /// Moves between the fields, or submits.
  mutating func performFields(_ command: Command) -> [Action] {
    switch command {
    case .down: form.move(1)
    case .up: form.move(-1)
    case .submit: return submit()
    default: break
    }
    return []
  }

  /// Shows the failure of the submitted effect, so that the user can submit the form again.
  /// - Returns: The failure; `nil` when the message is about something else.
  mutating func failure(in message: Message) -> ClientFailure? {
    guard case .failed(let effect, let failure) = message, effect == pending else { return nil }
    pending = nil
    form.show(failure, "Not saved.")
    return failure
  }

  /// Draws an explanation below the fields.
  func drawHint(_ hint: SafeText, into canvas: inout Canvas, row: Int, _ context: Context) {
    for (index, line) in hint.wrapped(to: max(10, context.width - 4)).enumerated() {
      canvas.draw(line, row: row + index, column: 2, style: .muted)
    }
  }
}
