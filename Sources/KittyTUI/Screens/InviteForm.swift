import KittyShared

/// A form for a new invite: guest, role, days and number of uses.
struct InviteForm: EffectForm {
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
    [
      Binding([.enter, .control("s")], "Enter ^S", "create the invite", .submit, footer: "create"),
      Binding([.tab, .down], "Tab ↓", "next line", .down, footer: "next"),
      Binding([.backTab, .up], "Shift-Tab ↑", "previous line", .up),
      Binding(
        [.character(" "), .right], "Space →", "for whom, role: next choice; ← previous", .toggle,
        footer: "choose"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard focus < Self.choices else { return form.edit(key) }
    guard key == .left else { return false }
    choose(-1)
    return true
  }

  private mutating func choose(_ step: Int) {
    let (people, roles) = (guests.count + 1, Self.roles.count)
    if focus == 0 { guest = (guest + step + people) % people }
    if focus == 1 { role = (role + step + roles) % roles }
    form.error = ""
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let count = Self.choices + form.fields.count
    switch command {
    case .down: focus = (focus + 1) % count
    case .up: focus = (focus + count - 1) % count
    case .toggle: choose(1)
    case .submit:
      let actions = submit()
      if actions.isEmpty { goToError() }
      return actions
    default: break
    }
    form.active = max(0, focus - Self.choices)
    return []
  }

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
    for (line, (label, value)) in lines.enumerated() {
      FormFields.drawChoice(
        label, value, isHere: focus == line, row: rows.lowerBound + line, width: context.width, into: &canvas)
    }
    var row = form.view(
      into: &canvas, row: rows.lowerBound + lines.count, width: context.width,
      isActive: focus >= Self.choices)
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
