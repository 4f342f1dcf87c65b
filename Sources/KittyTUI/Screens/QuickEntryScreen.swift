import KittyShared

/// An expense in one line, as in docs/cli.md, with what it is understood as below it.
struct QuickEntryScreen: Screen {
  let data: GroupData
  private(set) var id: ID
  let today: Day
  private(set) var line = TextField(limit: 1000)
  /// The names that the typed one could become.
  private(set) var names: Picker?
  /// The submitted expense, while its result is not known.
  private(set) var pending: Effect?
  /// The failure of the last attempt.
  private(set) var error: SafeText = ""
  /// `true` after Enter on a line that is not complete.
  private(set) var isWanted = false

  init(_ data: GroupData, id: ID, today: Day) {
    self.data = data
    self.id = id
    self.today = today
  }

  var title: SafeText { "Add in one line" }
  var isEditing: Bool { true }
  var isLocked: Bool { pending != nil }
  var hasUnsaved: Bool { !line.text.trimmed.isEmpty }
  /// The draft is one of the form, which has the same id.
  var draftName: Draft.Name? { .init(kind: .expense, id: id) }
  var draft: Draft? {
    hasUnsaved ? ExpenseForm(data, id: id, today: today, reading: reading).draft : nil
  }
  var bindings: [Binding] {
    [
      Binding([.enter, .control("s")], "Enter ^S", "save the expense", .submit, footer: "save"),
      Binding(
        [.tab], "Tab", "complete the name after @, + or -", .complete, footer: names == nil ? "" : "complete"),
      Binding([.control("e")], "^E", "open the form with what is understood", .edit, footer: "form"),
      Binding(
        [], "↑↓", "choose among the names; also PgUp, PgDn", .nextPanel, footer: names == nil ? "" : "choose"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
      Binding([.control("g"), .f1], "^G F1", "this help", .help, footer: "help"),
      Binding([.control("p")], "^P", "go anywhere; the line stays open below", .palette),
      .lastError,
      Binding([], "← → ^A", "move in the line, to its start", .help),
      Binding([], "^W ^U ^K", "delete word, before, after", .help),
    ]
  }

  private var group: QuickGroup {
    QuickGroup(currency: data.group.currency, members: data.present, me: data.group.me, today: today)
  }

  /// The line as it is understood.
  var reading: QuickReading { QuickReading(line.text, in: group) }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    if names != nil, [.up, .down, .pageUp, .pageDown].contains(key) {
      _ = names?.press(key)
      return true
    }
    // ^E is for the form; the End key goes to the end of the line.
    guard key != .control("e"), line.edit(key) else { return false }
    (error, isWanted) = ("", false)
    lookUp()
    return true
  }

  /// Finds the names for the word before the cursor. A complete name needs no list.
  private mutating func lookUp() {
    names = nil
    guard let word = QuickCompletion(in: line.characters, cursor: line.position) else { return }
    var list = Picker(options(for: word.sign), at: nil)
    if !word.typed.isEmpty { _ = list.press(.paste(word.typed)) }
    if list.matches.count == 1, list.matches.first?.name.string.nameKey == word.typed.nameKey { return }
    names = list.matches.isEmpty ? nil : list
  }

  /// The members, and for a payer the kitty, which is the value before the first.
  private func options(for sign: QuickWord.Sign) -> [Picker.Option] {
    let people = data.present.enumerated().map {
      (value: $0.offset, account: LedgerAccount?.some(.member($0.element.id)))
    }
    return sign == .paid
      ? data.options(people + [(people.count, .kitty)], by: { ($0.payers ?? []).map(\.account) }, "paid")
      : data.options(people, by: { $0.shares?.map { .member($0.member) } ?? [] }, "took part in")
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    switch command {
    case .complete: return complete()
    case .edit:
      return [.pop, .push(ExpenseForm(data, id: id, today: today, reading: reading))]
    case .submit: return submit()
    default: return []
    }
  }

  private mutating func complete() -> [Action] {
    guard let word = QuickCompletion(in: line.characters, cursor: line.position), let value = names?.value
    else {
      return [.toast("Tab completes a name after @ (who paid), + or - (for whom).")]
    }
    let people = data.present
    let name = people.indices.contains(value) ? QuickCompletion.text(of: people[value], in: people) : "kitty"
    let isAtEnd = line.position == line.characters.count
    line.replace(word.range, with: "\(word.sign.rawValue)\(name)\(isAtEnd ? " " : "")")
    (names, error, isWanted) = (nil, "", false)
    return []
  }

  private mutating func submit() -> [Action] {
    (error, isWanted) = ("", true)
    do {
      let entry = try reading.entry.get()
      let effect = Effect.createExpense(group: data.group.id, try entry.expense(id: id))
      pending = effect
      return [.run(effect)]
    } catch let refusal as Rejection {
      error = "Not saved. \(refusal.errors?.first?.message ?? refusal.detail)"
    } catch {
      // The reason is on the screen while the line is read.
    }
    return []
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .entered where pending != nil:
      return [.pop, .toast(context.sentence(reading.description, "is saved."))]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      return show(failure, context)
    default: return []
    }
  }

  /// Shows why it was not saved. The line stays, and the same id is sent again: it cannot be entered twice.
  private mutating func show(_ failure: ClientFailure, _ context: Context) -> [Action] {
    if case .savedBefore(let entry) = failure {
      // The line was changed after the first attempt, which was saved: the form changes that entry to it.
      var form = ExpenseForm(data, id: id, today: today, changing: entry)
      form.take(ExpenseForm(data, id: id, today: today, reading: reading))
      form.form.error = SafeText(failure.message)
      return [.pop, .push(form)]
    }
    if case .madeBefore = failure { id = context.newID() }
    var fields = FormFields([])
    fields.show(failure, "Not saved.", again: "Enter again is safe: it cannot be entered twice.")
    error = fields.error
    return []
  }
}
