import KittyShared

/// One group with its balances and entries.
struct GroupScreen: Screen {
  /// A list that can have the focus.
  enum Panel: Hashable, Sendable { case members, expenses }

  private(set) var group: Group
  private(set) var data: GroupData?
  var panel = Panel.expenses
  private(set) var members = ListSelection<BalanceKey>()
  private(set) var expenses = ListSelection<ID>()
  var search = EntrySearch()
  /// The entries that the filter lets through.
  private(set) var shown = ShownEntries()
  private(set) var isFiltering = false
  /// The days that the list of the entries is narrowed to.
  var period = Period.all
  /// The sums of the shown entries of a period.
  private(set) var sums = EntrySums()
  /// `true` while all older entries are read, up to the last one, which is selected then.
  private(set) var readsToEnd = false
  /// The place to open when the data is there.
  var goal: GroupPlace?
  /// The number of the entry that is looked for in older entries.
  var sought: Int64?
  /// The entry that was saved or restored last.
  private var written: ID?
  /// The change that `u` takes back.
  private var undo = EntryUndo()
  /// The member whose removal was asked for here.
  private var removing: ID?
  /// The words that close the screen, after the user left or deleted the group.
  private var farewell: SafeText?
  private(set) var cachedAt: Instant?
  /// The rows that other users changed.
  private(set) var marks = ChangeMarks()
  private(set) var picture: (hash: String, preview: Preview)?

  init(_ group: Group) { self.group = group }

