import KittyShared

/// A form for a new or changed expense: description, amount, payers, participants, and a preview of the shares. Rare
/// fields are hidden at first: ^O shows currency, rate, note and tags, and the payer "several" shows the amounts of payers.
struct ExpenseForm: VersionedForm, ChoosingForm {
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

  private(set) var data: GroupData
  private(set) var id: ID
  let today: Day
  /// The expense to change.
  private(set) var old: Entry?
  var form: FormFields
  /// The possible payers; `nil` stands for several.
  var payers: [LedgerAccount?]
  var payer: Int
  var several: PayerFields
  var split: SplitFields
  /// The categories of the field, if the group has some.
  var categories: CategoryChoices
  /// `true` for the expense of a rule, which has no date.
  var isTemplate = false
  /// The split of a rule as it is stored; that of a new rule is the default split of the group. `nil` for an expense
  /// that is not of a rule, and for a split with a member who has left.
  var storedSplit: StoredSplit?
  var focus = Line.field(0)
  /// The open list of the payers or of the kinds of split.
  var picker: Picker?
  /// The open item, shown over the form.
  var editor: ItemEditor?
  var pending: Effect?
  /// The open choice between two versions, shown over the form.
  var conflict: Conflict?
  /// The input when the form was opened.
  private var before: [String] = []
  /// `true` once it was sent: its id, which makes a repetition safe, is kept with the draft.
  private var wasSent = false

  mutating func rebase(on present: Present) {
    let chosen = try? category
    data = present.data
    old = present.details?.entry
    categories = CategoryChoices(data, keeping: old?.category)
    form.offer(categories, chosen: chosen ?? nil)
    split.items.dropCategories { [old, data] id in
      old?.content.categories.contains(id) == true || data.category(id).map { $0.isUsable } == true
    }
  }

  /// The number of fields that are always visible. ^O shows the others.
  var simple: Int { ["description", "amount", "date", "category"].count { form.has($0) } }

  /// - Parameters:
  ///   - old: The expense to change; `nil` for a new one.
  ///   - model: The expense that a new one is like, but for its date.
  init(_ data: GroupData, id: ID, today: Day, changing old: Entry? = nil, like model: Entry? = nil) {
    self.data = data
    self.id = old?.id ?? id
    self.today = today
    self.old = old
    let source = old ?? model
    categories = CategoryChoices(data, keeping: old?.category)
    let inText = Tags.inText(source?.description ?? "")
    // A reserved word may be a tag of an old entry, and of no new one.
    let tags = source?.tags?.filter { !inText.contains($0) && (old != nil || $0 != Tags.reserved) }
    let currency = source?.currency ?? data.group.currency
    form = FormFields(
      [
        .init(
          name: "description", label: "What for", input: TextField(source?.description ?? "", limit: 200)),
        .init(
          name: "amount", label: "Amount",
          input: TextField(source.map { Amount($0.amount, currency).typed } ?? "", limit: 32)),
        .init(name: "date", label: "Date", input: TextField((old?.date ?? today).description, limit: 16)),
      ] + categories.field(source?.category) + [
        .currency(currency, first: data.likelyCurrencies),
        .init(
          name: "rate", label: "Rate",
          input: TextField(source?.rate.map { Amount.shown(decimal: $0.text) } ?? "", limit: 13)),
        .init(name: "note", label: "Note", input: TextField(source?.note ?? "", limit: 2000)),
        .init(name: "tags", label: "Tags", input: TextField(Tags.text(tags), limit: Tags.typedLimit)),
      ])
    // Former members stay on an old expense.
    let named = Set((old?.shares ?? []).map(\.member) + (old?.payers ?? []).compactMap(\.account.member))
    let people = data.members.filter { $0.removedAt == nil || named.contains($0.id) }
    let accounts = people.map { LedgerAccount.member($0.id) } + [.kitty]
    let areSeveral = (source?.payers?.count ?? 1) > 1
    payers = people.map { .member($0.id) } + [nil, .kitty]
    several = PayerFields(accounts, payers: areSeveral ? source?.payers ?? [] : [], currency: currency)
    let paid = areSeveral ? nil : source?.payers?.first?.account ?? .member(data.group.me)
    payer = payers.firstIndex { $0 == paid } ?? payers.firstIndex { $0 == .member(data.group.me) } ?? 0
    split = SplitFields(
      people, rule: source == nil ? data.defaultSplit : source?.split, currency: currency)
    split.items.dropCategories { id in
      old?.content.categories.contains(id) == true || data.category(id).map { $0.isUsable } == true
    }
    form.shown = isUnusual ? form.fields.count : simple
    if let model {
      let named = (model.shares ?? []).map(\.member) + (model.payers ?? []).compactMap(\.account.member)
      if !Set(named).isSubset(of: people.map(\.id)) {
        form.error = "A member has left the group. Look over payers and shares before you save."
      }
    }
    before = written
  }

  var isSeveral: Bool { payers[payer] == nil }
  var participants: Set<ID> { split.participants }
  /// `true` when a field is filled that a simple expense does not need.
  var isUnusual: Bool {
    form["currency"].uppercased() != data.group.currency.code || form.filled("rate") != nil
      || form.filled("note") != nil || form.filled("tags") != nil
  }

