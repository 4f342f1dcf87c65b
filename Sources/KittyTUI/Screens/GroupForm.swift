import KittyShared

/// A form for a new group, or for the name of a group and the day up to which its books are closed.
struct GroupForm: CreatingForm, VersionedForm {
  var form: FormFields
  private var group: Group?
  var id: ID
  private let original: FormFields
  private let today: Day
  var pending: Effect?
  /// The open choice between two versions, shown over the form.
  var conflict: Conflict?

  /// A form for a new group.
  init(id: ID, currency: Currency? = nil) {
    self.id = id
    group = nil
    today = .last
    form = FormFields([
      .init(name: "name", label: "Name", input: TextField(limit: 64)),
      .init(
        name: "currency", label: "Currency", input: TextField(currency?.code ?? "EUR", limit: 64),
        choices: Picker.Option.currencies(first: currency.map { [$0] } ?? [])),
    ])
    original = form
  }

  /// A form to rename a group and to close its books.
  /// - Parameter field: The field that has the focus.
  init(renaming group: Group, today: Day, at field: String = "name") {
    id = group.id
    self.today = today
    self.group = group
    form = FormFields([
      .init(name: "name", label: "Name", input: TextField(group.name, limit: 64)),
      .init(
        name: "closedUntil", label: "Closed to",
        input: TextField(group.closedUntil?.description ?? "", limit: 16)),
    ])
    form.active = form.fields.firstIndex { $0.name == field } ?? 0
    original = form
  }

  var title: SafeText { group == nil ? "New group" : "Edit group" }
  var hasUnsaved: Bool { form.fields.map(\.input.text) != original.fields.map(\.input.text) }
  var isEditing: Bool { conflict == nil }
  var bindings: [Binding] {
    conflict == nil ? form.bindings(submit: "save") : Conflict.bindings
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    performConflict(command) ?? performFields(command)
  }

  func check(_ field: String) throws(Rejection) {
    switch field {
    case "name": try form.text("name", max: 64)
    case "currency": _ = try form.currency()
    default: _ = try closedUntil
    }
  }

  /// The day up to which the books are closed; `nil` for open books.
  private var closedUntil: Day? {
    get throws(Rejection) {
      form.filled("closedUntil") == nil ? nil : try form.day("closedUntil", today: today)
    }
  }

  func effect() throws(Rejection) -> Effect {
    guard let group else {
      return .createGroup(try NewGroup(id: id, name: form["name"], currency: try form.currency()).checked())
    }
    let change = GroupChange(
      name: form["name"], closedUntil: Patch(try closedUntil, was: group.closedUntil))
    return .changeGroup(id, version: group.version, try change.checked())
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if let actions = receiveConflict(message) { return actions }
    switch message {
    case .groupChanged(let changed) where changed.id == id && pending != nil:
      if group != nil { return [.pop, .toast("Saved.")] }
      return [
        .pop, .push(GroupScreen(changed)),
        .toast(context.sentence(changed.name, "is created. Press \(key: .addMember, "m") to add members.")),
      ]
    default: receiveFailure(message, context)
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    if let conflict { return conflict.view(into: &canvas, rows: rows, context) }
    var form = form
    if group != nil { form.sayDay("closedUntil", today: today) }
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
  var untouched: GroupForm { group.map { GroupForm(renaming: $0, today: today) } ?? GroupForm(id: id) }

  func opened(_ present: Present) -> GroupForm? {
    present.data.group.id == id ? GroupForm(renaming: present.data.group, today: today) : nil
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
  init(draft: Draft, today: Day) {
    if let group = draft.changedGroup {
      self.init(renaming: group, today: today)
    } else {
      self.init(id: draft.name.id)
    }
    form.restore(draft.fields)
  }
}
