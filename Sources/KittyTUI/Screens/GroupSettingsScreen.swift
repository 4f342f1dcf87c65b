import KittyShared

/// The settings of a group, and what can be done with it as a whole. A line that the role does not allow is greyed.
struct GroupSettingsScreen: Screen {
  /// A line of the list.
  enum Line: Hashable, Sendable, CaseIterable {
    case name, closed, split, ownEntries, photo, members, categories, recurring, invites, deleted, export
    case imports
    case archive, delete
  }

  private(set) var data: GroupData
  private(set) var selection = ListSelection<Line>()
  /// `true` once the deletion was asked for here, and not in the list of groups.
  private var isAsking = false

  init(_ data: GroupData) {
    self.data = data
    selection.update(Line.allCases)
  }

  private var group: Group { data.group }

  var title: SafeText { "Settings" }
  var refresh: [Effect] { [.loadGroup(group.id)] }
  var bindings: [Binding] {
    [
      Binding(
        [.enter, .right, .character("l"), .character(" ")], "Enter → l", "open or change it", .open,
        footer: "open or change"
      ).asking(group, for: selection.selected.flatMap(Self.action)),
      Binding([.character("e")], "e", "edit the name and the closed day", .edit, footer: "edit")
        .asking(group, for: .administer),
      Binding([.character("x")], "x", "export the books to a file", .export, footer: "export"),
      Binding(
        [.character("A")], "A", group.archivedAt == nil ? "archive the group" : "bring the group back",
        .archive, footer: group.archivedAt == nil ? "archive" : "bring back"
      ).asking(group, for: .administer),
      Binding([.character("D")], "D", "delete the group (it can be restored)", .deleteGroup, footer: "delete")
        .asking(group, for: .deleteGroup),
    ] + Binding.moving + Binding.leaving
  }

