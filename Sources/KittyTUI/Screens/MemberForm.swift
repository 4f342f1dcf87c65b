import KittyShared

/// A new member without an account.
struct MemberForm: Screen {
  private(set) var form = FormFields([.init(name: "name", label: "Name", input: TextField(limit: 64))])
  private let group: ID
  private var id: ID
  private var pending: Effect?

  init(group: ID, id: ID) {
    self.group = group
    self.id = id
  }

  var crumb: SafeText { "New member" }
  var isEditing: Bool { true }
  var hasUnsaved: Bool { !form["name"].isEmpty }
  var bindings: [Binding] {
    FormFields.bindings(submit: "add").filter { $0.command != .up && $0.command != .down }
      + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool { form.edit(key) }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    guard command == .submit else { return [] }
    do {
      let effect = Effect.addMember(group: group, try NewMember(id: id, name: form["name"]).checked())
      pending = effect
      return [.run(effect)]
    } catch {
      form.show(.problem(error))
      return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .memberAdded where pending != nil:
      return [.pop, .toast(context.said(form["name"], "is a member now."))]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(failure)
      if case .madeBefore = failure { id = context.newID() }
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    let words: SafeText = "Somebody who takes part without an account: you enter what they pay."
    for (index, line) in words.wrapped(to: context.width - 4).enumerated() {
      canvas.draw(line, row: row + 1 + index, column: 2, style: .muted)
    }
  }
}
