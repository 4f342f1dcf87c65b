import KittyShared

/// A form for a new or changed expense: description, amount, payers, participants, and a preview of the shares. Rare
/// fields are hidden at first: ^O shows currency, rate and note, and the payer "several" shows the amounts of payers.
struct ExpenseForm: Screen {
  /// A line that can have the focus.
  enum Line: Hashable {
    case field(Int)
    case payer
    case paid(Int)
    case split
    case item(Int)
    case newItem
    /// Tax, tip or discount.
    case extra(Int)
    case person(Int)
  }

  let data: GroupData
  private(set) var id: ID
  let today: Day
  /// The expense to change.
  private(set) var old: Entry?
  private(set) var form: FormFields
  /// The possible payers; `nil` stands for several.
  let payers: [LedgerAccount?]
  private(set) var payer: Int
  private(set) var several: PayerFields
  var split: SplitFields
  var focus = Line.field(0)
  /// The open item, shown over the form.
  var editor: ItemEditor?
  private var pending: Effect?
  /// The input when the form was opened.
  private var before: [String] = []

  /// The number of fields that are always visible. ^O shows the others.
  private static let simple = 3

  /// - Parameter old: The expense to change; `nil` for a new one.
  init(_ data: GroupData, id: ID, today: Day, changing old: Entry? = nil) {
    self.data = data
    self.id = old?.id ?? id
    self.today = today
    self.old = old
    let currency = old?.currency ?? data.group.currency
    form = FormFields(
      [
        .init(name: "description", label: "What for", input: TextField(old?.description ?? "", limit: 200)),
        .init(
          name: "amount", label: "Amount",
          input: TextField(old.map { Amount($0.amount, currency).decimal } ?? "", limit: 32)),
        .init(name: "date", label: "Date", input: TextField((old?.date ?? today).description, limit: 10)),
        .init(name: "currency", label: "Currency", input: TextField(currency.code, limit: 3)),
        .init(name: "rate", label: "Rate", input: TextField(old?.rate?.text ?? "", limit: 13)),
        .init(name: "note", label: "Note", input: TextField(old?.note ?? "", limit: 2000)),
      ], shown: Self.simple)
    // Former members stay on an old expense.
    let named = Set((old?.shares ?? []).map(\.member) + (old?.payers ?? []).compactMap(\.account.member))
    let people = data.members.filter { $0.removedAt == nil || named.contains($0.id) }
    let accounts = people.map { LedgerAccount.member($0.id) } + [.kitty]
    let areSeveral = (old?.payers?.count ?? 1) > 1
    payers = people.map { .member($0.id) } + [nil, .kitty]
    several = PayerFields(accounts, payers: areSeveral ? old?.payers ?? [] : [], currency: currency)
    let paid = areSeveral ? nil : old?.payers?.first?.account ?? .member(data.group.me)
    payer = payers.firstIndex { $0 == paid } ?? 0
    split = SplitFields(people, rule: old?.split, currency: currency)
    if isUnusual { form.shown = form.fields.count }
    before = written
  }

  var isSeveral: Bool { payers[payer] == nil }
  var participants: Set<ID> { split.participants }
  /// `true` when a field is filled that a simple expense does not need.
  private var isUnusual: Bool {
    form["currency"].uppercased() != data.group.currency.code || form.filled("rate") != nil
      || form.filled("note") != nil
  }

  /// The lines that can have the focus, from the top.
  private var lines: [Line] {
    (0..<form.shown).map { .field($0) } + [.payer]
      + (isSeveral ? several.accounts.indices.map { .paid($0) } : []) + [.split] + itemLines
      + split.people.indices.map { .person($0) }
  }

  private var written: [String] {
    form.fields.map(\.input.text) + ["\(payer)", "\(split.method)", "\(split.bearers)"] + several.written
      + split.items.written + split.people.map { split.values[$0.id]?.text ?? "" }
  }

  var title: SafeText { old == nil ? "New expense" : "Edit expense" }
  var isEditing: Bool { true }
  var hasUnsaved: Bool { written != before }

