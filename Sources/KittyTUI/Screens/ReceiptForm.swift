import KittyShared

/// A form to add a receipt to an entry.
struct ReceiptForm: EffectForm {
  private let group: ID
  private(set) var entry: Entry
  var form = FormFields([.init(name: "path", label: "File", input: TextField(limit: 4096))])
  var pending: Effect?
  private(set) var choices: [String] = []
  private(set) var progress: (sent: Int64, total: Int64)?

  init(_ group: ID, _ entry: Entry) {
    self.group = group
    self.entry = entry
  }

  var title: SafeText { "Add a receipt" }
  var hasUnsaved: Bool { false }
  var bindings: [Binding] {
    [
      Binding([.enter, .control("s")], "Enter ^S", "send the file", .submit, footer: "send"),
      Binding([.tab], "Tab", "complete the path", .complete, footer: "complete"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    var key = key
    if case .paste(let text) = key { key = .paste(PhotoFile.cleaned(text)) }
    guard form.edit(key) else { return false }
    choices = []
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .complete: return [.run(.complete(path: form["path"], of: .receipt))]
    case .submit:
      guard form.filled("path") != nil else {
        form.fields[0].error = "Write the path of a picture or a PDF."
        return []
      }
      choices = []
      progress = (0, 0)
      return submit()
    default: return []
    }
  }

  func effect() throws(Rejection) -> Effect { .addReceipt(group: group, entry, path: form["path"]) }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .progress(let sent, let total) where pending != nil: progress = (sent, total)
    case .completions(let paths) where pending == nil: complete(paths)
    case .receiptAdded(group, entry.id, _) where pending != nil:
      pending = nil
      return [.pop, .toast("The receipt is saved.")]
    case .stored(group, let stored) where stored.id == entry.id: entry = stored
    case .entry(let details) where details.entry.id == entry.id: entry = details.entry
    case .refused(let why) where pending != nil: fail(SafeText(why))
    case .failed(let effect, let failure) where effect == pending:
      fail(SafeText(failure.message("Not sent.")))
      // One that was changed meanwhile is read again, so that the next try has its version.
      return [.run(.loadEntry(group: group, entry: entry.id))]
    default: break
    }
    return []
  }

  private mutating func fail(_ why: SafeText) {
    pending = nil
    progress = nil
    form.clearErrors()
    form.error = why
  }

  /// Completes the path with the only match. Of several matches it takes the common beginning and lists them.
  private mutating func complete(_ paths: [String]) {
    guard var common = paths.first else {
      form.error = "No picture, PDF or folder begins with this path."
      return
    }
    for path in paths { while !path.hasPrefix(common) { common.removeLast() } }
    if common.count > form["path"].count { form.fields[0].input.set(common) }
    choices = paths.count > 1 ? paths : []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var row = form.view(into: &canvas, row: rows.lowerBound, width: context.width) + 1
    if let progress, pending != nil {
      let isSent = progress.total > 0 && progress.sent >= progress.total
      let words: SafeText =
        isSent
        ? "Sent. The server is checking the file…"
        : "Sending: \(progress.sent / 1024) of \(progress.total / 1024) KiB…"
      canvas.draw(words, row: row, column: 2, width: context.width - 2, style: .bold)
      return
    }
    for choice in choices.prefix(max(0, rows.upperBound - row - 1)) {
      canvas.draw(SafeText(choice), row: row, column: 2, width: context.width - 2)
      row += 1
    }
    guard choices.isEmpty else { return }
    drawHint(
      "A PDF, JPEG, PNG, WebP, GIF, HEIC or AVIF file on the machine where this program runs, at most 10 MiB. It is kept as it is, and the whole group sees it.",
      into: &canvas, row: row, context)
  }
}
