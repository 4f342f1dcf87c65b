import KittyShared

/// A form to add a receipt to an entry.
struct ReceiptForm: PathForm {
  private let group: ID
  private(set) var entry: Entry
  var form = FormFields([path])
  var pending: Effect?
  var completion = PathCompletion()
  var progress: (sent: Int64, total: Int64)?

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

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .complete: return [.run(.complete(path: form["path"], of: .receipt))]
    case .submit:
      guard form.filled("path") != nil else {
        form.fields[0].error = "Write the path of a picture or a PDF."
        return []
      }
      completion.clear()
      progress = (0, 0)
      return submit()
    default: return []
    }
  }

  func effect() throws(Rejection) -> Effect { .addReceipt(group: group, entry, path: form["path"]) }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .progress(let sent, let total) where pending != nil: progress = (sent, total)
    case .completions(let paths) where pending == nil:
      complete(paths, orElse: "No picture, PDF or folder begins with this path.")
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

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width) + 1
    if let words = sending("Sent. The server is checking the file…") {
      canvas.draw(words, row: row, column: 2, width: context.width - 2, style: .bold)
      return
    }
    drawChoices(
      orElse:
        "A PDF, JPEG, PNG, WebP, GIF, HEIC or AVIF file on the machine where this program runs, at most 10 MiB. It is kept as it is, and the whole group sees it.",
      into: &canvas, row: row, end: rows.upperBound, context)
  }
}