  /// The action of a line; `nil` for one that only reads.
  private static func action(_ line: Line) -> GroupAction? {
    switch line {
    case .name, .closed, .split, .ownEntries, .archive: .administer
    case .invites: .readInvites
    case .delete: .deleteGroup
    case .photo, .members, .categories, .recurring, .deleted, .export, .imports: nil
    }
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: Line.allCases, page: max(1, context.rows.count - 1)) { return [] }
    switch command {
    case .open: return selection.selected.map { open($0, context) } ?? []
    case .edit: return open(.name, context)
    case .export: return open(.export, context)
    case .archive: return open(.archive, context)
    case .deleteGroup: return open(.delete, context)
    default: return []
    }
  }

  private mutating func open(_ line: Line, _ context: Context) -> [Action] {
    switch line {
    case .name: return [.push(GroupForm(renaming: group, today: context.today))]
    case .closed: return [.push(GroupForm(renaming: group, today: context.today, at: "closedUntil"))]
    case .split:
      return [
        .run(
          .changeGroup(
            group.id, version: group.version,
            GroupChange(defaultSplit: group.defaultSplit == nil ? .set(SplitRule(.shares)) : .clear)))
      ]
    case .ownEntries:
      return [
        .run(
          .changeGroup(
            group.id, version: group.version, GroupChange(ownEntriesOnly: !group.ownEntriesOnly)))
      ]
    case .photo: return [.push(PhotoScreen(of: group, hasFiles: context.hasFiles))]
    case .members: return [.push(MembersScreen(data))]
    case .categories: return [.push(CategoriesScreen(data))]
    case .recurring: return [.push(RecurringScreen(data))]
    case .invites: return [.push(InvitesScreen(data))]
    case .deleted: return [.push(DeletedEntriesScreen(data))]
    case .export:
      if let address = context.kiosk {
        // By its id: a shell would read the name, which other members choose.
        return [.toast("From your own machine: ssh \(SafeText(address)) export \(group.id) > FILE")]
      }
      return [context.hasFiles ? .push(ExportForm(group)) : .toast(SafeText(EffectRunner.noFiles))]
    case .imports: return [.push(ImportsScreen(data))]
    case .archive: return [GroupEnding(group: group).archiving]
    case .delete:
      isAsking = true
      return [GroupEnding(group: group).deletion]
    }
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .group(let found) where found.group.id == group.id: data = found
    case .groupChanged(let changed) where changed.id == group.id:
      let old = group
      data.group = changed
      if old.defaultSplit != changed.defaultSplit {
        return [.toast("New expenses are shared \(Self.words(forSplit: changed.defaultSplit, data)).")]
      }
      if old.ownEntriesOnly != changed.ownEntriesOnly {
        return [.toast(Self.words(forOwnEntries: changed.ownEntriesOnly).capitalised + ".")]
      }
      guard (old.archivedAt == nil) != (changed.archivedAt == nil) else { break }
      return [
        .toast(
          changed.archivedAt == nil
            ? "\"\(changed.name)\" is in use again."
            : "\"\(changed.name)\" is archived: it can only be read. \(key: .archive, "A") brings it back.")
      ]
    case .groupDeleted(group.id): return [.pop]
    // The user has left the group meanwhile.
    case .failed(.loadGroup(group.id), .problem(let problem)) where [403, 404].contains(problem.status):
      return [.pop]
    case .failed(.deleteGroup(group.id, false), .problem(let problem))
    where problem.code == "not_settled" && isAsking:
      return [GroupEnding(group: group).forcedDeletion]
    case .failed(.deleteGroup(group.id, _), let failure):
      return [.toast(SafeText(failure.message("Not deleted.")))]
    case .failed(.changeGroup(group.id, _, let change), let failure)
    where change.archived != nil || change.ownEntriesOnly != nil || change.defaultSplit != .keep:
      // A group that was changed meanwhile is read again, so that the next try has its version.
      return [.run(.loadGroup(group.id)), .toast(SafeText(failure.message("Not changed.")))]
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    let lines = Line.allCases
    let visible = selection.visible(in: lines, height: rows.count)
    ListTable(
      columns: [.init(rank: 0, least: 12), .init(rank: 1, least: 8, fills: true)],
      rows: lines[visible].map { line in
        let isRefused = Self.action(line).flatMap { group.refusal(of: $0) } != nil
        let name = isRefused ? "(\(name(of: line)))" : name(of: line)
        return [
          .text(name, isRefused ? .disabled : .normal),
          .text(value(of: line, context), asksForAMember(line) ? .warning : .muted),
        ]
      }
    ).draw(
      into: &canvas, rows: rows, columns: ListTable.columns(in: context.width),
      selected: selection.index(in: lines).map { $0 - visible.lowerBound })
  }

  private func name(of line: Line) -> SafeText {
    switch line {
    case .name: "Name"
    case .closed: "Closed to"
    case .split: "Split"
    case .ownEntries: "Own entries only"
    case .photo: "Photo"
    case .members: "Members"
    case .categories: "Categories"
    case .recurring: "Recurring"
    case .invites: "Invites"
    case .deleted: "Deleted entries"
    case .export: "Export to a file"
    case .imports: "Imports"
    case .archive: group.archivedAt == nil ? "Archive" : "Bring back"
    case .delete: "Delete the group"
    }
  }

  private func value(of line: Line, _ context: Context) -> SafeText {
    switch line {
    case .name: return "\(group.name), in \(group.currency.code)"
    case .closed:
      guard let day = group.closedUntil else { return "the books are open" }
      return
        "\(SafeText(SafeText(day, today: context.today).string.drop { $0 == " " })): entries up to it stay"
    case .split: return Self.words(forSplit: group.defaultSplit, data)
    case .ownEntries: return Self.words(forOwnEntries: group.ownEntriesOnly)
    case .photo: return group.photo.map { "\($0.width) × \($0.height) pixels" } ?? "none"
    case .members: return "\(data.present.count)"
    case .categories: return data.tree.isEmpty ? "none" : "\(data.tree.count)"
    case .recurring: return asksForAMember(line) ? data.rules.stateWords : "rent, dues and the like"
    case .invites, .deleted: return ""
    case .export: return "JSON, CSV, Excel, hledger or beancount"
    case .imports: return "files of other programs, to import or to undo"
    case .archive: return group.archivedAt == nil ? "it can only be read then" : "it is archived"
    case .delete: return "it can be restored for 30 days"
    }
  }

  /// `true` for a line of things that wait for a member.
  private func asksForAMember(_ line: Line) -> Bool {
    line == .recurring && !data.rules.stateWords.string.isEmpty
  }

  private static func words(forSplit rule: SplitRule?, _ data: GroupData) -> SafeText {
    guard let rule else { return "equally among all" }
    guard let parts = rule.parts else {
      return rule.method == .shares ? "by the weights of the members" : "equally among all"
    }
    return "\(SplitFields.name(of: rule.method)): \(parts.map { data.name(of: $0.member) }.joined(", "))"
  }

  private static func words(forOwnEntries isOn: Bool) -> SafeText {
    isOn ? "yes: members change only what they entered" : "no: members change every entry"
  }
}
