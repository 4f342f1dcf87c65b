import KittyShared

/// A form for a rule: the entry that recurs, in the form of its kind, then its days, with a preview of the next ones.
struct RecurringForm: CreatingForm {
  /// The kind of entry.
  enum Kind: String, Sendable { case expense, payment }

  /// The part of the form that is shown.
  enum Page: Sendable { case entry, days }

  let data: GroupData
  var id: ID
  let today: Day
  /// The rule to change.
  var old: Recurring?
  var kind: Kind
  var entry: any RuleEntryForm
  var page = Page.entry
  /// The fields of the days.
  var form: FormFields
  private let before: [String]
  private let entryBefore: [String]
  var pending: Effect?

  /// The number of days that the preview shows.
  private static let previewed = 6
  private static let modes = ["book it", "propose it"]

  /// A form for a new rule.
  init(_ data: GroupData, _ kind: Kind = .expense, id: ID, today: Day) {
    self.init(data, kind, id: id, today: today, old: nil)
  }

  /// A form that changes a rule.
  init(_ data: GroupData, changing rule: Recurring, today: Day) {
    self.init(
      data, rule.template.payment == nil ? .expense : .payment, id: rule.id, today: today, old: rule)
  }

  private init(_ data: GroupData, _ kind: Kind, id: ID, today: Day, old: Recurring?) {
    self.data = data
    self.id = id
    self.today = today
    self.old = old
    self.kind = kind
    entry = Self.entryForm(data, kind, id: id, today: today, old?.template)
    let day = old?.next?.date ?? today
    let units = Recurrence.Unit.allCases.enumerated().map {
      Picker.Option($0.offset, "\($0.element.rawValue)s")
    }
    form = FormFields([
      .init(name: "n", label: "Every", input: TextField("\(old?.every.n ?? 1)", limit: 4)),
      .init(
        name: "unit", label: "Unit", input: TextField("\((old?.every.unit ?? .month).rawValue)s", limit: 8),
        choices: units),
      .init(
        name: "from", label: old == nil ? "From" : "Next",
        input: TextField(day.description, limit: 16)),
      .init(name: "until", label: "Until", input: TextField(old?.until?.description ?? "", limit: 16)),
      .init(name: "times", label: "Times", input: TextField(old?.times.map { "\($0)" } ?? "", limit: 6)),
      .init(
        name: "mode", label: "Then",
        input: TextField(Self.modes[old?.mode == .propose ? 1 : 0], limit: 16),
        choices: Self.modes.enumerated().map { Picker.Option($0.offset, SafeText($0.element)) }),
      .init(
        name: "zone", label: "Time zone", input: TextField(old?.zone ?? "", limit: 64),
        aside: old == nil ? "empty: that of your account" : ""),
    ])
    before = form.fields.map(\.input.text)
    entryBefore = entry.written
  }

  /// Returns the form of the entry of a rule.
  static func entryForm(
    _ data: GroupData, _ kind: Kind, id: ID, today: Day, _ template: RecurringTemplate?
  ) -> any RuleEntryForm {
    kind == .expense
      ? ExpenseForm(data, id: id, today: today, template: template?.expense)
      : PaymentForm(data, id: id, today: today, template: template?.payment)
  }

  var title: SafeText {
    let name: SafeText = old == nil ? "New rule" : "Change rule"
    return page == .entry ? name : "\(name): days"
  }
  var isEntryChanged: Bool { entry.written != entryBefore }
  var hasUnsaved: Bool { isEntryChanged || form.fields.map(\.input.text) != before }
  var bindings: [Binding] {
    guard page == .days else { return entry.bindings }
    return form.bindings(submit: old == nil ? "add" : "save").map { binding in
      guard form.picker == nil, binding.command == .back else { return binding }
      return Binding([.escape], "Esc", "back to the entry", .back, footer: "entry")
    }
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    page == .entry ? entry.edit(key, context) : form.edit(key)
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch (page, command) {
    case (.entry, .confirm):
      page = .days
      return []
    case (.entry, _): return entry.perform(command, context)
    case (.days, .back): return [.command(.previousPanel)]
    case (.days, .previousPanel):
      page = .entry
      return []
    case (.days, .up) where form.active == 0 && form.picker == nil:
      page = .entry
      return []
    default: return performFields(command)
    }
  }

