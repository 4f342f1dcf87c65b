import KittyShared

/// A form for a new group, or for the name of a group and the day up to which its books are closed.
struct GroupForm: CreatingForm, VersionedForm {
  var form: FormFields
  private var group: Group?
  var id: ID
  private let original: FormFields
  var pending: Effect?
  /// The open choice between two versions, shown over the form.
  var conflict: Conflict?

  /// A form for a new group.
  init(id: ID) {
    self.id = id
    group = nil
    form = FormFields([
      .init(name: "name", label: "Name", input: TextField(limit: 64)),
      .init(name: "currency", label: "Currency", input: TextField("EUR", limit: 3)),
    ])
    original = form
  }

  /// A form to rename a group and to close its books.
  /// - Parameter field: The field that has the focus.
  init(renaming group: Group, at field: String = "name") {
    id = group.id
    self.group = group
    form = FormFields([
      .init(name: "name", label: "Name", input: TextField(group.name, limit: 64)),
      .init(
        name: "closedUntil", label: "Closed to",
        input: TextField(group.closedUntil?.description ?? "", limit: 10)),
    ])
    form.active = form.fields.firstIndex { $0.name == field } ?? 0
    original = form
  }

  var title: SafeText { group == nil ? "New group" : "Edit group" }
  var hasUnsaved: Bool { form.fields.map(\.input.text) != original.fields.map(\.input.text) }
  var isEditing: Bool { conflict == nil }
  var bindings: [Binding] {
    conflict == nil ? FormFields.bindings(submit: "save") + FormFields.editing : Conflict.bindings
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if let actions = performConflict(command) { return actions }
    return command == .submit && group == nil && form.moveToEmpty() ? [] : performFields(command)
  }

  func effect() throws(Rejection) -> Effect {
    guard let group else {
      guard let currency = Currency(code: form["currency"]) else {
        throw .invalid(
          "currency", "unknown_currency", "Write a currency code such as EUR or USD.")
      }
      return .createGroup(try NewGroup(id: id, name: form["name"], currency: currency).checked())
    }
    var day: Day?
    if let text = form.filled("closedUntil") {
      guard let written = Day(text) else {
        throw .invalid("closedUntil", "not_a_date", "Write a date such as 2026-03-31, or leave it empty.")
      }
      day = written
    }
    let change = GroupChange(name: form["name"], closedUntil: Patch(day, was: group.closedUntil))
    return .changeGroup(id, version: group.version, try change.checked())
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if let actions = receiveConflict(message) { return actions }
    switch message {
    case .groupChanged(let changed) where changed.id == id && pending != nil:
      if group != nil { return [.pop, .toast("Saved.")] }
      return [
        .pop, .push(GroupScreen(changed)),
        .toast(context.sentence(changed.name, "is created. Press m to add members.")),
      ]
    default: receiveFailure(message, context)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    if let conflict { return conflict.view(into: &canvas, rows: rows, context) }
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    if group != nil {
      let words: SafeText =
        "Entries up to this day cannot be added, changed or deleted. Empty: the books are open."
      drawHint(words, into: &canvas, row: row + 1, context)
    }
    guard group == nil, let currency = Currency(code: form["currency"]) else { return }
    canvas.draw("\(currency.code) is \(currency.name).", row: row + 1, column: 2, style: .muted)
  }
}

/// The group as another user changed it meanwhile.
extension GroupForm {
  var version: Int64? { group?.version }
  var reading: Effect { .loadPresent(group: id, entry: nil) }
  var untouched: GroupForm { group.map { GroupForm(renaming: $0) } ?? GroupForm(id: id) }

  func opened(_ present: Present) -> GroupForm? {
    present.data.group.id == id ? GroupForm(renaming: present.data.group) : nil
  }

  func heading(_ present: Present) -> SafeText { "Another user changed the group, while you were writing." }

  mutating func rebase(on present: Present) { group = present.data.group }

  static var parts: [FormPart<GroupForm>] { [.field("name", "Name"), .field("closedUntil", "Closed to")] }
}

/// The draft of the form.
extension GroupForm {
  var draftName: Draft.Name? { Draft.Name(kind: .group, id: id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.group = group?.id
    draft.groupName = group?.name ?? ""
    draft.changedGroup = group
    draft.fields = form.written
    return draft
  }

  /// A form with the input of a draft.
  init(draft: Draft) {
    if let group = draft.changedGroup { self.init(renaming: group) } else { self.init(id: draft.name.id) }
    form.restore(draft.fields)
  }
}
