import KittyShared

/// The groups of the user, with the user's balance in each.
struct GroupsScreen: Screen {
  private(set) var groups: [Group]?
  /// The details of the groups in use that the list shows.
  private(set) var digests: [ID: GroupDigest] = [:]
  private(set) var cachedAt: Instant?
  /// The lines above and below the list. They are made once for each answer, and not for each key.
  private(set) var totals = HomeTotals([])
  private(set) var month: MonthLine?
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
      Binding(
        [.character("I")], "I", "import a file as a new group: an export, or of another program", .importGroup
      ),
      Binding([.character("P")], "P", "my profile photo", .myPhoto),
      Binding([.character("u")], "u", "drafts: what was typed and not saved", .drafts),
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

  /// The groups that the filter lets through.
  var shown: [Group] {
    let words = filter.text.folded.split(separator: " ")
    guard !words.isEmpty else { return groups ?? [] }
    return (groups ?? []).filter { group in
      let name = group.name.folded
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
    let height = listRows(context.rows, context).count
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
      if groupFilter == .deleted { return [Self.isDeleted] }
      asked = nil
      return [.push(GroupScreen(selected))]
    case .newGroup: return [.push(GroupForm(id: context.newID(), currency: context.currency))]
    case .rename:
      guard let selected else { break }
      if groupFilter == .deleted { return [Self.isDeleted] }
      return [.push(GroupForm(renaming: selected, today: context.today))]
    case .deleteGroup:
      guard let selected, groupFilter != .deleted else { break }
      asked = selected.id
      return [GroupEnding(group: selected).deletion]
    case .archive: return archive()
    case .toggleArchived: return show(nextShelf)
    case .importGroup: return [.importFile(into: nil, context)]
    case .join: return [.push(JoinForm())]
    case .you: return [.push(YouScreen())]
    case .myPhoto: return [.push(PhotoScreen(.me, title: "My photo", hasFiles: context.hasFiles))]
    case .drafts: return [.push(DraftsScreen())]
    case .signOut: return [.confirm("Sign out?", [.run(.signOut)])]
    default: break
    }
    return []
  }

  private static var noGroup: Action {
    .toast("There is no group here. Press \(key: .newGroup, "n") to create one.")
  }
  private static var isDeleted: Action {
    .toast("The group is deleted. Restore it first: \(key: .archive, "A").")
  }

  /// Shows the groups in use, the archived or the deleted ones.
  private mutating func show(_ shelf: GroupFilter) -> [Action] {
    groupFilter = shelf
    (groups, cachedAt) = (nil, nil)
    return [.run(.loadGroups(shelf))]
  }

  private func archive() -> [Action] {
    guard let selected else { return [Self.noGroup] }
    if groupFilter == .deleted {
      return [.confirm("Restore \"\(selected.name)\"?", [.run(.restoreGroup(selected.id))])]
    }
    return [GroupEnding(group: selected).archiving]
  }

  private mutating func summarise(_ context: Context) {
    totals = HomeTotals(groups ?? [])
    month = MonthLine(groups ?? [], digests, today: context.today)
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .cachedGroups(let cached) where groups == nil && groupFilter == .inUse:
      (groups, cachedAt) = (cached.groups, cached.savedAt)
      digests = Dictionary(cached.digests.map { ($0.group, $0) }, uniquingKeysWith: { _, last in last })
      selection.update(shown.map(\.id))
      summarise(context)
    case .digests(let digests):
      for digest in digests { self.digests[digest.group] = digest }
      summarise(context)
    case .seen(let group, let sequence): digests[group]?.forgetNews(upTo: sequence)
    case .groups(let groups):
      self.groups = groups
      cachedAt = nil
      summarise(context)
      selection.update(shown.map(\.id))
      if let written, groups.contains(where: { $0.id == written }) {
        selection.select(written, in: shown.map(\.id))
        self.written = nil
      }
      return digestsToRead(context.today)
    case .groupChanged(let group):
      let old = groups?.first { $0.id == group.id }
      written = group.id
      let isMoved = old.map { ($0.archivedAt == nil) != (group.archivedAt == nil) } ?? false
      guard isMoved else { return [.run(.loadGroups(groupFilter))] }
      written = nil
      let words: SafeText =
        group.archivedAt == nil
        ? "Restored." : "Archived. \(key: .toggleArchived, "v") shows the archived groups."
      return [.run(.loadGroups(groupFilter)), .toast(words)]
    case .imported(let found):
      written = found.group.id
      return [.run(.loadGroups(groupFilter))]
    case .fileImported(_, let new?, _):
      written = new.id
      return [.run(.loadGroups(groupFilter))]
    case .groupRestored: return [.run(.loadGroups(groupFilter)), .toast("Restored.")]
    case .groupDeleted:
      let key = "\(key: .toggleArchived, "v")" as SafeText
      let keys = groupFilter == .inUse ? "\(key) \(key)" : key
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
}
