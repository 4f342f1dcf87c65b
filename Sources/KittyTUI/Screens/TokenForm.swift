import KittyShared

/// A form for a new API token: name, rights, group and days.
struct TokenForm: CreatingForm {
  var id: ID
  /// The groups that the token can be limited to.
  private var groups: [Group]
  private var today: Day
  var form = FormFields([
    .init(name: "name", label: "Name", input: TextField(limit: 64)),
    .init(name: "days", label: "For days", input: TextField("90", limit: 4)),
  ])
  private var rights = 0
  /// The index among the groups plus one; 0 stands for all groups.
  private var group = 0
  /// The focused line: the fields, then the two choices.
  private var focus = 0
  var pending: Effect?

  init(id: ID, groups: [Group]?, today: Day) {
    self.id = id
    self.groups = groups ?? []
    self.today = today
  }

  private static let rights: [[TokenScope]] = [[.read], [.read, .write], [.write]]
  private static let meanings: [SafeText] = [
    "read: it sees everything and changes nothing", "read, write: it can do what you can do in your groups",
    "write: it changes, and cannot read",
  ]

  var title: SafeText { "New token" }
  var hasUnsaved: Bool { !form["name"].isEmpty }
  var bindings: [Binding] {
    [
      Binding([.enter, .control("s")], "Enter ^S", "make the token", .submit, footer: "make it"),
      Binding([.tab, .down], "Tab ↓", "next line", .down, footer: "next"),
      Binding([.backTab, .up], "Shift-Tab ↑", "previous line", .up),
      Binding(
        [.character(" "), .right], "Space →", "rights, group: next choice; ← previous", .toggle,
        footer: "choose"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  private var isInField: Bool { focus < form.fields.count }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard !isInField else { return form.edit(key) }
    guard key == .left else { return false }
    choose(-1)
    return true
  }

  private mutating func choose(_ step: Int) {
    if focus == form.fields.count { rights = (rights + step + Self.rights.count) % Self.rights.count }
    if focus == form.fields.count + 1 { group = (group + step + groups.count + 1) % (groups.count + 1) }
    form.error = ""
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let count = form.fields.count + 2
    switch command {
    case .down: focus = (focus + 1) % count
    case .up: focus = (focus + count - 1) % count
    case .toggle: choose(1)
    case .submit:
      today = context.today
      let actions = submit()
      if actions.isEmpty { goToError() }
      return actions
    default: break
    }
    form.active = min(focus, form.fields.count - 1)
    return []
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
          group: group == 0 ? nil : groups[group - 1].id, expiresAt: end
        ).checked()))
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .you(.groups(let found)):
      // The chosen group stays chosen.
      let chosen = group == 0 ? nil : groups[group - 1].id
      groups = found
      group = chosen.flatMap { id in found.firstIndex { $0.id == id }.map { $0 + 1 } } ?? 0
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
    let row = rows.lowerBound
    let chosen: SafeText = group == 0 ? "all groups" : SafeText(groups[group - 1].name)
    let choices: [(SafeText, SafeText)] = [
      ("Rights", Self.rights[rights].map { SafeText($0.rawValue) }.joined(", ")), ("Group", chosen),
    ]
    let next = form.view(into: &canvas, row: row, width: context.width, isActive: isInField)
    for (offset, (label, value)) in choices.enumerated() {
      FormFields.drawChoice(
        label, value, isHere: focus == form.fields.count + offset, row: next + offset, width: context.width,
        into: &canvas)
    }
    drawHint("\(Self.meanings[rights]). \(end)", into: &canvas, row: next + choices.count + 1, context)
  }
}