  private func isChanged(_ names: String...) -> Bool { isChanged(names) }

  /// Returns `true` when one of the fields of the days was changed.
  func isChanged(_ names: [String]) -> Bool {
    names.contains { name in
      guard let index = form.fields.firstIndex(where: { $0.name == name }) else { return false }
      return form.fields[index].input.text != before[index]
    }
  }

  private var count: Int64 {
    get throws(Rejection) {
      guard let count = Int64(form["n"].trimmed), (1...Recurrence.maxStep).contains(count) else {
        throw .invalid("n", "out_of_range", "Write a whole number from 1 to \(Recurrence.maxStep).")
      }
      return count
    }
  }

  private var unit: Recurrence.Unit {
    get throws(Rejection) {
      guard let unit = Recurrence.Unit.allCases.first(where: { form["unit"].trimmed == $0.rawValue + "s" })
      else { throw .invalid("unit", "unknown_unit", "Choose days, weeks, months or years.") }
      return unit
    }
  }

  private var every: Every {
    get throws(Rejection) { Every(try count, try unit) }
  }

  private var zone: String? {
    get throws(Rejection) {
      guard let zone = form.filled("zone") else {
        guard old == nil else { throw .invalid("zone", "blank", "Write a time zone such as Europe/Berlin.") }
        return nil
      }
      var checks = FieldChecks()
      checks.timeZone(zone, "zone")
      if let error = checks.errors.first { throw .invalid([error]) }
      return zone
    }
  }

  private var until: Day? {
    get throws(Rejection) {
      guard form.filled("until") != nil else { return nil }
      return try form.day("until", today: today)
    }
  }

  private var times: Int64? {
    get throws(Rejection) {
      guard let text = form.filled("times") else { return nil }
      guard let count = Int64(text), (1...100_000).contains(count) else {
        throw .invalid("times", "out_of_range", "Write a whole number from 1 to 100000, or nothing.")
      }
      return count
    }
  }

  private var mode: Recurring.Mode { form["mode"] == Self.modes[1] ? .propose : .book }

  func check(_ field: String) throws(Rejection) {
    switch field {
    case "n": _ = try count
    case "unit": _ = try unit
    case "from": _ = try form.day("from", today: today)
    case "until": _ = try until
    case "times": _ = try times
    case "zone": _ = try zone
    default: break
    }
  }

  func effect() throws(Rejection) -> Effect {
    let group = data.group.id
    guard let old else {
      return .makeRecurring(
        group: group,
        try NewRecurring(
          id: id, template: try entry.template(), every: try every, from: try form.day("from", today: today),
          until: try until, times: try times, zone: try zone, mode: mode
        ).checked())
    }
    var change = RecurringChange()
    if isEntryChanged { change.template = try entry.template() }
    if isChanged("n", "unit") { change.every = try every }
    if isChanged("from") { change.from = try form.day("from", today: today) }
    if isChanged("until") { change.until = try until.map { .set($0) } ?? .clear }
    if isChanged("times") { change.times = try times.map { .set($0) } ?? .clear }
    if isChanged("mode") { change.mode = mode }
    if isChanged("zone") { change.zone = try zone }
    guard change != RecurringChange() else {
      throw .invalid("", "nothing_to_change", "Nothing is changed yet. Esc goes back.")
    }
    return .changeRecurring(group: group, rule: old.id, version: old.version, try change.checked())
  }

