import KittyShared

/// A form that runs one effect when it is submitted.
protocol EffectForm: Screen {
  var form: FormFields { get set }
  /// The submitted effect while its result is not known.
  var pending: Effect? { get set }
  /// Returns the effect for the input.
  /// - Throws: `Rejection` that names the invalid fields.
  func effect() throws(Rejection) -> Effect
  /// Checks the text of one field.
  func check(_ field: String) throws(Rejection)
}

extension EffectForm {
  var isEditing: Bool { true }
  var isLocked: Bool { pending != nil }

  func check(_ field: String) throws(Rejection) {}

  mutating func edit(_ key: Key, _ context: Context) -> Bool { form.edit(key) }

  /// Runs the effect, or shows the errors of the input.
  mutating func submit() -> [Action] {
    let typed = self
    guard form.passes({ (field) throws(Rejection) in try typed.check(field) }) else { return [] }
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

  /// Moves between the fields, or submits. Enter submits from the last field only.
  mutating func performFields(_ command: Command) -> [Action] {
    let wasChoosing = form.picker != nil
    guard form.settle() else { return [] }
    switch command {
    case .down: leave(1)
    case .up: leave(-1)
    case .open where !form.isAtEnd: leave(1)
    case .open where wasChoosing: break
    case .open, .submit: return submit()
    default: break
    }
    return []
  }

  /// Checks the field, and moves to another one.
  private mutating func leave(_ step: Int) {
    let typed = self
    form.check(form.fields[form.active].name) { (field) throws(Rejection) in try typed.check(field) }
    form.move(step)
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