  /// The lines that can have the focus, from the top.
  var lines: [Line] {
    (0..<form.shown).map { .field($0) } + [.payer]
      + (isSeveral ? several.accounts.indices.map { .paid($0) } : []) + [.split] + itemLines
      + split.people.indices.map { .person($0) }
  }

  var written: [String] {
    form.fields.map(\.input.text) + ["\(payer)", "\(split.method)", "\(split.bearers)"] + several.written
      + split.items.written + split.people.map { split.values[$0.id]?.text ?? "" }
  }

  var title: SafeText { old == nil ? "New expense" : "Edit expense" }
  var isEditing: Bool { conflict == nil }
  var isLocked: Bool { pending != nil }
  var hasUnsaved: Bool { written != before || old == nil && wasSent }

  var bindings: [Binding] {
    if conflict != nil { return Conflict.bindings }
    if editor != nil { return itemBindings + FormFields.editing }
    let isOpen = form.shown > simple
    let more = Binding(
      [.control("o")], "^O", "currency, rate, note, tags: show, hide", .more, footer: isOpen ? "less" : "more"
    )
    if isChoosing { return Picker.bindings + [more] }
    let items = [
      Binding([.control("n")], "^N", "add an item", .addExpense, footer: "item"),
      Binding([.control("r"), .delete], "^R Del", "remove the item", .remove),
    ]
    let people: Bool = if case .person = focus { true } else { false }
    let isChoice = focus == .payer || focus == .split
    return FormFields.entering(isTemplate ? "days" : "save", isLast: focus == lines.last) + [more]
      + (split.method == .items ? items : []) + [
        Binding([.tab, .down], "Tab ↓", "next line", .down),
        Binding([.backTab, .up], "Shift-Tab ↑", "previous line", .up),
        Binding(
          [.character(" ")], "Space", "for whom: select or not", .toggle, footer: people ? "toggle" : ""),
        Binding([.control("x")], "^X", "for whom: all, none", .toggleAll, footer: people ? "all/none" : ""),
        Binding([.pageDown], "PgDn", "for whom, payers: down by a page", .pageDown),
        Binding([.pageUp], "PgUp", "for whom, payers: up by a page", .pageUp),
      ] + Binding.choosing("payer, split", footer: isChoice ? "choose" : "") + [
        Binding([.escape], "Esc", "back", .back, footer: "back")
      ] + FormFields.editing
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    if let editor { return editItem(key, editor) }
    switch focus {
    case .item, .newItem: return false
    case .extra(let index):
      split.clearError()
      return key != .character(" ") && split.items.extras[index].edit(key)
    case .person(let index):
      return find(key, isEmpty: split.isEmpty(index)) ?? split.edit(key, index)
    case .paid(let index):
      return find(key, isEmpty: several.isEmpty(index)) ?? several.edit(key, index)
    case .field(let index):
      form.active = index
      return form.edit(key)
    case .payer, .split: return pick(key) ?? false
    }
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if let actions = performConflict(command) { return actions }
    if let editor { return performItem(command, editor) }
    let (wasChoosing, wasFinding) = (isChoosing, isFinding)
    guard settle() else { return [] }
    // It went to the member: there it stays.
    if wasFinding, [.open, .down, .up].contains(command) { return [] }
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
    case .pageDown: movePage(1)
    case .pageUp: movePage(-1)
    case .nextPanel where focus == .payer || focus == .split: turn(1)
    case .toggle: if case .person(let index) = focus { split.toggle(index) }
    case .toggleAll: split.toggleAll()
    case .more: return toggleMore()
    case .open where focus != lines.last: move(1)
    case .open where wasChoosing: break
    case .open, .submit: return submit()
    default: break
    }
    return []
  }

  private mutating func toggleMore() -> [Action] {
    leave()
    if form.shown == simple {
      form.shown = form.fields.count
      focus = .field(simple)
      return []
    }
    // A filled field is never hidden.
    if isUnusual { return [.toast("Currency, rate, note or tags are filled in and stay visible.")] }
    form.shown = simple
    if !lines.contains(focus) { focus = .field(1) }
    return []
  }

  mutating func submit() -> [Action] {
    clearErrors()
    let typed = self
    guard form.passes({ (field) throws(Rejection) in try typed.check(field) }) else {
      focus = .field(form.active)
      return []
    }
    do {
      let effect = try effect()
      // The days of a rule come next.
      if isTemplate { return [.command(.confirm)] }
      pending = effect
      wasSent = true
      return [.run(effect)]
    } catch {
      show(.rejected(error))
      return []
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if let actions = receiveConflict(message) { return actions }
    switch message {
    case .entered where pending != nil:
      return [
        .pop,
        .toast(
          old == nil
            ? context.sentence(form["description"], "is saved.")
            : "The change is saved. \(key: .undo, "u") in the list undoes it."),
      ]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      show(failure, "Not saved.")
      // The input stays, and the same id is sent again: the expense cannot be saved twice.
      if case .savedBefore(let entry) = failure { old = entry }
      if case .madeBefore = failure { id = context.newID() }
    default: break
    }
    return []
  }
}
