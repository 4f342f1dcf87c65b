import KittyShared

/// A form to add a public key of ssh.
struct SSHKeyForm: EffectForm {
  private let id: ID
  var form = FormFields([
    .init(name: "key", label: "Public key", input: TextField(limit: 16_384)),
    .init(name: "name", label: "Name", input: TextField(limit: SSHKey.maxName)),
  ])
  var pending: Effect?

  init(id: ID) { self.id = id }

  var title: SafeText { "New key" }
  var bindings: [Binding] {
    FormFields.entering("add the key", isLast: form.isAtEnd) + [
      Binding([.tab, .down], "Tab ↓", "next field", .down),
      Binding([.backTab, .up], "Shift-Tab ↑", "previous field", .up),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  private var key: NewSSHKey {
    let name = form["name"].trimmed
    return NewSSHKey(id: id, name: name.isEmpty ? nil : name, key: form["key"].trimmed)
  }

  func effect() throws(Rejection) -> Effect { .you(.addKey(try key.checked())) }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.keyAdded(let key)) where key.id == id:
      return [.pop, .toast(context.sentence(key.name, "is one of your keys now."))]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(failure, "Not added.")
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var row = form.view(into: &canvas, row: rows.lowerBound, width: context.width) + 1
    let words: SafeText =
      "Paste the line of the file that ends in .pub, such as ~/.ssh/id_ed25519.pub. Without a name, the key has that of its comment."
    for line in words.wrapped(to: max(10, context.width - 4)) where row < rows.upperBound {
      canvas.draw(line, row: row, column: 2, width: context.width - 2, style: .muted)
      row += 1
    }
  }
}
