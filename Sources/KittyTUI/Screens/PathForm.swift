import KittyShared

/// A form whose first field is the path of a file that is sent.
protocol PathForm: EffectForm {
  var completion: PathCompletion { get set }
  /// The bytes of the file that were sent, and all of them; `nil` while none is sent.
  var progress: (sent: Int64, total: Int64)? { get set }
}

extension PathForm {
  static var path: FormFields.Field {
    .init(name: "path", label: "File", input: TextField(limit: 4096))
  }

  /// Edits the focused field. A dropped file is a path.
  mutating func editPath(_ key: Key) -> Bool {
    var key = key
    if case .paste(let text) = key, form.active == 0 { key = .paste(PhotoFile.cleaned(text)) }
    guard form.edit(key) else { return false }
    completion.clear()
    return true
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool { editPath(key) }

  /// Completes the path.
  mutating func complete(_ paths: [String], orElse nothing: SafeText) {
    guard let text = completion.complete(form["path"], paths) else {
      form.error = nothing
      return
    }
    form.fields[0].input.set(text)
  }

  /// Shows the reason why the file was not taken, so that the user can submit the form again.
  mutating func fail(_ why: SafeText) {
    pending = nil
    progress = nil
    form.clearErrors()
    form.error = why
  }

  /// The words about the file that is being sent; `nil` while none is.
  /// - Parameter sent: The words after all of it was sent.
  func sending(_ sent: SafeText) -> SafeText? {
    guard let progress, pending != nil else { return nil }
    guard progress.total > 0 else { return "Sending…" }
    return progress.sent >= progress.total
      ? sent : "Sending: \(progress.sent / 1024) of \((progress.total + 1023) / 1024) KiB…"
  }

  /// Draws the paths to choose from, or else a hint.
  func drawChoices(
    orElse hint: SafeText, into canvas: inout Canvas, row: Int, end: Int, _ context: Context
  ) {
    for (offset, choice) in completion.choices.prefix(max(0, end - row - 1)).enumerated() {
      canvas.draw(SafeText(choice), row: row + offset, column: 2, width: context.width - 2)
    }
    if completion.choices.isEmpty { drawHint(hint, into: &canvas, row: row, context) }
  }
}
