import KittyShared

/// The valid invites of a group, and the code of the selected one.
struct InvitesScreen: Screen {
  private let data: GroupData
  private(set) var invites: [Invite]?
  private(set) var selection = ListSelection<ID>()
  private(set) var filter = ListFilter()
  /// The reason why the invites cannot be loaded.
  private var refusal: SafeText = ""

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Invites" }
  var refresh: [Effect] { [.loadInvites(data.group.id)] }
  var isEditing: Bool { filter.isActive }
  var bindings: [Binding] {
    if filter.isActive { return ListFilter.bindings }
    return [
      Binding([.character("n")], "n", "create an invite", .newInvite, footer: "new invite")
        .asking(data.group, for: .invite),
      Binding([.character("d"), .delete], "d Del", "revoke the invite", .remove, footer: "revoke")
        .asking(data.group, for: .invite),
      Binding(
        [.character("c")], "c", "copy the code to the clipboard of your terminal", .copy,
        footer: invites?.isEmpty == false ? "copy" : ""),
      ListFilter.opening("filter the invites: for whom, last day", isEmpty: invites?.isEmpty != false),
    ] + Binding.moving + Binding.leaving
  }

  /// The invites that the filter lets through.
  private var shown: [Invite] {
    filter.matches(invites ?? []) { "\(name(of: $0).string) \($0.expiresAt.day)" }
  }
  private var ids: [ID] { shown.map(\.id) }
  private var selected: Invite? { selection.index(in: ids).map { shown[$0] } }

  mutating func edit(_ key: Key, _ context: Context) -> Bool {
    guard filter.edit(key) else { return false }
    selection.update(ids)
    return true
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: ids, page: max(1, context.height - 11)) { return [] }
    if filter.perform(command) {
      selection.update(ids)
      return command == .back ? [.toast("All invites are shown.")] : []
    }
    switch command {
    case .newInvite: return [.push(InviteForm(data, id: context.newID()))]
    case .copy:
      guard let selected else { break }
      return Action.copy(selected.code, "The code")
    case .remove:
      guard let invite = selected else { break }
      return [
        .confirm(
          "Revoke the invite \(name(of: invite))? Its code will no longer work.",
          [.run(.revokeInvite(group: data.group.id, invite: invite.id))])
      ]
    default: break
    }
    return []
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .invites(data.group.id, let found):
      invites = found
      refusal = ""
      selection.update(ids)
    case .inviteMade(data.group.id, let invite):
      invites = (invites ?? []).filter { $0.id != invite.id } + [invite]
      // The new one is shown and copied, also where the filter would hide it.
      filter = ListFilter()
      selection.select(invite.id, in: ids)
    case .inviteRevoked(data.group.id, let invite):
      invites?.removeAll { $0.id == invite }
      selection.update(ids)
      return [.toast("Revoked.")]
    case .failed(.revokeInvite(data.group.id, _), let failure):
      return [.toast(SafeText(failure.message("Not revoked.")))] + refresh.map { .run($0) }
    case .failed(.loadInvites(data.group.id), .problem(let problem)): refusal = SafeText(problem.words)
    default: break
    }
    return []
  }

  /// The purpose of an invite.
  private func name(of invite: Invite) -> SafeText {
    invite.guest.map { "for \(data.name(of: $0))" } ?? "for a new \(invite.role.rawValue)"
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    var free = rows
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    guard refusal.string.isEmpty else { return canvas.say(refusal, .warning, in: &free) }
    guard let invites else { return canvas.say("Loading the invites…", .muted, in: &free) }
    if filter.isShown { free = free.dropFirst() }
    if let invite = selected {
      draw(invite, shown, in: free, into: &canvas, context)
    } else if filter.isShown {
      canvas.say("No invite contains this text.", in: &free)
    } else {
      canvas.say(
        "There are no invites. Press \(key: .newInvite, "n") to create one: a code that you send to a person.",
        in: &free)
    }
    // The field of the filter has the cursor, so it is drawn last.
    guard filter.isShown else { return }
    filter.view(
      into: &canvas, row: rows.lowerBound, columns: ListTable.columns(in: context.width), shown: ids.count,
      of: "\(invites.count)")
  }

  /// Draws the code of an invite, and the list.
  private func draw(
    _ invite: Invite, _ invites: [Invite], in rows: Range<Int>, into canvas: inout Canvas, _ context: Context
  ) {
    var free = rows
    canvas.say("Send this code to the person:", .muted, in: &free)
    for line in Self.pieces(of: invite.code, width: context.width - 4) { canvas.say(line, .bold, in: &free) }
    canvas.say(words(for: invite, context), in: &free)
    let list = free.dropFirst()
    let visible = selection.visible(in: ids, height: list.count)
    ListTable(
      columns: [
        .init(rank: 1, least: 12, fills: true),
        .init(rank: 2, edge: .right),
        .init(rank: 0, edge: .right),
      ],
      rows: invites[visible].map {
        [
          .text(name(of: $0)), .text("\($0.uses) of \($0.maxUses) used", .muted),
          .text("\($0.expiresAt.day)", .muted),
        ]
      }
    ).draw(
      into: &canvas, rows: list, columns: ListTable.columns(in: context.width),
      selected: selection.index(in: ids).map { $0 - visible.lowerBound })
  }

  /// The whole code in lines: a cut code would not work.
  private static func pieces(of code: String, width: Int) -> [SafeText] {
    let characters = Array(code)
    return stride(from: 0, to: characters.count, by: max(1, width)).map { start in
      SafeText(String(characters[start..<min(start + max(1, width), characters.count)]))
    }
  }

  private func words(for invite: Invite, _ context: Context) -> SafeText {
    let effect: SafeText =
      invite.guest.map { "becomes \(data.name(of: $0)), \(invite.role.withArticle)" }
      ?? "joins as \(invite.role.withArticle)"
    let days = max(0, invite.expiresAt.day.daysSince1970 - context.today.daysSince1970)
    let left: SafeText = days == 0 ? "today" : days == 1 ? "1 more day" : "\(days) more days"
    let people = invite.maxUses - invite.uses
    let uses: SafeText = people == 1 ? "one person" : "\(people) people"
    return "A person with it \(effect). Valid until \(invite.expiresAt.day) (\(left)), for \(uses)."
  }
}

extension Canvas {
  /// Draws a text into the first of the free rows, and takes them.
  fileprivate mutating func say(_ text: SafeText, _ style: Style = .normal, in free: inout Range<Int>) {
    for (line, row) in zip(text.wrapped(to: max(10, width - 4)), free) {
      draw(line, row: row, column: 2, style: style)
      free = free.dropFirst()
    }
  }
}
