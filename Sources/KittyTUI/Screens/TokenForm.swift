import KittyShared

/// A form for a new API token: name, days, rights and group.
struct TokenForm: CreatingForm, ChoosingForm {
  var id: ID
  /// The groups that the token can be limited to; `nil` until they are read.
  private var groups: [Group]?
  private var today: Day
  var form = FormFields([
    .init(name: "name", label: "Name", input: TextField(limit: 64)),
    .init(name: "days", label: "For days", input: TextField(Self.usualDays, limit: 4)),
  ])
  private var rights = 0
  /// The only group of the token; `nil` stands for all groups.
  private var group: ID?
  /// The focused line: the fields, then the two choices.
  private var focus = 0
  /// The open list of the rights or the groups.
  var picker: Picker?
  var pending: Effect?

  init(id: ID, groups: [Group]?, today: Day) {
    self.id = id
    self.groups = groups
    self.today = today
  }

  private static let usualDays = "90"
  private static let rights: [[TokenScope]] = [[.read], [.read, .write], [.write]]
  private static let meanings: [SafeText] = [
    "it sees everything and changes nothing", "it can do what you can do in your groups",
    "it changes, and cannot read",
  ]

  private static func name(ofRights index: Int) -> SafeText {
    rights[index].map { SafeText($0.rawValue) }.joined(", ")
  }

  var title: SafeText { "New token" }
  var hasUnsaved: Bool {
    !form["name"].isEmpty || form["days"] != Self.usualDays || rights != 0 || group != nil
  }
  var refresh: [Effect] { groups == nil ? [.you(.loadGroups)] : [] }
  var bindings: [Binding] {
    if isChoosing { return Picker.bindings }
    return FormFields.entering("make the token", isLast: focus == lineCount - 1) + [
      Binding([.tab, .down], "Tab ↓", "next line", .down),
      Binding([.backTab, .up], "Shift-Tab ↑", "previous line", .up),
    ] + Binding.choosing("rights, group", footer: isInField ? "" : "choose") + [
      Binding([.escape], "Esc", "back", .back, footer: "back")
    ] + FormFields.editing
  }

  private var isInField: Bool { focus < form.fields.count }
  private var lineCount: Int { form.fields.count + 2 }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    isInField ? form.edit(key) : pick(key) ?? false
  }

  var options: [Picker.Option] {
    switch focus - form.fields.count {
    case 0: Self.rights.indices.map { Picker.Option($0, Self.name(ofRights: $0), note: Self.meanings[$0]) }
    case 1:
      [Picker.Option(0, "all groups")]
        + (groups ?? []).enumerated().map { Picker.Option($0.offset + 1, SafeText($0.element.name)) }
    default: []
    }
  }

  var chosen: Int {
    if focus == form.fields.count { return rights }
    return groups?.firstIndex { $0.id == group }.map { $0 + 1 } ?? 0
  }

  mutating func choose(_ value: Int) {
    form.error = ""
    if focus == form.fields.count {
      rights = value
    } else if value == 0 {
      group = nil
    } else if let groups, groups.indices.contains(value - 1) {
      group = groups[value - 1].id
    }
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
      today = context.today
      let actions = submit()
      if actions.isEmpty { goToError() }
      return actions
    default: break
    }
    return []
  }

  /// Checks the line, and moves to another one.
  private mutating func move(_ step: Int) {
    if isInField {
      let typed = self
      form.check(form.fields[form.active].name) { (field) throws(Rejection) in try typed.check(field) }
    }
    focus = (focus + step + lineCount) % lineCount
    form.active = min(focus, form.fields.count - 1)
  }

  func check(_ field: String) throws(Rejection) {
    if field == "name" { try form.text("name", max: 64) } else { _ = try lastDay() }
  }

  private mutating func goToError() {
    if form.fields.contains(where: { !$0.error.string.isEmpty }) { focus = form.active }
  }

  /// The last day of the token; `nil` for no end.
  private func lastDay() throws(Rejection) -> Day? {
    guard let text = form.filled("days") else { return nil }
    guard let days = Int64(text), (1...3650).contains(days) else {
      throw .invalid(
        "days", "not_days", "Write a number of days from 1 to 3650, or leave it empty for no end.")
    }
    return Day(daysSince1970: today.daysSince1970 + days)
  }

  /// The end of the token as a sentence; nothing while the number of days is wrong.
  private var end: SafeText {
    if form.filled("days") == nil { return "It has no end." }
    return (try? lastDay()).map { "It ends after \($0)." } ?? ""
  }

  func effect() throws(Rejection) -> Effect {
    let end = try lastDay().map { Instant(milliseconds: ($0.daysSince1970 + 1) * 86_400_000 - 1000) }
    return .you(
      .createToken(
        try NewToken(
          id: id, name: form["name"], scopes: Self.rights[rights],
          group: group, expiresAt: end
        ).checked()))
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    // The chosen group stays chosen.
    case .you(.groups(let found)): groups = found
    case .you(.tokenMade(let token)) where pending != nil && token.id == id:
      return [
        .pop,
        .push(
          ShownOnceScreen(
            title: "Token",
            words:
              "This is the token \"\(token.name)\". Copy it into the program now: it is not shown again. A program sends it as \"Authorization: Bearer …\".",
            lines: [
              SafeText(token.token ?? "The server sent no secret. Revoke the token, and make another one.")
            ],
            question: "Is the token copied? It is not shown again.")),
      ]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      form.show(failure, "Not made.")
      goToError()
      if case .madeBefore = failure { id = context.newID() }
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let only = groups?.first { $0.id == group }.map { SafeText($0.name) }
    let choices: [(SafeText, SafeText)] = [
      ("Rights", Self.name(ofRights: rights)), ("Group", group == nil ? "all groups" : only ?? "one group"),
    ]
    var row = form.view(into: &canvas, row: rows.lowerBound, width: context.width, isActive: isInField)
    for (offset, (label, value)) in choices.enumerated() {
      row = Picker.drawLine(
        label, value, isHere: focus == form.fields.count + offset, open: picker, row: row,
        width: context.width, into: &canvas)
    }
    let meaning = "\(Self.name(ofRights: rights)): \(Self.meanings[rights]). \(end)" as SafeText
    drawHint(meaning, into: &canvas, row: row + 1, context)
  }
}

/// The draft of the form.
extension TokenForm {
  var draftName: Draft.Name? { Draft.Name(kind: .token, id: id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.fields = form.written
    draft.choices = ["rights": Self.name(ofRights: rights).string]
    if let group { draft.choices["only"] = group.description }
    return draft
  }

  /// A form with the input of a draft.
  init(draft: Draft, today: Day) {
    self.init(id: draft.name.id, groups: nil, today: today)
    form.restore(draft.fields)
    rights = Self.rights.indices.first { Self.name(ofRights: $0).string == draft.choices["rights"] } ?? 0
    group = draft.choices["only"].flatMap { ID($0) }
  }
}
