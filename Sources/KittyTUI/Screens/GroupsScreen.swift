import KittyShared

/// The groups of the user, with the user's balance in each.
struct GroupsScreen: Screen {
  private(set) var groups: [Group]?
  private(set) var selection = ListSelection<ID>()
  private(set) var filter = TextField(limit: 64)
  private(set) var isFiltering = false
  private(set) var groupFilter = GroupFilter.inUse
  /// The group that was created or restored last. It is selected when the list has it.
  private var written: ID?
  /// The group whose deletion was asked for here.
  private var asked: ID?

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
    let isEmpty = groups?.isEmpty == true
    let isInUse = groupFilter == .inUse
    let (group, isDeleted) = (selected, groupFilter == .deleted)
    return [
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "open the group", .open,
        footer: isEmpty || groupFilter == .deleted ? "" : "open"),
      Binding([.character("n")], "n", "new group", .newGroup, footer: "new"),
      Binding(
        [.character("/")], "/", "filter by name", .filter, footer: isEmpty ? "" : "filter"),
      Binding(
        [.character("e")], "e", "rename the group, close its books", .rename,
        footer: isEmpty || isDeleted ? "" : "edit"
      ).asking(group, for: .administer),
      Binding(
        [.character("A")], "A", isInUse ? "archive the group" : "restore the group", .archive,
        footer: isEmpty ? "" : isInUse ? "archive" : "restore"
      ).asking(group, for: isDeleted ? .deleteGroup : .administer),
      Binding([.character("D")], "D", "delete the group (it can be restored)", .deleteGroup)
        .asking(group, for: .deleteGroup),
      Binding([.character("v")], "v", Self.name(of: nextShelf), .toggleArchived, footer: "other groups"),
      Binding([.character("U")], "U", "you: account, password, sessions", .you, footer: "you"),
      Binding([.character("i")], "i", "join a group with an invite", .join, footer: "join"),
      Binding([.character("I")], "I", "create a group from an exported file", .importGroup),
      Binding([.character("P")], "P", "my profile photo", .myPhoto),
      Binding([.character("U")], "U", "drafts: what was typed and not saved", .drafts),
      Binding([.character("S")], "S", "sign out", .signOut),
    ] + Binding.moving + (isInUse ? Binding.leavingProgram : Binding.leaving)
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
    let words = filter.text.searchKey.split(separator: " ")
    guard !words.isEmpty else { return groups ?? [] }
    return (groups ?? []).filter { group in
      let name = group.name.searchKey
      return words.allSatisfy { name.contains($0) }
    }
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
    let height = listRows(context.rows).count
    if selection.move(command, in: shown.map(\.id), page: max(1, height - 1)) { return [] }
    if isFiltering {
      isFiltering = false
      if command == .back { filter.set("") }
      return command == .back ? [.toast("All groups are shown.")] : []
    }
    if [.open, .rename, .deleteGroup, .archive].contains(command), selected == nil { return [Self.noGroup] }
    switch command {
    case .filter: isFiltering = true
    case .back where !filter.text.isEmpty:
      filter.set("")
      return [.toast("All groups are shown.")]
    case .back where groupFilter != .inUse, .quit where groupFilter != .inUse: return show(.inUse)
    case .open:
      guard let selected else { break }
      if groupFilter == .deleted { return [.toast("The group is deleted. Restore it first: A.")] }
      asked = nil
      return [.push(GroupScreen(selected))]
    case .newGroup: return [.push(GroupForm(id: context.newID(), currency: context.currency))]
    case .rename:
      guard let selected else { break }
      if groupFilter == .deleted { return [.toast("The group is deleted. Restore it first: A.")] }
      return [.push(GroupForm(renaming: selected, today: context.today))]
    case .deleteGroup:
      guard let selected, groupFilter != .deleted else { break }
      asked = selected.id
      return [GroupEnding(group: selected).deletion]
    case .archive: return archive()
    case .toggleArchived: return show(nextShelf)
    case .importGroup: return [.push(ImportForm(id: context.newID(), key: context.newID()))]
    case .join: return [.push(JoinForm())]
    case .you: return [.push(YouScreen())]
    case .myPhoto: return [.push(PhotoScreen(.me, title: "My photo"))]
    case .drafts: return [.push(DraftsScreen())]
    case .signOut: return [.confirm("Sign out?", [.run(.signOut)])]
    default: break
    }
    return []
  }

  private static let noGroup = Action.toast("There is no group here. Press n to create one.")

  /// Shows the groups in use, the archived or the deleted ones.
  private mutating func show(_ shelf: GroupFilter) -> [Action] {
    groupFilter = shelf
    groups = nil
    return [.run(.loadGroups(shelf))]
  }

  private func archive() -> [Action] {
    guard let selected else { return [Self.noGroup] }
    if groupFilter == .deleted {
      return [.confirm("Restore \"\(selected.name)\"?", [.run(.restoreGroup(selected.id))])]
    }
    return [GroupEnding(group: selected).archiving]
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .groups(let groups):
      self.groups = groups
      selection.update(shown.map(\.id))
      if let written, groups.contains(where: { $0.id == written }) {
        selection.select(written, in: shown.map(\.id))
        self.written = nil
      }
    case .groupChanged(let group):
      let old = groups?.first { $0.id == group.id }
      written = group.id
      let isMoved = old.map { ($0.archivedAt == nil) != (group.archivedAt == nil) } ?? false
      guard isMoved else { return [.run(.loadGroups(groupFilter))] }
      written = nil
      let words: SafeText = group.archivedAt == nil ? "Restored." : "Archived. v shows the archived groups."
      return [.run(.loadGroups(groupFilter)), .toast(words)]
    case .imported(let found):
      written = found.group.id
      return [.run(.loadGroups(groupFilter))]
    case .groupRestored: return [.run(.loadGroups(groupFilter)), .toast("Restored.")]
    case .groupDeleted:
      let keys: SafeText = groupFilter == .inUse ? "v v" : "v"
      return [.run(.loadGroups(groupFilter)), .toast("Deleted. \(keys) shows the deleted groups.")]
    case .failed(.deleteGroup(let id, false), .problem(let problem))
    where problem.code == "not_settled" && id == asked:
      // The server refused because of open balances. The user can still force it.
      return groups?.first { $0.id == id }.map { [GroupEnding(group: $0).forcedDeletion] } ?? []
    case .failed(.deleteGroup(let id, _), let failure) where id == asked:
      return [.toast(SafeText(failure.message("Not deleted.")))]
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
    if items.isEmpty {
      let words: SafeText =
        groups.isEmpty
        ? Self.emptyWords(groupFilter)
        : "No group name contains this text. Press Esc to show all."
      let first = listRows(rows).lowerBound + 1
      for (index, line) in words.wrapped(to: context.width - 4).enumerated() {
        canvas.draw(line, row: first + index, column: 2)
      }
      canvas.placeCursor(row: first, column: 0)
    }
    let columns = ListTable.columns(in: context.width)
    let list = listRows(rows)
    let index = selection.index(in: items.map(\.id))
    let visible = selection.visible(in: items.map(\.id), height: list.count)
    Self.table(items[visible]).draw(
      into: &canvas, rows: list, columns: columns, selected: index.map { $0 - visible.lowerBound })
    if let index {
      canvas.draw(
        "\(index + 1) of \(items.count)", row: rows.upperBound - 1, endingAt: columns.upperBound,
        style: .muted)
    }
    // The field of the filter has the cursor, so it is drawn last.
    guard isFiltering || !filter.text.isEmpty else { return }
    let layout = Row(
      left: [.whole("/", rank: 0, .key), .cut("", rank: 1, least: 8, column: 64)],
      right: [.whole("\(items.count) of \(groups.count)", rank: 2, .muted)]
    ).draw(into: &canvas, row: rows.lowerBound, columns: columns)
    if let field = layout.left[1] {
      filter.view(
        into: &canvas, row: rows.lowerBound, column: field.lowerBound, width: field.count,
        isActive: isFiltering)
    }
  }

  /// The rows of the groups: between the filter and the position.
  private func listRows(_ rows: Range<Int>) -> Range<Int> {
    let first = rows.lowerBound + (isFiltering || !filter.text.isEmpty ? 1 : 0)
    return first..<max(first, rows.upperBound - 1)
  }

  private static func emptyWords(_ groupFilter: GroupFilter) -> SafeText {
    switch groupFilter {
    case .inUse: "No groups yet. Press n to create one, or i to join one with an invite."
    case .archived: "No archived groups. Press v for the deleted ones."
    case .deleted: "No deleted groups. Press v for the groups in use."
    }
  }

  /// Returns the groups as a table: name, members, balance. A group in several currencies has the number of the others.
  private static func table(_ groups: some Sequence<Group>) -> ListTable {
    ListTable(
      columns: [
        .init(rank: 1, least: 16, fills: true),
        .init(rank: 4, edge: .right),
        .init(rank: 2, edge: .right),
        .init(rank: 0, edge: .right),
        .init(rank: 3, gap: 1),
      ],
      rows: groups.map { group in
        let nets = group.balances
        let first = nets.first.map { Amount($0.amount, $0.currency) } ?? Amount(0, group.currency)
        let style = BalanceBars.style(first.minorUnits)
        return [
          .text(SafeText(group.name)),
          .text(group.memberCount == 1 ? "1 member" : "\(group.memberCount) members", .muted),
          .text(BalanceBars.words(first.minorUnits, isMe: true), style),
          first.minorUnits == 0 ? .text("") : .amount(first, isSigned: true, style),
          .text(nets.count > 1 ? "+\(nets.count - 1)" : "", style),
        ]
      })
  }
}
