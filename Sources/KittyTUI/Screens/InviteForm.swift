import KittyShared

/// A form for a new invite: guest, role, days and number of uses.
struct InviteForm: EffectForm, ChoosingForm {
  private let data: GroupData
  private var id: ID
  private let guests: [Member]
  /// The index among the guests plus one; 0 stands for a new member.
  private var guest = 0
  private var role = 0
  var form = FormFields([
    .init(name: "days", label: "Days", input: TextField("7", limit: 3)),
    .init(name: "maxUses", label: "Max uses", input: TextField("1", limit: 4)),
  ])
  /// The focused line: the two choices, then the fields.
  private var focus = 0
  /// The open list of the guests or the roles.
  var picker: Picker?
  var pending: Effect?

  init(_ data: GroupData, id: ID) {
    self.data = data
    self.id = id
    guests = data.present.filter { $0.role == .guest }
  }

  private static let roles: [Member.Role] = [.member, .viewer, .admin]
  private static let choices = 2
  private static let preset = ["7", "1"]

  var title: SafeText { "New invite" }
  var hasUnsaved: Bool { form.fields.map(\.input.text) != Self.preset || guest != 0 || role != 0 }
  var bindings: [Binding] {
    if isChoosing { return Picker.bindings }
    return FormFields.entering("create", isLast: focus == lineCount - 1) + [
      Binding([.tab, .down], "Tab ↓", "next line", .down),
      Binding([.backTab, .up], "Shift-Tab ↑", "previous line", .up),
    ] + Binding.choosing("for whom, role", footer: focus < Self.choices ? "choose" : "") + [
      Binding([.escape], "Esc", "back", .back, footer: "back")
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard focus < Self.choices else { return form.edit(key) }
    return pick(key) ?? false
  }

  private var lineCount: Int { Self.choices + form.fields.count }

  var options: [Picker.Option] {
    switch focus {
    case 0:
      [Picker.Option(0, "new member")]
        + guests.enumerated().map { Picker.Option($0.offset + 1, SafeText($0.element.name)) }
    case 1:
      Self.roles.enumerated().map {
        Picker.Option($0.offset, "\($0.element.rawValue)", note: "can \($0.element.meaning)")
      }
    default: []
    }
  }

  var chosen: Int { focus == 0 ? guest : role }

  mutating func choose(_ value: Int) {
    if focus == 0 { guest = value } else { role = value }
    form.error = ""
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let wasChoosing = isChoosing
    guard settle() else { return [] }
    switch command {
    case .down: move(1)
    case .up: move(-1)
    case .nextPanel: turn(1)
    case .open where focus != lineCount - 1: move(1)
    case .open where wasChoosing: break
    case .open, .submit:
      let actions = submit()
      if actions.isEmpty { goToError() }
      return actions
    default: break
    }
    return []
  }

  /// Checks the line, and moves to another one.
  private mutating func move(_ step: Int) {
    if focus >= Self.choices {
      let typed = self
      form.check(form.fields[form.active].name) { (field) throws(Rejection) in try typed.check(field) }
    }
    focus = (focus + step + lineCount) % lineCount
    form.active = max(0, focus - Self.choices)
  }

  func check(_ field: String) throws(Rejection) { _ = try number(field) }

  func effect() throws(Rejection) -> Effect {
    .createInvite(
      group: data.group.id,
      try NewInvite(
        id: id, role: Self.roles[role], guest: guest == 0 ? nil : guests[guest - 1].id,
        maxUses: try number("maxUses"), days: try number("days")
      ).checked())
  }

  private func number(_ name: String) throws(Rejection) -> Int {
    guard let number = Int(form.filled(name) ?? "") else {
      throw .invalid(name, "not_a_number", "Write a whole number, such as \(name == "days" ? 7 : 1).")
    }
    return number
  }

  /// Moves the focus to the field with an error, if there is one.
  private mutating func goToError() {
    if form.fields.contains(where: { !$0.error.string.isEmpty }) { focus = Self.choices + form.active }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .inviteMade(data.group.id, _) where pending != nil:
      return [.pop, .toast("Created. Send its code to the person.")]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(failure, "Not created.")
      goToError()
      if case .madeBefore = failure { id = context.newID() }
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let who: SafeText = guest == 0 ? "new member" : SafeText(guests[guest - 1].name)
    let lines: [(SafeText, SafeText)] = [("For whom", who), ("Role", "\(Self.roles[role].rawValue)")]
    var row = rows.lowerBound
    for (line, (label, value)) in lines.enumerated() {
      row = Picker.drawLine(
        label, value, isHere: focus == line, open: picker, row: row, width: context.width, into: &canvas)
    }
    row = form.view(into: &canvas, row: row, width: context.width, isActive: focus >= Self.choices)
    let whose: SafeText =
      guest == 0
      ? "A person with the code joins as \(Self.roles[role].withArticle), who can \(Self.roles[role].meaning)."
      : "A person with the code becomes \(who) and takes over the entries of \(who)."
    for line in whose.wrapped(to: max(10, context.width - 4)) where row + 1 < rows.upperBound {
      row += 1
      canvas.draw(line, row: row, column: 2, style: .muted)
    }
  }
}

/// The draft of the form.
extension InviteForm {
  var draftName: Draft.Name? { Draft.Name(kind: .invite, id: id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.group = data.group.id
    draft.groupName = data.group.name
    draft.fields = form.written
    draft.choices = ["role": Self.roles[role].rawValue]
    if guest > 0 { draft.choices["guest"] = guests[guest - 1].id.description }
    return draft
  }

  /// A form with the input of a draft.
  init(_ data: GroupData, draft: Draft) {
    self.init(data, id: draft.name.id)
    form.restore(draft.fields)
    role = Self.roles.firstIndex { $0.rawValue == draft.choices["role"] } ?? role
    guard let wanted = draft.choices["guest"] else { return }
    if let index = guests.firstIndex(where: { $0.id.description == wanted }) {
      guest = index + 1
    } else {
      form.error = FormFields.incomplete
    }
  }
}
