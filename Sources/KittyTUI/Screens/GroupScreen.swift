import KittyShared

/// One group with its balances and entries.
struct GroupScreen: Screen {
  /// A list that can have the focus.
  enum Panel: Hashable, Sendable { case members, expenses }

  private(set) var group: Group
  private(set) var data: GroupData?
  private(set) var panel = Panel.expenses
  private(set) var members = ListSelection<LedgerAccount>()
  private(set) var expenses = ListSelection<ID>()
  private(set) var filter = TextField(limit: 64)
  private(set) var isFiltering = false
  /// The entry that was saved or restored last.
  private var written: ID?
  /// The entry that was deleted last.
  private var deleted: ID?
  private(set) var picture: (hash: String, preview: Preview)?

  init(_ group: Group) { self.group = group }

  var title: SafeText { SafeText(group.name) }
  var refresh: [Effect] {
    let photo: [Effect] =
      group.photo != nil && picture?.hash != group.photo?.hash ? [.loadPreview(.group(group.id))] : []
    return [.loadGroup(group.id)] + photo
  }
  var isEditing: Bool { isFiltering }
  var needsData: Bool { data == nil }
  /// The effect that searches in older entries, which are not loaded yet.
  var reads: [Effect] { filter.text.isEmpty ? [] : older }
  private var older: [Effect] {
    data?.next.map { [.loadEntries(group: group.id, after: $0)] } ?? []
  }

