import KittyShared

/// A form that changes a resource on top of the version that it was opened with. If another user changed that
/// meanwhile, the input stays: the form reads the present version, shows both where they differ, and saves the choice on
/// top of the present version.
protocol VersionedForm: Screen {
  var form: FormFields { get set }
  /// The submitted effect, or the reading of the present version, while its result is not known.
  var pending: Effect? { get set }
  /// The open choice between two versions.
  var conflict: Conflict? { get set }
  /// The version to change; `nil` for a new resource.
  var version: Int64? { get }
  /// The effect that reads the present version.
  var reading: Effect { get }
  /// The parts that are chosen as a whole.
  static var parts: [FormPart<Self>] { get }
  /// The form as it was opened.
  var untouched: Self { get }
  /// Returns the form of the present version; `nil` when the resource no longer exists.
  func opened(_ present: Present) -> Self?
  /// Makes the present version the one to change. The input stays.
  mutating func rebase(on present: Present)
  /// The author of the present version, as a sentence.
  func heading(_ present: Present) -> SafeText
  mutating func submit() -> [Action]
}

/// A part of a form that is taken from one version or the other as a whole, such as an amount with its currency.
struct FormPart<Form: VersionedForm>: Sendable {
  let name: SafeText
  /// Returns the content in words. Equal words are equal content.
  let words: @Sendable (Form) -> SafeText
  /// Copies the content into another form.
  let copy: @Sendable (inout Form, Form) -> Void

  /// The part of one text field.
  static func field(_ field: String, _ name: SafeText) -> FormPart {
    FormPart(
      name: name, words: { SafeText($0.form.filled(field) ?? "nothing") },
      copy: { $0.form.copy([field], from: $1.form) })
  }
}

extension FormFields {
  /// Copies the text of fields from another form. A filled field is never hidden.
  mutating func copy(_ names: [String], from other: FormFields) {
    for index in fields.indices where names.contains(fields[index].name) {
      fields[index].input.set(other[fields[index].name])
      if index >= shown, !fields[index].input.text.isEmpty { shown = fields.count }
    }
  }
}

extension VersionedForm {
  /// Returns the form with the content of another version.
  func taking(_ other: Self) -> Self {
    var form = self
    for part in Self.parts { part.copy(&form, other) }
    return form
  }

  /// Handles a refused version, and the present version that is read because of it.
  /// - Returns: `nil` when the message is about something else.
  mutating func receiveConflict(_ message: Message) -> [Action]? {
    guard let version else { return nil }
    switch message {
    case .failed(let effect, .problem(let problem))
    where effect == pending && effect != reading && problem.isStale:
      pending = reading
      form.clearErrors()
      form.error = "It was changed meanwhile. Reading the present version…"
      return [.run(reading)]
    case .present(let present) where pending == reading:
      pending = nil
      form.clearErrors()
      return compare(with: present, version)
    default: return nil
    }
  }

  private mutating func compare(with present: Present, _ version: Int64) -> [Action] {
    guard let theirs = opened(present) else {
      form.error =
        "Not saved: it was deleted meanwhile. Your text is still here; when it is restored, \(key: .submit, "^S") compares."
      return []
    }
    guard (theirs.version ?? 0) > version else {
      form.error = "Not saved: it was changed meanwhile. \(key: .submit, "^S") reads it again."
      return []
    }
    let before = untouched
    let lines = Self.parts.enumerated().compactMap { index, part -> Conflict.Line? in
      let (mine, others) = (part.words(self), part.words(theirs))
      guard mine != others else { return nil }
      // An untouched part follows the other user.
      return Conflict.Line(
        part: index, name: part.name, mine: mine, theirs: others, takesTheirs: part.words(before) == mine)
    }
    // An earlier attempt was saved, although its response was lost.
    if lines.isEmpty { return [.pop, .toast("It is saved as you wrote it.")] }
    conflict = Conflict(present, heading: heading(present), lines: lines)
    return []
  }

  /// Runs a command of the open choice.
  /// - Returns: `nil` without a choice.
  mutating func performConflict(_ command: Command) -> [Action]? {
    guard let open = conflict else { return nil }
    switch command {
    case .down: conflict?.move(1)
    case .up: conflict?.move(-1)
    case .toggle: conflict?.toggle()
    case .submit: return save(open)
    case .back:
      conflict = nil
      return [.toast("Your text is still here. \(key: .submit, "^S") compares it again.")]
    default: break
    }
    return []
  }

  private mutating func save(_ chosen: Conflict) -> [Action] {
    conflict = nil
    guard let theirs = opened(chosen.present) else { return [] }
    for line in chosen.lines where line.takesTheirs { Self.parts[line.part].copy(&self, theirs) }
    rebase(on: chosen.present)
    if chosen.lines.allSatisfy(\.takesTheirs) {
      return [.pop, .toast("Nothing was changed: their version stays.")]
    }
    return submit()
  }
}
