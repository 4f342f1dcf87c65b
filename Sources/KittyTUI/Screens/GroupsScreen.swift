import KittyShared

/// The groups of the user, with the user's balance in each.
struct GroupsScreen: Screen {
  private(set) var groups: [Group]?
  private(set) var selection = ListSelection<ID>()
  private(set) var filter = TextField(limit: 64)
  private(set) var isFiltering = false
  private(set) var groupFilter = GroupFilter.inUse

  var title: SafeText {
    switch groupFilter {
    case .inUse: "Groups"
    case .archived: "Archived groups"
    case .deleted: "Deleted groups"
    }
  }
  var refresh: [Effect] { [.loadGroups(groupFilter)] }
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
      Binding([.character("e")], "e", "rename the group, close its books", .rename, footer: "edit"),
      Binding(
        [.character("A")], "A", groupFilter == .inUse ? "archive the group" : "restore the group",
        .archive,
        footer: groupFilter == .inUse ? "archive" : "restore"),
      Binding([.character("D")], "D", "delete the group (it can be restored)", .deleteGroup),
      Binding([.character("v")], "v", Self.name(of: nextShelf), .toggleArchived, footer: "other groups"),
      Binding([.character("i")], "i", "join a group with an invite", .join, footer: "join"),
      Binding([.character("P")], "P", "my profile photo", .myPhoto),
      Binding([.character("S")], "S", "sign out", .signOut),
    ] + Binding.moving + Binding.leavingProgram
  }

  private var nextShelf: GroupFilter {
    switch groupFilter {
    case .inUse: .archived
    case .archived: .deleted
    case .deleted: .inUse
    }
  }

  private static func name(of groupFilter: GroupFilter) -> SafeText {
    switch groupFilter {
    case .inUse: "groups in use"
    case .archived: "archived groups"
    case .deleted: "deleted groups"
    }
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
      guard let selected else { break }
      if groupFilter == .deleted { return [.toast("The group is deleted. Restore it first: A.")] }
      return [.push(GroupScreen(selected))]
    case .newGroup: return [.push(GroupForm(id: context.newID()))]
    case .rename:
      guard let selected else { break }
      if groupFilter == .deleted { return [.toast("The group is deleted. Restore it first: A.")] }
      return [.push(GroupForm(renaming: selected))]
    case .deleteGroup:
      guard let selected, groupFilter != .deleted else { break }
      return [
        .confirm(
          "Delete \"\(selected.name)\"? You can restore it for 30 days.",
          [.run(.deleteGroup(selected.id, force: false))])
      ]
    case .archive:
      guard let selected else { break }
      if groupFilter == .deleted {
        return [.confirm("Restore \"\(selected.name)\"?", [.run(.restoreGroup(selected.id))])]
      }
      let effect = Effect.changeGroup(
        selected.id, version: selected.version, GroupChange(archived: selected.archivedAt == nil))
      let question: SafeText =
        groupFilter == .archived
        ? "Restore \"\(selected.name)\"?"
        : "Archive \"\(selected.name)\"? You can still read it, and restore it."
      return [.confirm(question, [.run(effect)])]
    case .toggleArchived:
      groupFilter = nextShelf
      groups = nil
      return [.run(.loadGroups(groupFilter))]
    case .join: return [.push(JoinForm())]
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
    case .groupChanged: return [.run(.loadGroups(groupFilter))]
    case .groupRestored: return [.run(.loadGroups(groupFilter)), .toast("Restored.")]
    case .groupDeleted:
      return [.run(.loadGroups(groupFilter)), .toast("Deleted. v shows the deleted groups.")]
    case .failed(.deleteGroup(let id, false), .problem(let problem)) where problem.code == "not_settled":
      // The server refused because of open balances. The user can still force it.
      return [
        .confirm(
          "The group is not settled: there are debts, or money in the kitty. Delete it anyway?",
          [.run(.deleteGroup(id, force: true))])
      ]
    case .failed(.deleteGroup, let failure): return [.toast(SafeText(failure.message("Not deleted.")))]
    case .failed(.restoreGroup, let failure): return [.toast(SafeText(failure.message("Not restored.")))]
    case .failed(.changeGroup(_, _, let change), let failure) where change.archived != nil:
      // A group that was changed meanwhile is read again, so that the next try has its version.
      return [.run(.loadGroups(groupFilter)), .toast(SafeText(failure.message("Not changed.")))]
    case .failed(.signOut, let failure): return [.toast(SafeText(failure.message("Still signed in.")))]
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    let items = shown
    guard let groups else {
      canvas.draw("Loading your groups…", row: rows.lowerBound, column: 2, style: .muted)
      canvas.placeCursor(row: rows.lowerBound, column: 0)
      return
    }
    var first = rows.lowerBound
    if isFiltering || !filter.text.isEmpty {
      let layout = Row(
        left: [.whole("/", rank: 0, .key), .cut("", rank: 1, least: 8, column: 64)],
        right: [.whole("\(items.count) of \(groups.count)", rank: 2, .muted)]
      ).draw(into: &canvas, row: first, columns: 0..<context.width)
      if let field = layout.left[1] {
        filter.view(
          into: &canvas, row: first, column: field.lowerBound, width: field.count, isActive: isFiltering)
      }
      first += 1
    }
    if items.isEmpty {
      let words: SafeText =
        groups.isEmpty
        ? Self.emptyWords(groupFilter)
        : "No group name contains this text. Press Esc to show all."
      for (index, line) in words.wrapped(to: context.width - 4).enumerated() {
        canvas.draw(line, row: first + 1 + index, column: 2)
      }
      if !isFiltering { canvas.placeCursor(row: first + 1, column: 0) }
      return
    }
    let height = max(0, rows.upperBound - first - 1)
    let index = selection.index(in: items.map(\.id))
    let visible = selection.visible(in: items.map(\.id), height: height)
    let lines = visible.map { Line(items[$0]) }
    for (offset, position) in visible.enumerated() {
      canvas.draw(position == index ? ">" : " ", row: first + offset, column: 0, style: .key)
      lines[offset].row(beside: lines, isSelected: position == index).draw(
        into: &canvas, row: first + offset, columns: 2..<context.width)
      if position == index, !isFiltering { canvas.placeCursor(row: first + offset, column: 0) }
    }
    canvas.draw(
      "\((index ?? 0) + 1) of \(items.count)", row: rows.upperBound - 1, endingAt: context.width,
      style: .muted)
  }

  private static func emptyWords(_ groupFilter: GroupFilter) -> SafeText {
    switch groupFilter {
    case .inUse: "No groups yet. Press n to create one, or i to join one with an invite."
    case .archived: "No archived groups. Press v for the deleted ones."
    case .deleted: "No deleted groups. Press v for the groups in use."
    }
  }

  /// The texts of a group in the list.
  private struct Line {
    let name: SafeText
    let people: SafeText
    let words: SafeText
    let sum: SafeText
    let style: Style

    init(_ group: Group) {
      let nets = group.balances
      let first = nets.first.map { Amount($0.amount, $0.currency) } ?? Amount(0, group.currency)
      name = SafeText(group.name)
      people = group.memberCount == 1 ? "1 member" : "\(group.memberCount) members"
      words = BalanceBars.words(first.minorUnits, isMe: true)
      let more: SafeText = nets.count > 1 ? " +\(nets.count - 1)" : ""
      sum = first.minorUnits == 0 ? "" : "\(BalanceBars.signed(first)) \(first.currency.code)\(more)"
      style = BalanceBars.style(first.minorUnits)
    }

    /// Returns the row. In a narrow window the number of members goes first, then the words; the sum stays.
    func row(beside lines: [Line], isSelected: Bool) -> Row {
      Row(
        left: [
          .cut(
            name, rank: 1, least: 16, column: min(40, lines.map(\.name.width).max() ?? 0),
            isSelected ? .bold : .normal),
          .whole(people, rank: 3, .muted),
        ],
        right: [
          .whole(
            words, rank: sum.string.isEmpty ? 0 : 2, column: lines.map(\.words.width).max() ?? 0, style),
          .whole(sum, rank: sum.string.isEmpty ? 4 : 0, column: lines.map(\.sum.width).max() ?? 0, style),
        ])
    }
  }
}