  var bindings: [Binding] {
    if editor != nil { return Self.itemBindings + FormFields.editing }
    let isOpen = form.shown > Self.simple
    let items = [
      Binding([.control("n")], "^N", "add an item", .addExpense, footer: "item"),
      Binding([.control("r"), .delete], "^R Del", "remove the item", .remove),
    ]
    return [
      Binding([.control("s")], "^S", "save from any line", .submit, footer: "save"),
      Binding([.enter], "Enter", "next line; after the amount: save", .open, footer: "next"),
      Binding(
        [.control("o")], "^O", "currency, rate, note: show, hide", .more, footer: isOpen ? "less" : "more"),
    ] + (split.method == .items ? items : []) + [
      Binding([.tab, .down], "Tab ↓", "next line", .down),
      Binding([.backTab, .up], "Shift-Tab ↑", "previous line", .up),
      Binding(
        [.character(" ")], "Space", "for whom: select or not; else: next choice", .toggle, footer: "toggle"),
      Binding([.left, .right], "← →", "payer (also several), split method", .nextPanel),
      Binding([.control("x")], "^X", "for whom: all, none", .toggleAll, footer: "all/none"),
      Binding([.escape], "Esc", "back", .back, footer: "back"),
    ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    if let editor { return editItem(key, editor) }
    switch focus {
    case .item, .newItem: return false
    case .extra(let index):
      split.error = ""
      return key != .character(" ") && split.items.extras[index].edit(key)
    case .person(let index): return split.edit(key, index)
    case .paid(let index): return several.edit(key, index)
    case .field(let index):
      form.active = index
      return form.edit(key)
    case .payer, .split:
      // Both arrows work on lines with a choice.
      guard key == .left else { return false }
      choose(-1)
      return true
    }
  }

  private mutating func choose(_ step: Int) {
    if focus == .payer { payer = (payer + step + payers.count) % payers.count }
    if focus == .split { split.turn(step) }
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if let editor { return performItem(command, editor) }
    switch (command, focus) {
    case (.open, .item(let index)), (.toggle, .item(let index)):
      openItem(index)
      return []
    case (.open, .newItem), (.toggle, .newItem):
      openItem(nil)
      return []
    case (.remove, .item(let index)):
      removeItem(index)
      return []
    default: break
    }
    switch command {
    case .addExpense where split.method == .items: openItem(nil)
    case .down: move(1)
    case .up: move(-1)
    case .toggle, .nextPanel:
      if case .person(let index) = focus {
        if command == .toggle { split.toggle(index) }
      } else {
        choose(1)
      }
    case .toggleAll: split.toggleAll()
    case .more: return toggleMore()
    case .open:
      // A usual expense is: description, Enter, amount, Enter.
      if focus == .field(0) { focus = .field(1) } else { return submit() }
    case .submit: return submit()
    default: break
    }
    return []
  }

  private mutating func move(_ step: Int) {
    let lines = lines
    let position = lines.firstIndex(of: focus) ?? 0
    focus = lines[(position + step + lines.count) % lines.count]
  }

  private mutating func toggleMore() -> [Action] {
    if form.shown == Self.simple {
      form.shown = form.fields.count
      focus = .field(Self.simple)
      return []
    }
    // A filled field is never hidden.
    if isUnusual { return [.toast("Currency, rate or note is filled in and stays visible.")] }
    form.shown = Self.simple
    if !lines.contains(focus) { focus = .field(1) }
    return []
  }

  private mutating func submit() -> [Action] {
    clearErrors()
    do {
      let effect = try effect()
      pending = effect
      return [.run(effect)]
    } catch {
      show(.rejected(error))
      return []
    }
  }

  private mutating func clearErrors() {
    form.clearErrors()
    several.error = ""
    split.error = ""
  }

  /// Shows each error beside its field, and moves the focus to the first.
  private mutating func show(_ failure: ClientFailure) {
    clearErrors()
    let errors: [FieldError] = if case .problem(let problem) = failure { problem.errors ?? [] } else { [] }
    func first(_ names: [String]) -> SafeText? {
      errors.first { error in names.contains { error.field.hasPrefix($0) } }.map { SafeText($0.message) }
    }
    several.error = (isSeveral ? first(["payers"]) : nil) ?? ""
    split.error = first(["split", "participants"]) ?? ""
    if !several.error.string.isEmpty {
      focus = .payer
    } else if !split.error.string.isEmpty {
      focus = .split
    } else {
      form.show(failure)
      focus = .field(form.active)
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .entered where pending != nil:
      return [
        .pop,
        .toast(
          old == nil
            ? context.sentence(form["description"], "is saved.") : "The change is saved."),
      ]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      show(failure)
      if failure.isUndone { form.error = "Not saved. \(form.error)" }
      // The input stays, and the same id is sent again: the expense cannot be saved twice.
      if case .savedBefore(let entry) = failure { old = entry }
      if case .madeBefore = failure { id = context.newID() }
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let width = context.width
    if let editor { return viewItem(editor, into: &canvas, rows: rows, width: width) }
    let amount = try? amount
    let booked = amount.flatMap { amount in try? self.booked(amount) }
    // Drawn on a sheet of its own, which scrolls if it is longer than the window.
    let above = form.shown + (isSeveral ? several.height : 0) + 2 + itemLines.count + errorRows(width)
    let height = max(rows.count, above + min(5, split.people.count + 1))
    var sheet = Canvas(width: width, height: height)
    var row = drawFields(into: &sheet, width: width, amount: amount, booked: booked, context)
    let paid: SafeText = payers[payer].map { data.name(of: $0) } ?? "several"
    FormFields.drawChoice(
      "Paid by", paid, isHere: focus == .payer, row: row, width: width, into: &sheet)
    if isSeveral {
      let words = several.error.string.isEmpty ? remaining(amount) : several.error
      sheet.draw(words, row: row, column: 25, width: max(0, width - 25), style: .error)
      let here: Int? = if case .paid(let index) = focus { index } else { nil }
      several.view(
        into: &sheet, row: row + 1, width: width, focus: here, currency: currency ?? data.group.currency,
        name: data.name)
      row += several.height
    }
    row += 1
    FormFields.drawChoice(
      "Split", split.methodName, isHere: focus == .split, row: row, width: width, into: &sheet)
    row += 1
    for line in split.error.wrapped(to: max(10, width - 4)) where !line.string.isEmpty {
      sheet.draw(line, row: row, column: 2, style: .error)
      row += 1
    }
    if split.method == .items { row = viewItems(into: &sheet, row: row, width: width) }
    let here: Int? = if case .person(let index) = focus { index } else { nil }
    split.view(
      into: &sheet, rows: row..<height, width: width, focus: here, amount: amount, booked: booked, seed: id)
    canvas.draw(sheet, rows: rows)
  }

  /// The number of rows with errors between the fields.
  private func errorRows(_ width: Int) -> Int {
    let texts = form.fields.prefix(form.shown).map(\.error) + [form.error, split.error]
    let rows = texts.filter { !$0.string.isEmpty }.reduce(0) { $0 + $1.wrapped(to: max(10, width - 4)).count }
    return rows + (form.error.string.isEmpty ? 0 : 1)
  }

  private func drawFields(
    into sheet: inout Canvas, width: Int, amount: Amount?, booked: Amount?, _ context: Context
  ) -> Int {
    var form = form
    func words(_ amount: Amount) -> SafeText {
      "= \(amount.text(decimalMark: context.decimalMark)) \(amount.currency.code)"
    }
    if let amount, !form["amount"].isEmpty || split.method == .items {
      form.setAside(words(amount), of: "amount")
    }
    if let booked, booked.currency != amount?.currency { form.setAside(words(booked), of: "rate") }
    let isHere: Bool
    if case .field(let index) = focus {
      form.active = index
      isHere = true
    } else {
      isHere = false
    }
    return form.view(into: &sheet, row: 0, width: width, isActive: isHere)
  }

  /// The difference between the payers' amounts and the total; empty when they are equal.
  private func remaining(_ amount: Amount?) -> SafeText {
    guard let amount else { return "" }
    do throws(Rejection) {
      _ = try several.payers(of: amount, name: data.name)
      return ""
    } catch {
      return SafeText(error.errors?.first?.message ?? error.detail)
    }
  }
}