  var bindings: [Binding] {
    if isFiltering {
      return [
        Binding([.enter, .down], "Enter ↓", "to the list", .open, footer: "to the list"),
        Binding([.escape], "Esc", "show all again", .back, footer: "show all"),
        .helping,
      ]
    }
    return [
      Binding([.character("a")], "a", "add an expense", .addExpense, footer: "add"),
      Binding([.character("s")], "s", "settle up: who pays whom", .settle, footer: "settle"),
      Binding([.character("y")], "y", "enter a payment, also into or out of the kitty", .pay, footer: "pay"),
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "open the entry, or the statement of a member", .open,
        footer: "open"),
      Binding([.character("i")], "i", "the kitty: its balance and targets", .kitty, footer: "kitty"),
      Binding([.character("e")], "e", "edit the entry or the member", .edit, footer: "edit"),
      Binding([.character("u")], "u", "restore the last deleted entry", .undo),
      Binding([.character("b")], "b", "balances at the end of a day", .balances),
      Binding([.character("t")], "t", "count the money in the kitty", .count),
      Binding([.character("m")], "m", "add a member", .addMember, footer: "member"),
      Binding([.tab], "Tab", "switch between members and entries", .nextPanel, footer: "panel"),
      Binding([.character("p")], "p", "photo of the group", .photo, footer: "photo"),
      Binding(
        [.character("d"), .delete], "d Del", "delete the entry, remove the member", .remove,
        footer: "delete"),
      Binding([.character("/")], "/", "filter the entries", .filter, footer: "filter"),
      Binding([.character("v")], "v", "invites to the group", .invites, footer: "invites"),
    ] + Binding.moving + Binding.leaving
  }

  private var shown: [Entry] {
    let wanted = filter.text.lowercased()
    guard let data else { return [] }
    return wanted.isEmpty
      ? data.entries
      : data.entries.filter {
        $0.description.lowercased().contains(wanted)
          || Self.words(for: $0, data).string.lowercased().contains(wanted) || "#\($0.number)" == wanted
      }
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard key != .down, filter.edit(key) else { return false }
    expenses.update(shown.map(\.id))
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    let page = context.height - 8
    switch panel {
    case .members:
      if members.move(command, in: (data?.balances ?? []).map(\.account), page: page) { return [] }
    case .expenses:
      let ids = shown.map(\.id)
      if expenses.move(command, in: ids, page: page) {
        // At the end of the list, load the next page.
        let isAtEnd = ![.up, .pageUp, .top].contains(command) && expenses.index(in: ids) == ids.count - 1
        return isAtEnd ? older.map { .run($0) } : []
      }
    }
    if isFiltering {
      isFiltering = false
      panel = .expenses
      if command == .back { filter.set("") }
      return command == .back ? [.toast("All entries are shown.")] : reads.map { .run($0) }
    }
    switch command {
    case .nextPanel: panel = panel == .members ? .expenses : .members
    case .filter:
      isFiltering = true
      panel = .expenses
    case .back where !filter.text.isEmpty:
      filter.set("")
      return [.toast("All entries are shown.")]
    case .addExpense:
      guard let data else { return [Self.notRead] }
      return [.push(ExpenseForm(data, id: context.newID(), today: context.today))]
    case .addMember: return [.push(MemberForm(group: group.id, id: context.newID()))]
    case .photo: return [.push(PhotoScreen(.group(group.id), title: "Photo", has: group.photo))]
    case .remove: return remove()
    case .settle, .pay, .count, .edit, .open, .undo, .kitty, .balances, .invites:
      return keepBooks(command, context)
    default: break
    }
    return []
  }

  private static let notRead = Action.toast("The group has not been read yet. Press r to try again.")

  private func keepBooks(_ command: Command, _ context: Context) -> [Action] {
    guard let data else { return [Self.notRead] }
    let selected = panel == .expenses ? expenses.index(in: shown.map(\.id)).map { shown[$0] } : nil
    switch command {
    case .settle: return [.push(SettleScreen(data))]
    case .kitty: return [.push(KittyScreen(data))]
    case .invites: return [.push(InvitesScreen(data))]
    case .balances: return [.push(BalancesScreen(data, today: context.today))]
    case .edit, .open:
      if panel == .members { return openBalance(command, data) }
      guard let selected else { return [] }
      return command == .edit
        ? EntryScreen.edit(selected, data, context) : [.push(EntryScreen(data, selected))]
    case .pay: return [.push(PaymentForm(data, id: context.newID(), today: context.today))]
    case .count: return [.push(PaymentForm(data, .count, id: context.newID(), today: context.today))]
    case .undo:
      guard let deleted else { return [.toast("No entry was deleted here recently.")] }
      return [.run(.restoreEntry(group: group.id, entry: deleted))]
    default: return []
    }
  }

  /// Opens the statement of the selected balance, or the form of its member.
  private func openBalance(_ command: Command, _ data: GroupData) -> [Action] {
    guard let index = members.index(in: data.balances.map(\.account)) else { return [] }
    let balance = data.balances[index]
    if command == .open {
      return [.push(StatementScreen(data, of: balance.account, currency: balance.currency))]
    }
    guard let id = balance.account.member else { return [.push(KittyScreen(data))] }
    guard let member = data.present.first(where: { $0.id == id }) else {
      return [.toast("\(balance.name) has left the group.")]
    }
    return [.push(MemberForm(group: group.id, changing: member))]
  }

  private func remove() -> [Action] {
    guard let data else { return [Self.notRead] }
    switch panel {
    case .expenses:
      guard let index = expenses.index(in: shown.map(\.id)) else { return [] }
      let expense = shown[index]
      let amount = Amount(expense.amount, expense.currency)
      return [
        .confirm(
          "Delete #\(expense.number) \"\(expense.description)\", \(amount.text()) \(amount.currency.code)? The balances change.",
          [.run(.deleteEntry(group: group.id, entry: expense.id))])
      ]
    case .members:
      guard let index = members.index(in: data.balances.map(\.account)) else { return [] }
      let balance = data.balances[index]
      guard let member = balance.account.member else { return [.toast("The kitty cannot be removed.")] }
      return [
        .confirm(
          "Remove \(balance.name) from the group?",
          [.run(.removeMember(group: group.id, member: member))])
      ]
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .group(let data) where data.group.id == group.id:
      let hadPhoto = group.photo
      group = data.group
      self.data = data.followed(by: self.data, changed: written)
      members.update(data.balances.map(\.account))
      select()
      var actions = reads.map { Action.run($0) }
      if group.photo == nil { picture = nil }
      if let photo = group.photo, photo != hadPhoto || picture?.hash != photo.hash {
        actions.append(.run(.loadPreview(.group(group.id))))
      }
      return actions
    case .entries(group.id, let cursor, let older, let next) where cursor == data?.next:
      data?.append(older, next: next)
      select()
      return reads.map { .run($0) }
    case .memberAdded(group.id, let member), .memberChanged(group.id, let member):
      // The new member is available in the next form, even before the group is reloaded.
      data?.update(member)
    case .wrote(let entry): written = entry
    case .preview(.group(group.id), let preview):
      picture = preview.flatMap { preview in group.photo.map { ($0.hash, preview) } }
    case .entryDeleted(let entry):
      deleted = entry
      data?.entries.removeAll { $0.id == entry }
      expenses.update(shown.map(\.id))
      return [.run(.loadGroup(group.id)), .toast("Deleted. Press u to restore it.")]
    case .entryRestored(let entry):
      deleted = nil
      written = entry
      return [.run(.loadGroup(group.id)), .toast("Restored.")]
    case .failed(.restoreEntry, let failure): return [.toast(SafeText(failure.message("Not restored.")))]
    case .memberRemoved: return [.run(.loadGroup(group.id)), .toast("Removed.")]
    case .failed(.deleteEntry, let failure): return [.toast(SafeText(failure.message("Not deleted.")))]
    case .failed(.removeMember, let failure): return [.toast(SafeText(failure.message("Not removed.")))]
    case .failed(.loadGroup(group.id), .problem(let problem)) where [403, 404].contains(problem.status):
      return [.pop, .toast("You can no longer read this group. \(problem.detail)")]
    default: break
    }
    return []
  }

  /// Selects the entry that was saved last; without one the selection stays.
  private mutating func select() {
    let ids = shown.map(\.id)
    expenses.update(ids)
    guard let written, ids.contains(written) else { return }
    expenses.select(written, in: ids)
    self.written = nil
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    guard let data else {
      canvas.draw("Loading the group…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    let sideWidth = context.width >= 100 && picture != nil ? 34 : 0
    let width = context.width - sideWidth
    // The balances get at most half of the rows.
    let balanceRows = min(max(1, data.balances.count), max(1, (rows.count - 3) / 2))
    drawBalances(data, rows.lowerBound..<(rows.lowerBound + 1 + balanceRows), width, context, &canvas)
    drawExpenses(data, (rows.lowerBound + balanceRows + 2)..<rows.upperBound, width, context, &canvas)
    if sideWidth > 0, let picture {
      let cells = PhotoCells.cells(
        of: picture.preview, width: sideWidth - 2, height: rows.count, palette: context.palette)
      for (row, line) in cells.enumerated() {
        for (column, cell) in line.enumerated() {
          canvas.draw(cell, row: rows.lowerBound + row, column: width + 2 + column)
        }
      }
    }
  }

  private func heading(_ text: SafeText, _ panel: Panel, row: Int, _ canvas: inout Canvas) {
    let isHere = panel == self.panel
    canvas.draw(isHere ? "[\(text)]" : " \(text)", row: row, column: 0, style: isHere ? .bold : .muted)
  }

  private func drawBalances(
    _ data: GroupData, _ rows: Range<Int>, _ width: Int, _ context: Context, _ canvas: inout Canvas
  ) {
    heading("Balances", .members, row: rows.lowerBound, &canvas)
    let lines = data.balances
    let largest = lines.map(\.net.magnitude).max() ?? 0
    let nameWidth = max(6, min(20, lines.map { SafeText($0.name).width + 6 }.max() ?? 6, width / 3))
    let ids = lines.map(\.account)
    let index = members.index(in: ids)
    for (offset, position) in members.visible(in: ids, height: rows.count - 1).enumerated() {
      let (row, balance) = (rows.lowerBound + 1 + offset, lines[position])
      let isSelected = panel == .members && position == index
      canvas.draw(isSelected ? ">" : " ", row: row, column: 0, style: .key)
      BalanceBars.draw(
        balance, isMe: balance.account == .member(data.group.me), largest: largest, row: row,
        columns: 2..<width, nameWidth: nameWidth, into: &canvas)
      if isSelected { canvas.placeCursor(row: row, column: 0) }
    }
    if lines.count > rows.count - 1 {
      canvas.draw(
        "\((index ?? 0) + 1) of \(lines.count)", row: rows.lowerBound, endingAt: width, style: .muted)
    }
  }

  private func drawExpenses(
    _ data: GroupData, _ rows: Range<Int>, _ width: Int, _ context: Context, _ canvas: inout Canvas
  ) {
    let items = shown
    heading("Entries", .expenses, row: rows.lowerBound, &canvas)
    let ids = items.map(\.id)
    let index = expenses.index(in: ids)
    if let day = data.group.closedUntil, !isFiltering, filter.text.isEmpty {
      canvas.draw("closed up to \(day)", row: rows.lowerBound, column: 12, style: .muted)
    }
    let total: SafeText = data.hasMore ? "\(data.entries.count)+" : "\(data.entries.count)"
    if isFiltering || !filter.text.isEmpty {
      canvas.draw("/", row: rows.lowerBound, column: 12, style: .key)
      filter.view(
        into: &canvas, row: rows.lowerBound, column: 14, width: max(6, width - 30), isActive: isFiltering)
      canvas.draw("\(items.count) of \(total)", row: rows.lowerBound, endingAt: width, style: .muted)
    } else if !items.isEmpty {
      canvas.draw("\((index ?? 0) + 1) of \(total)", row: rows.lowerBound, endingAt: width, style: .muted)
    }
    guard !items.isEmpty else {
      let isReading = context.running.contains { reads.contains($0) }
      let words: SafeText =
        data.entries.isEmpty
        ? "No entries yet. Press a to add the first expense."
        : !data.hasMore
          ? "No entry contains this text."
          : isReading
            ? "Not in the latest \(data.entries.count) entries. Searching older ones…"
            : "Not in the latest \(data.entries.count) entries. Press / and Enter to search older ones."
      canvas.draw(words, row: rows.lowerBound + 1, column: 2, width: width - 2)
      if panel == .expenses, !isFiltering { canvas.placeCursor(row: rows.lowerBound + 1, column: 0) }
      return
    }
    for (offset, position) in expenses.visible(in: ids, height: max(0, rows.count - 1)).enumerated() {
      let row = rows.lowerBound + 1 + offset
      let isSelected = panel == .expenses && position == index
      draw(items[position], data, row: row, width, isSelected: isSelected, &canvas)
      if isSelected, !isFiltering { canvas.placeCursor(row: row, column: 0) }
    }
  }

  /// The payers of an expense, or the payer and recipient of a payment.
  static func words(for entry: Entry, _ data: GroupData) -> SafeText {
    if let from = entry.from, let to = entry.to { return "\(data.name(of: from)) → \(data.name(of: to))" }
    if entry.kind == .count { return "kitty counted" }
    let payers = entry.payers ?? []
    guard let first = payers.first else { return "" }
    return payers.count == 1
      ? "\(data.name(of: first.account)) paid" : "\(data.name(of: first.account)) +\(payers.count - 1) paid"
  }

  /// Draws one entry. A narrow window leaves out the less important columns.
  private func draw(
    _ expense: Entry, _ data: GroupData, row: Int, _ width: Int, isSelected: Bool, _ canvas: inout Canvas
  ) {
    let amount = Amount(expense.amount, expense.currency)
    let sum: SafeText = "\(amount.text()) \(amount.currency.code)"
    canvas.draw(isSelected ? ">" : " ", row: row, column: 0, style: .key)
    canvas.draw(sum, row: row, endingAt: width, style: isSelected ? .bold : .normal)
    var column = 2
    if width >= 50 {
      canvas.draw("\(expense.date)", row: row, column: column, style: .muted)
      column += 11
    }
    let number: SafeText = "#\(expense.number)"
    canvas.draw(number, row: row, column: column, style: .muted)
    column += max(5, number.width + 1)
    let payer: SafeText = width >= 60 ? Self.words(for: expense, data) : ""
    let payerWidth = payer.string.isEmpty ? 0 : min(20, payer.width)
    let room = width - sum.width - 2 - column - (payerWidth > 0 ? payerWidth + 2 : 0)
    canvas.draw(
      SafeText(expense.description), row: row, column: column, width: max(0, room),
      style: isSelected ? .bold : .normal)
    if payerWidth > 0 {
      canvas.draw(payer, row: row, column: column + room + 1, width: payerWidth, style: .muted)
    }
  }
}
