import KittyShared

/// The valid invites of a group, and the code of the selected one.
struct InvitesScreen: Screen {
  private let data: GroupData
  private(set) var invites: [Invite]?
  private(set) var selection = ListSelection<ID>()
  /// The reason why the invites cannot be loaded.
  private var refusal: SafeText = ""

  init(_ data: GroupData) { self.data = data }

  var title: SafeText { "Invites" }
  var refresh: [Effect] { [.loadInvites(data.group.id)] }
  var bindings: [Binding] {
    [
      Binding([.character("n")], "n", "create an invite", .newInvite, footer: "new invite")
        .asking(data.group, for: .invite),
      Binding([.character("d"), .delete], "d Del", "revoke the invite", .remove, footer: "revoke")
        .asking(data.group, for: .invite),
      Binding(
        [.character("c")], "c", "copy the code to the clipboard of your terminal", .copy,
        footer: invites?.isEmpty == false ? "copy" : ""),
    ] + Binding.moving + Binding.leaving
  }

  private var ids: [ID] { (invites ?? []).map(\.id) }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: ids, page: max(1, context.height - 11)) { return [] }
    switch command {
    case .newInvite: return [.push(InviteForm(data, id: context.newID()))]
    case .copy:
      guard let invites, let index = selection.index(in: ids) else { break }
      return Action.copy(invites[index].code, "The code")
    case .remove:
      guard let invites, let index = selection.index(in: ids) else { break }
      let invite = invites[index]
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
    var row = rows.lowerBound
    canvas.placeCursor(row: row, column: 0)
    func say(_ text: SafeText, _ style: Style = .normal) {
      for line in text.wrapped(to: max(10, context.width - 4)) where row < rows.upperBound {
        canvas.draw(line, row: row, column: 2, style: style)
        row += 1
      }
    }
    guard refusal.string.isEmpty else { return say(refusal, .warning) }
    guard let invites else { return say("Loading the invites…", .muted) }
    guard let index = selection.index(in: ids) else {
      return say("There are no invites. Press n to create one: a code that you send to a person.")
    }
    let invite = invites[index]
    say("Send this code to the person:", .muted)
    for line in Self.pieces(of: invite.code, width: context.width - 4) { say(line, .bold) }
    say(words(for: invite, context))
    row += 1
    let list = row..<max(row, rows.upperBound)
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
      selected: index - visible.lowerBound)
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
