import KittyShared

/// A form to write a receipt into a file.
struct ReceiptSaveForm: EffectForm {
  private let group: ID
  private let entry: ID
  private let receipt: Receipt
  var form: FormFields
  var pending: Effect?
  /// The path of a file that is replaced only by a key of its own.
  private var taken: String?

  init(group: ID, entry: ID, _ receipt: Receipt) {
    (self.group, self.entry, self.receipt) = (group, entry, receipt)
    form = FormFields([
      .init(name: "path", label: "File", input: TextField("~/\(receipt.name)", limit: 4096))
    ])
  }

  private var isTaken: Bool { taken != nil && taken == form["path"] }

  var title: SafeText { "Save the receipt" }
  var hasUnsaved: Bool { false }
  var bindings: [Binding] {
    let replacing = Binding(
      [.control("o")], "^O", "replace the file of this name", .remove, footer: "replace")
    return (isTaken ? [replacing] : []) + [
      Binding([.enter, .control("s")], "Enter ^S", "write the file", .submit, footer: "write"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool { form.edit(key) }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .submit: return submit()
    case .remove where isTaken:
      let effect = save(replaces: true)
      form.clearErrors()
      pending = effect
      return [.run(effect)]
    default: return []
    }
  }

  func effect() throws(Rejection) -> Effect { save(replaces: false) }

  private func save(replaces: Bool) -> Effect {
    .saveReceipt(group: group, entry: entry, receipt.number, path: form["path"], replaces: replaces)
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .exported(let path, _) where pending != nil:
      pending = nil
      return [.pop, .toast("The receipt is in \(path), \(ReceiptsScreen.size(receipt)).")]
    case .fileExists(let path) where pending != nil:
      fail("Not written: \(path) exists. \(key: .remove, "^O") replaces it; or write another name.")
      taken = form["path"]
    case .refused(let why) where pending != nil: fail(SafeText(why))
    case .failed(let effect, let failure) where effect == pending:
      fail(SafeText(failure.message("Not saved.")))
    default: break
    }
    return []
  }

  private mutating func fail(_ why: SafeText) {
    pending = nil
    form.clearErrors()
    form.error = why
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    let words: SafeText =
      pending == nil
      ? "The file is written on the machine where this program runs, byte for byte as it was sent."
      : "Writing the file…"
    drawHint(words, into: &canvas, row: row + 1, context)
  }
}
