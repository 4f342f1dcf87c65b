import KittyShared

/// Something to say about an entry.
struct CommentForm: Screen {
  private(set) var form = FormFields([
    .init(name: "text", label: "Comment", input: TextField(limit: 1000))
  ])
  private let group: ID
  private let entry: Entry
  private var id: ID
  private var pending: Effect?

  init(group: ID, entry: Entry, id: ID) {
    self.group = group
    self.entry = entry
    self.id = id
  }

  var crumb: SafeText { "Comment" }
  var isEditing: Bool { true }
  var hasUnsaved: Bool { !form["text"].isEmpty }
  var bindings: [Binding] {
    FormFields.bindings(submit: "say it").filter { $0.command != .up && $0.command != .down }
      + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool { form.edit(key) }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    guard command == .submit else { return [] }
    do {
      let comment = try NewComment(id: id, text: form["text"]).checked()
      let effect = Effect.createComment(group: group, entry: entry.id, comment)
      pending = effect
      return [.run(effect)]
    } catch {
      form.show(.problem(error))
      return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .commented where pending != nil: return [.pop]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(failure)
      if case .madeBefore = failure { id = context.newID() }
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    _ = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
  }
}
