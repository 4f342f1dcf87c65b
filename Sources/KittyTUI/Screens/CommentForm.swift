import KittyShared

/// A comment on an entry.
struct CommentForm: CreatingForm {
  var form = FormFields([
    .init(name: "text", label: "Comment", input: TextField(limit: 1000))
  ])
  private let group: ID
  private let entry: Entry
  var id: ID
  var pending: Effect?

  init(group: ID, entry: Entry, id: ID) {
    self.group = group
    self.entry = entry
    self.id = id
  }

  var title: SafeText { "Comment" }
  var hasUnsaved: Bool { !form["text"].isEmpty }
  var bindings: [Binding] {
    form.bindings(submit: "comment").filter { $0.command != .up && $0.command != .down }
  }

  func effect() throws(Rejection) -> Effect {
    .createComment(group: group, entry: entry.id, try NewComment(id: id, text: form["text"]).checked())
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .commented where pending != nil: return [.pop]
    default: receiveFailure(message, context)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    _ = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
  }
}

/// The draft of the form.
extension CommentForm {
  var draftName: Draft.Name? { Draft.Name(kind: .comment, id: id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.group = group
    draft.entry = entry
    draft.fields = form.written
    return draft
  }

  /// A form with the input of a draft.
  init(group: ID, entry: Entry, draft: Draft) {
    self.init(group: group, entry: entry, id: draft.name.id)
    form.restore(draft.fields)
  }
}