  private var reading: Effect { .loadRule(group: data.group.id, rule: id) }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .recurringSaved(data.group.id, let rule) where pending != nil && rule.id == id:
      return [.pop, .toast(old == nil ? context.sentence(rule.name.string, "is added.") : "Saved.")]
    case .failed(let effect, .problem(let problem))
    where effect == pending && effect != reading && problem.isStale:
      pending = reading
      return [.run(reading)]
    case .rule(data.group.id, let present) where pending == reading && present.rule.id == id:
      pending = nil
      return rebase(on: present.rule)
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      if case .madeBefore = failure { id = context.newID() }
      show(failure)
    default: break
    }
    return []
  }

  /// Shows a refusal beside its fields: those of the entry are on its page.
  private mutating func show(_ failure: ClientFailure) {
    guard case .problem(let problem) = failure, let errors = problem.errors else {
      return form.show(failure, "Not saved.")
    }
    let ofEntry = "template.\(kind.rawValue)."
    let isOfEntry = errors.contains { $0.field.hasPrefix(ofEntry) }
    let own = errors.map {
      FieldError(
        field: $0.field.replacing(isOfEntry ? ofEntry : "every.", with: "", maxReplacements: 1),
        code: $0.code, message: $0.message)
    }
    var plain = Problem(problem.status, problem.code, problem.title, problem.detail, errors: own)
    plain.requestId = problem.requestId
    guard isOfEntry else { return form.show(.problem(plain), "Not saved.") }
    page = .entry
    entry.refuse(.problem(plain))
  }

  /// The next days of the rule as it is written; empty while it cannot be read.
  private var days: [Day] {
    guard let every = try? every, let from = try? form.day("from", today: today) else { return [] }
    var rule = Recurrence(from: from, step: every.n, unit: every.unit)
    if let old {
      var change = RecurringChange()
      if isChanged("n", "unit") { change.every = every }
      if isChanged("from") { change.from = from }
      rule = (try? change.applied(to: old.recurrence, next: old.next?.k ?? old.first, last: nil)) ?? rule
    }
    rule.until = try? until
    rule.times = try? times
    let first = old?.next?.k ?? rule.first
    return (first..<(first + Int64(Self.previewed))).prefix { rule.day($0) != nil }.compactMap {
      rule.day($0)
    }
  }

  /// The entry in a sentence.
  private var entryWords: SafeText {
    guard let template = try? entry.template(),
      let amount = try? template.amount?.amount(in: template.currency ?? data.group.currency)
    else { return "" }
    let name = SafeText(template.description ?? "")
    let worth = SafeText(Money(amount: amount.minorUnits, currency: amount.currency))
    let sum: SafeText = name.string.isEmpty ? "\(worth)." : "\(name), \(worth)."
    guard let expense = template.expense else { return sum }
    let isDefault = expense.split == nil && expense.participants == nil
    return isDefault ? "\(sum) It is split as the group splits by default on each day." : sum
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard page == .days else { return entry.view(into: &canvas, rows: rows, context) }
    let row = form.view(into: &canvas, row: rows.lowerBound, width: context.width)
    let days = days
    var words = entryWords
    if let last = days.last {
      let list = days.dropLast().reduce("" as SafeText) { "\($0)\($1.weekday.short) \($1), " }
      words =
        "\(words) Next: \(list)\(last.weekday.short) \(last)\(days.count < Self.previewed ? ", then it ends." : " …")"
    }
    drawHint(words, into: &canvas, row: row + 1, context)
  }
}

/// The draft of the form.
extension RecurringForm {
  var draftName: Draft.Name? { Draft.Name(kind: .recurring, id: id) }

  var draft: Draft? {
    guard hasUnsaved, let name = draftName else { return nil }
    var draft = Draft(name)
    draft.group = data.group.id
    draft.groupName = data.group.name
    draft.rule = old
    draft.fields = form.written
    draft.choices["kind"] = kind.rawValue
    entry.write(to: &draft)
    return draft
  }

  /// A form with the input of a draft.
  init(_ data: GroupData, today: Day, draft: Draft) {
    let kind = draft.choices["kind"].flatMap { Kind(rawValue: $0) } ?? .expense
    self.init(data, kind, id: draft.name.id, today: today, old: draft.rule)
    form.restore(draft.fields)
    entry.restore(draft)
  }
}
