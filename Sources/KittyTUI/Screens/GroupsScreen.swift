import KittyShared

/// My groups, and where I stand in each.
struct GroupsScreen: Screen {
  private(set) var groups: [Group]?
  private(set) var selection = ListSelection<ID>()
  private(set) var filter = TextField(limit: 64)
  private(set) var isFiltering = false
  private(set) var showsArchived = false

  var crumb: SafeText { showsArchived ? "Archived groups" : "Groups" }
  var refresh: [Effect] { [.loadGroups(archived: showsArchived)] }
  var isEditing: Bool { isFiltering }

  var bindings: [Binding] {
    if isFiltering {
      return [
        Binding([.enter, .down], "Enter ↓", "to the list", .open, footer: "to the list"),
        Binding([.escape], "Esc", "show all again", .back, footer: "show all"),
        .helping,
      ]
    }
    return [
      Binding([.enter, .right, .character("l")], "Enter → l", "open the group", .open, footer: "open"),
      Binding([.character("n")], "n", "new group", .newGroup, footer: "new"),
      Binding([.character("/")], "/", "filter by name", .filter, footer: "filter"),
      Binding([.character("e")], "e", "rename the group", .rename, footer: "rename"),
      Binding([.character("A")], "A", showsArchived ? "bring the group back" : "archive the group", .archive),
      Binding([.character("v")], "v", showsArchived ? "groups in use" : "archived groups", .toggleArchived),
      Binding([.character("P")], "P", "my profile photo", .myPhoto),
      Binding([.character("S")], "S", "sign out", .signOut),
    ] + Binding.moving + Binding.leavingProgram
  }

  private var shown: [Group] {
    let wanted = filter.text.lowercased()
    return (groups ?? []).filter { wanted.isEmpty || $0.name.lowercased().contains(wanted) }
  }

  private var selected: Group? {
    let items = shown
    return selection.index(in: items.map(\.id)).map { items[$0] }
  }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard key != .down, filter.edit(key) else { return false }
    selection.update(shown.map(\.id))
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: shown.map(\.id), page: context.height - 6) { return [] }
    if isFiltering {
      isFiltering = false
      if command == .back { filter.set("") }
      return command == .back ? [.toast("All groups are shown.")] : []
    }
    switch command {
    case .filter: isFiltering = true
    case .back where !filter.text.isEmpty:
      filter.set("")
      return [.toast("All groups are shown.")]
    case .open:
      if let selected { return [.push(GroupScreen(selected))] }
    case .newGroup: return [.push(GroupForm(id: context.newID()))]
    case .rename:
      if let selected { return [.push(GroupForm(renaming: selected))] }
    case .archive:
      guard let selected else { break }
      let effect = Effect.changeGroup(
        selected.id, version: selected.version, GroupChange(archived: selected.archivedAt == nil))
      let question: SafeText =
        showsArchived
        ? "Bring \"\(selected.name)\" back?"
        : "Archive \"\(selected.name)\"? It can still be read, and brought back."
      return [.confirm(question, [.run(effect)])]
    case .toggleArchived:
      showsArchived.toggle()
      groups = nil
      return [.run(.loadGroups(archived: showsArchived))]
    case .myPhoto: return [.push(PhotoScreen(.me, title: "My photo"))]
    case .signOut: return [.confirm("Sign out?", [.run(.signOut)])]
    default: break
    }
    return []
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .groups(let groups):
      self.groups = groups
      selection.update(shown.map(\.id))
    case .groupChanged: return [.run(.loadGroups(archived: showsArchived))]
    case .failed(.changeGroup, let failure): return [.toast(SafeText(failure.message("Not changed.")))]
    case .failed(.signOut, let failure): return [.toast(SafeText(failure.message("Still signed in.")))]
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let items = shown
    guard let groups else {
      canvas.draw("Reading your groups…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    var first = rows.lowerBound
    if isFiltering || !filter.text.isEmpty {
      canvas.draw("/", row: first, column: 0, style: .key)
      filter.view(
        into: &canvas, row: first, column: 2, width: max(8, context.width - 20), isActive: isFiltering)
      canvas.draw("\(items.count) of \(groups.count)", row: first, endingAt: context.width, style: .muted)
      first += 1
    }
    if items.isEmpty {
      let words: SafeText =
        groups.isEmpty
        ? (showsArchived
          ? "No group is archived. Press v to go back." : "No groups yet. Press n to make the first one.")
        : "No group's name has this in it. Esc shows all."
      for (index, line) in words.wrapped(to: context.width - 4).enumerated() {
        canvas.draw(line, row: first + 1 + index, column: 2)
      }
      if !isFiltering { canvas.placeCursor(row: first + 1, column: 0) }
      return
    }
    let height = max(0, rows.upperBound - first - 1)
    let index = selection.index(in: items.map(\.id))
    for (offset, place) in selection.visible(in: items.map(\.id), height: height).enumerated() {
      draw(items[place], row: first + offset, isSelected: place == index, context, &canvas)
      if place == index, !isFiltering { canvas.placeCursor(row: first + offset, column: 0) }
    }
    canvas.draw(
      "\((index ?? 0) + 1) of \(items.count)", row: rows.upperBound - 1, endingAt: context.width,
      style: .muted)
  }

  private func draw(_ group: Group, row: Int, isSelected: Bool, _ context: Context, _ canvas: inout Canvas) {
    let nets = group.balances
    let first = nets.first.map { Amount($0.amount, $0.currency) } ?? Amount(0, group.currency)
    let more: SafeText = nets.count > 1 ? " +\(nets.count - 1)" : ""
    let words = BalanceBars.words(first.minorUnits, isMe: true)
    let style: Style = first.minorUnits > 0 ? .positive : first.minorUnits < 0 ? .negative : .muted
    let sum: SafeText = "\(BalanceBars.signed(first)) \(first.currency.code)\(more)"
    let whole: SafeText = first.minorUnits == 0 ? words : "\(words)  \(sum)"
    // Where there is little room the name gives way first, then the words; the amount and its sign stay.
    let amount = context.width - whole.width - 4 >= 8 || first.minorUnits == 0 ? whole : sum
    canvas.draw(isSelected ? ">" : " ", row: row, column: 0, style: .key)
    let room = max(0, context.width - amount.width - 4)
    canvas.draw(
      SafeText(group.name), row: row, column: 2, width: min(room, 40), style: isSelected ? .bold : .normal)
    if room >= 56 {
      let people: SafeText = group.memberCount == 1 ? "1 member" : "\(group.memberCount) members"
      canvas.draw(people, row: row, column: 44, style: .muted)
    }
    canvas.draw(amount, row: row, endingAt: context.width, style: style)
  }
}