  var title: SafeText { SafeText(group.name) }
  var refresh: [Effect] {
    let photo: [Effect] =
      group.photo != nil && picture?.hash != group.photo?.hash ? [.loadPreview(.group(group.id))] : []
    return [.loadGroup(group.id)] + photo
  }
  func wake(after now: ContinuousClock.Instant) -> ContinuousClock.Instant? { marks.wake(after: now) }
  var isEditing: Bool { isFiltering }
  /// Data of the cache may lack a member: forms wait for the present data.
  var needsData: Bool { data == nil || cachedAt != nil }
  var bindings: [Binding] {
    if isFiltering {
      return [
        Binding([.enter, .down], "Enter ↓", "to the list", .open, footer: "to the list"),
        Binding([.escape], "Esc", "show all again", .back, footer: "show all"),
        .helping,
      ]
    }
    let selects = panel == .members || !shown.isEmpty
    let enters = GroupAction.enter
    return [
      Binding([.character("a")], "a", "add an expense", .addExpense, footer: "add").asking(
        group, for: enters),
      Binding([.character("A")], "A", "add an expense in one line", .addLine, footer: "line").asking(
        group, for: enters),
      Binding([.character("s")], "s", "settle up: who pays whom", .settle, footer: "settle"),
      Binding([.character("y")], "y", "enter a payment, also into or out of the kitty", .pay, footer: "pay")
        .asking(group, for: enters),
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "open the entry, or the statement of a member", .open,
        footer: selects ? "open" : ""),
      Binding([.character("i")], "i", "the kitty: its balance and targets", .kitty, footer: "kitty"),
      Binding([.character("e")], "e", "edit the entry or the member", .edit, footer: selects ? "edit" : "")
        .asking(group, for: action(.edit)),
      Binding(
        [.character("u")], "u", "undo the last change or deletion of an entry", .undo,
        footer: undo.isEmpty ? "" : "undo"),
      Binding([.character("n")], "n", "a new entry like this one", .another).asking(
        group, for: action(.another)),
      Binding([.character("D")], "D", "the deleted entries, to restore them", .deleted),
      Binding([.character("b")], "b", "balances at the end of a day", .balances),
      Binding(
        [.character("c")], "c", "statistics: what was spent, by month, category and member", .statistics),
      Binding([.character("t")], "t", "count the money in the kitty", .count).asking(group, for: enters),
      Binding([.character("m")], "m", "add a member", .addMember)
        .asking(group, for: .addMember),
      Binding([.character("M")], "M", "the members: roles, owner, leaving", .members, footer: "members"),
      Binding(
        [.tab, .backTab], "Tab", "switch between members and entries", .nextPanel, footer: "panel"),
      Binding([.character("1")], "1", "the balances of the members", .firstPanel),
      Binding([.character("2")], "2", "the entries", .secondPanel),
      Binding([.character("p")], "p", "photo of the group", .photo, footer: "photo"),
      Binding(
        [.character("S")], "S",
        "the settings of the group: name, closed books, categories, recurring entries, archive, export, delete",
        .settings, footer: "settings"),
      Binding(
        [.character("C")], "C", "categories of the expenses; tags are words such as #trip", .categories),
      Binding(
        [.character("R")], "R", "recurring entries: rules that repeat the rent, dues and the like", .recurring
      ),
      Binding(
        [.character("d"), .delete], "d Del", "delete the entry, remove the member", .remove,
        footer: selects ? "delete" : ""
      ).asking(group, for: action(.remove)),
      Binding(
        [.character("/")], "/", "filter the entries: words, who, amount, paid:anna amount:>50 date:2026-11",
        .filter,
        footer: data?.entries.isEmpty == true ? "" : "filter"),
      Binding([.character("I")], "I", "import a file of another program into the group", .importGroup)
        .asking(group, for: .importFile),
      Binding([.character("v")], "v", "invites to the group", .invites, footer: "invites")
        .asking(group, for: .readInvites),
    ] + Period.bindings(period) + Binding.moving + Binding.leaving
  }

  /// The action of a command on the selected entry or member.
  private func action(_ command: Command) -> GroupAction? {
    switch panel {
    case .expenses:
      guard let place = expenses.selected.flatMap({ shown.ids.firstIndex(of: $0) }) else { return nil }
      let entry = shown[place]
      return switch command {
      case .edit: .change(entry)
      case .another: .copy(entry)
      default: .delete(entry)
      }
    case .members:
      if command == .another { return nil }
      let account = members.selected?.account
      guard let member = data?.members.first(where: { $0.id == account?.member }) else { return nil }
      return command == .edit ? .amend(member) : .remove(member)
    }
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard key != .down, search.edit(key, today: context.today) else { return false }
    filter()
    return true
  }

  /// Applies the filter to the present entries.
  mutating func filter() {
    shown = data.map { search.matches($0) } ?? ShownEntries()
    if let days = period.days, let data {
      shown = shown.filtered { days.contains($0.date) }
      sums = EntrySums(shown, of: .member(data.group.me), first: data.group.currency)
    }
    expenses.update(shown.ids)
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    readsToEnd = false
    sought = nil
    let layout = data.map { places($0, rows: context.rows, context) }
    switch panel {
    case .members:
      let page = (layout?.balances.count ?? 2) - 2
      if members.move(command, in: (data?.balances ?? []).map(\.key), page: page) { return [] }
    case .expenses:
      let ids = shown.ids
      let page = (layout?.visibleEntries ?? 1) - 1
      if expenses.move(command, in: ids, page: page) {
        let isWhole = data?.hasMore != true || (period != .all && !lacksEntries)
        readsToEnd = command == .bottom && !isWhole
        // At the end of the list, load the next page.
        let isAtEnd = ![.up, .pageUp, .top].contains(command) && expenses.index(in: ids) == ids.count - 1
        return isAtEnd && !isWhole ? older.map { .run($0) } : []
      }
    }
    if isFiltering {
      isFiltering = false
      panel = .expenses
      guard command == .back else {
        // A fault stands above the list, and has more room there than in a toast.
        return search.problem == nil ? reads.map { .run($0) } : []
      }
      return showAll()
    }
    switch command {
    case .nextPanel: panel = panel == .members ? .expenses : .members
    case .firstPanel: panel = .members
    case .secondPanel: panel = .expenses
    case .narrower, .wider, .before, .after: return narrow(command, context)
    case .filter:
      isFiltering = true
      panel = .expenses
    case .back where !search.isEmpty: return showAll()
    case .back where period != .all:
      period = .all
      return showAll()
    case .addExpense:
      guard let data else { return [Self.notRead] }
      return [.push(ExpenseForm(data, id: context.newID(), today: context.today))]
    case .addLine:
      guard let data else { return [Self.notRead] }
      return [.push(QuickEntryScreen(data, id: context.newID(), today: context.today))]
    case .addMember: return [.push(MemberForm(group: group.id, id: context.newID()))]
    case .photo: return [.push(PhotoScreen(of: group, hasFiles: context.hasFiles))]
    case .remove: return remove()
    case .settle, .pay, .count, .edit, .another, .open, .undo, .kitty, .balances, .statistics, .invites,
      .members, .settings, .categories, .recurring, .deleted, .importGroup:
      return keepBooks(command, context)
    default: break
    }
    return []
  }

  private mutating func showAll() -> [Action] {
    search.clear()
    filter()
    return [
      .toast(period == .all ? "All entries are shown." : "All entries of \(period.name) are shown.")
    ]
  }

  private static var noEntry: Action {
    .toast("There is no entry here. Press \(key: .addExpense, "a") to add an expense.")
  }
  private static var notRead: Action {
    .toast("The group has not been read yet. Press \(key: .refresh, "r") to try again.")
  }

  private mutating func keepBooks(_ command: Command, _ context: Context) -> [Action] {
    guard let data else { return [Self.notRead] }
    let selected = panel == .expenses ? expenses.index(in: shown.ids).map { shown[$0] } : nil
    switch command {
    case .settle: return [.push(SettleScreen(data))]
    case .kitty: return [.push(KittyScreen(data))]
    case .invites: return [.push(InvitesScreen(data))]
    case .members:
      removing = nil
      return [.push(MembersScreen(data))]
    case .settings: return [.push(GroupSettingsScreen(data))]
    case .categories: return [.push(CategoriesScreen(data))]
    case .recurring: return [.push(RecurringScreen(data))]
    case .deleted: return [.push(DeletedEntriesScreen(data))]
    case .importGroup: return [.importFile(into: data, context)]
    case .balances: return [.push(BalancesScreen(data, today: context.today))]
    case .statistics: return [.push(StatisticsScreen(data))]
    case .edit, .open:
      if panel == .members { return openBalance(command, data) }
      guard let selected else { return [Self.noEntry] }
      return command == .edit
        ? EntryScreen.edit(selected, data, context) : [.push(EntryScreen(data, selected))]
    case .another:
      return panel == .expenses
        ? selected.map { EntryScreen.another(like: $0, data, context) } ?? [Self.noEntry]
        : [.toast("Choose an entry first: 2 leads to them.")]
    case .pay: return [.push(PaymentForm(data, id: context.newID(), today: context.today))]
    case .count: return [.push(PaymentForm(data, .count, id: context.newID(), today: context.today))]
    case .undo:
      return undo.actions(in: data, today: context.today)
    default: return []
    }
  }

  /// Opens the statement of the selected balance, or the form of its member.
  private func openBalance(_ command: Command, _ data: GroupData) -> [Action] {
    guard let index = members.index(in: data.balances.map(\.key)) else { return [] }
    let balance = data.balances[index]
    if command == .open {
      return [.push(StatementScreen(data, of: balance.account, currency: balance.currency))]
    }
    guard let id = balance.account.member else { return [.push(KittyScreen(data))] }
    guard let member = data.present.first(where: { $0.id == id }) else { return [] }
    return [.push(MemberForm(group: group.id, changing: member))]
  }

  private mutating func remove() -> [Action] {
    guard let data else { return [Self.notRead] }
    switch panel {
    case .expenses:
      guard let index = expenses.index(in: shown.ids) else { return [Self.noEntry] }
      let expense = shown[index]
      return [
        .confirm(
          EntryScreen.deletion(of: expense), [.run(.deleteEntry(group: group.id, entry: expense.id))])
      ]
    case .members:
      guard let index = members.index(in: data.balances.map(\.key)) else { return [] }
      guard let member = data.balances[index].account.member else {
        return [.toast("The kitty cannot be removed.")]
      }
      removing = member
      return [MemberRemoval(member, data).question]
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    if let toast = undo.receive(message) { return [toast] }
    switch message {
    case .group(let data) where data.group.id == group.id:
      let isSeen = cachedAt == nil && self.data?.sequence == data.sequence
      cachedAt = nil
      let note: [Action] =
        isSeen || data.sequence == 0 ? [] : [.run(.noteSeen(group: group.id, sequence: data.sequence))]
      return receive(data, context) + note
    case .cachedGroup(let data, let moment) where data.group.id == group.id && self.data == nil:
      cachedAt = moment
      return receive(data, context)
    case .entries(group.id, let cursor, let older, let next) where cursor == data?.next:
      data?.append(older, next: next)
      select()
      if readsToEnd, let last = shown.last { expenses.select(last.id, in: shown.ids) }
      readsToEnd = readsToEnd && next != nil
      return goOn(context)
    case .memberAdded(group.id, let member), .memberChanged(group.id, let member):
      // The new member is available in the next form, even before the group is reloaded.
      data?.update(member)
    case .stored(group.id, let entry):
      written = entry.id
      marks.skip(entry.id)
      undo.note(entry, after: data?.entries.first { $0.id == entry.id })
      data?.put(entry)
      search.forget()
      select()
    case .preview(.group(group.id), let preview):
      picture = preview.flatMap { preview in group.photo.map { ($0.hash, preview) } }
    case .entryDeleted(let entry):
      undo.note(deleted: entry)
      marks.skip(entry)
      data?.entries.removeAll { $0.id == entry }
      filter()
      return [.run(.loadGroup(group.id)), .toast("Deleted. Press \(key: .undo, "u") to restore it.")]
    case .entryRestored(let entry):
      undo.clear()
      written = entry
      marks.skip(entry)
      return [.run(.loadGroup(group.id)), .toast("Restored.")]
    case .commentsSearched(group.id, let question, let found): return take(found, question, context)
    case .failed(.searchComments(group.id, let question), _): return take(nil, question, context)
    case .failed(.loadEntries(group.id, _), _):
      readsToEnd = false
      sought = nil
    case .failed(.restoreEntry, let failure): return [.toast(SafeText(failure.message("Not restored.")))]
    case .fileImported(group.id, _, _), .importUndone(group.id, _): return [.run(.loadGroup(group.id))]
    case .memberRemoved: return [.run(.loadGroup(group.id)), .toast("Removed.")]
    case .failed(.deleteEntry, let failure): return [.toast(SafeText(failure.message("Not deleted.")))]
    case .failed(.removeMember(group.id, let member, _), let failure) where member == removing:
      return data.map { MemberRemoval(member, $0).answer(to: failure) } ?? []
    case .groupChanged(let changed) where changed.id == group.id:
      group = changed
      data?.group = changed
    case .groupLeft(group.id): farewell = "You have left \"\(group.name)\"."
    case .groupDeleted(group.id):
      let key = "\(key: .toggleArchived, "v")" as SafeText
      farewell = "\"\(group.name)\" is deleted. \(key) \(key) shows the deleted groups."
    case .failed(.loadGroup(group.id), .problem(let problem)) where [403, 404].contains(problem.status):
      return [.pop, .toast(farewell ?? "You can no longer read this group. \(problem.words)")]
    default: break
    }
    return []
  }

  /// Takes over a newer reading of the group.
  private mutating func receive(_ newer: GroupData, _ context: Context) -> [Action] {
    let hadPhoto = group.photo
    group = newer.group
    if newer.sequence > 0, newer.sequence == data?.sequence {
      data?.group = newer.group
    } else {
      var new = data?.merged(newer) ?? newer.followed(by: data, changed: written)
      new.balances = newer.balances.grouped(first: newer.group.currency)
      marks.note(new, after: data, at: context.now)
      data = new
      members.update(new.balances.map(\.key))
      search.forget()
      select()
    }
    if group.photo == nil { picture = nil }
    let hasOther = group.photo.map { $0 != hadPhoto || picture?.hash != $0.hash } ?? false
    return goOn(context) + (hasOther ? [.run(.loadPreview(.group(group.id)))] : [])
  }

  /// Selects an entry, if the list shows it.
  mutating func reveal(_ entry: Entry) {
    panel = .expenses
    expenses.select(entry.id, in: shown.ids)
  }

  /// Selects the entry that was saved last; without one the selection stays.
  private mutating func select() {
    filter()
    let ids = shown.ids
    guard let written, ids.contains(written) else { return }
    expenses.select(written, in: ids)
    self.written = nil
  }
}
