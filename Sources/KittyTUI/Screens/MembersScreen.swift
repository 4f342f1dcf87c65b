import KittyShared

/// The members of a group: their roles, since when they are in it, and what the user may do with each of them.
struct MembersScreen: Screen {
  private(set) var data: GroupData
  private(set) var selection = ListSelection<ID>()
  /// `true` shows the former members too.
  private(set) var showsFormer = false
  /// The member whose removal was asked for.
  private var removing: ID?

  init(_ data: GroupData) {
    self.data = data
    selection.update(ids)
  }

  var title: SafeText { "Members" }
  var refresh: [Effect] { [.loadGroup(data.group.id)] }

  /// The shown members: the present ones in the order in which they joined, then the former ones.
  private var members: [Member] {
    data.present + (showsFormer ? data.members.filter { $0.removedAt != nil } : [])
  }
  private var ids: [ID] { members.map(\.id) }
  private var selected: Member? { selection.index(in: ids).map { members[$0] } }
  private var othersWithAccount: Int { data.present.count { $0.user != nil && $0.id != data.group.me } }

  var bindings: [Binding] {
    let (group, member) = (data.group, selected)
    return [
      Binding([.character("c")], "c", "change the role of the member", .setRole, footer: "role")
        .asking(group, for: member.map { .setRole(of: $0) }),
      Binding([.character("e")], "e", "edit the name and weight of the member", .edit, footer: "edit")
        .asking(group, for: member.map { .amend($0) }),
      Binding(
        [.character("a"), .character("m")], "a m", "add a member without an account", .addMember,
        footer: "add"
      ).asking(group, for: .addMember),
      Binding(
        [.character("v")], "v", "invites: for a new member, or for a guest to get an account", .invites,
        footer: "invites"
      ).asking(group, for: .readInvites),
      Binding([.character("d"), .delete], "d Del", "remove the member", .remove, footer: "remove")
        .asking(group, for: member.map { .remove($0) }),
      Binding(
        [.character("o")], "o", "make the member the owner of the group", .handOver, footer: "hand over"
      ).asking(group, for: member.map { .handOver(to: $0) }),
      Binding([.character("L")], "L", "leave the group", .leaveGroup, footer: "leave")
        .asking(group, for: .leave(othersWithAccount: othersWithAccount)),
      Binding(
        [.character("f")], "f", showsFormer ? "hide the former members" : "show the former members", .former,
        footer: showsFormer ? "hide former" : "former"),
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "the statement of the member", .open,
        footer: "statement"),
      Binding([.character("p")], "p", "the photo of the member", .photo),
    ] + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: ids, page: max(1, list(context.rows, context).count - 1)) { return [] }
    let group = data.group
    switch command {
    case .former:
      showsFormer.toggle()
      selection.update(ids)
      return data.members.count == data.present.count ? [.toast("No member has left the group.")] : []
    case .addMember: return [.push(MemberForm(group: group.id, id: context.newID()))]
    case .invites: return [.push(InvitesScreen(data))]
    case .leaveGroup: return [leaving]
    default: return selected.map { perform(command, on: $0) } ?? []
    }
  }

  private mutating func perform(_ command: Command, on member: Member) -> [Action] {
    let group = data.group
    switch command {
    case .open: return [.push(StatementScreen(data, of: .member(member.id)))]
    case .edit: return [.push(MemberForm(group: group.id, changing: member))]
    case .setRole: return [.push(RoleScreen(group.id, member))]
    case .photo:
      guard member.photo != nil else { return [.toast("\(member.name) has no photo.")] }
      return [
        .push(
          PhotoScreen(
            .member(group: group.id, member.id), title: SafeText(member.name), has: member.photo,
            refusal: "Only \(member.name) can change this photo."))
      ]
    case .handOver:
      return [
        .confirm(
          "Make \(member.name) the owner of \"\(group.name)\"? You become an admin, and only \(member.name) can hand it back.",
          [.run(.handOver(group: group.id, to: member.id))])
      ]
    case .remove:
      removing = member.id
      return [MemberRemoval(member.id, data).question]
    default: return []
    }
  }

  /// The question before the user leaves.
  private var leaving: Action {
    let group = data.group
    let debts = MemberRemoval(group.me, data).debts
    let words: SafeText =
      group.role == .owner
      ? "You are the only member with an account, so the group is deleted. You can restore it for 30 days."
      : "You can come back only with an invite."
    return .confirm(
      "Leave \"\(group.name)\"? \(debts.string.isEmpty ? "" : "\(debts) " as SafeText)\(words)",
      [.run(.leaveGroup(group.id))])
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    let group = data.group
    switch message {
    case .group(let found) where found.group.id == group.id:
      data = found
      selection.update(ids)
    case .memberAdded(group.id, let member), .memberChanged(group.id, let member):
      data.update(member)
      selection.select(member.id, in: ids)
    case .memberRemoved:
      return refresh.map { .run($0) } + [.toast("Removed. \(key: .former, "f") shows the former members.")]
    case .handedOver(group.id, let owner):
      return refresh.map { .run($0) } + [
        .toast("\(data.name(of: owner)) owns the group now. You are an admin.")
      ]
    case .groupLeft(group.id): return [.pop]
    case .failed(.removeMember(group.id, let member, _), let failure) where member == removing:
      return MemberRemoval(member, data).answer(to: failure)
    case .failed(.handOver(group.id, _), let failure):
      return [.toast(SafeText(failure.message("Not handed over.")))]
    case .failed(.leaveGroup(group.id), let failure): return [.toast(words(for: failure))]
    default: break
    }
    return []
  }

  /// The words for a user who could not leave.
  private func words(for failure: ClientFailure) -> SafeText {
    guard case .problem(let problem) = failure else { return SafeText(failure.message("Not left.")) }
    let debts = MemberRemoval(data.group.me, data).debts
    switch problem.code {
    case "balance_not_zero":
      let why = debts.string.isEmpty ? "Your balance is not zero." : debts
      return
        "Not left. \(why) Settle it first: \(key: .settle, "s") in the group. Or ask an admin to remove you."
    case "not_settled":
      return
        "Not left: the group is not settled. Settle it first, or delete it in its settings: \(key: .settings, "S") in the group."
    case "is_owner":
      return "Not left. You own the group. Hand it over to another member first: \(key: .handOver, "o")."
    default: return SafeText(failure.message("Not left."))
    }
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    let members = members
    _ = canvas.drawIntroduction(introduction, rows: rows, listing: members.count)
    let list = list(rows, context)
    let visible = selection.visible(in: ids, height: list.count)
    table(members[visible], context).draw(
      into: &canvas, rows: list, columns: ListTable.columns(in: context.width),
      selected: selection.index(in: ids).map { $0 - visible.lowerBound })
  }

  /// The rows of the list, below the words about the user's role.
  private func list(_ rows: Range<Int>, _ context: Context) -> Range<Int> {
    var canvas = Canvas(width: context.width, height: 0)
    let first = canvas.drawIntroduction(introduction, rows: rows, listing: members.count)
    return first..<max(first, rows.upperBound)
  }

  private var introduction: SafeText {
    let count = data.present.count
    let people: SafeText = count == 1 ? "1 member" : "\(count) members"
    return "\(people). As \(data.group.role.withArticle) you can \(data.group.role.meaning)."
  }

  private func table(_ members: some Sequence<Member>, _ context: Context) -> ListTable {
    func day(_ moment: Instant) -> SafeText {
      let day = SafeText(context.local(moment, context.timeZone).day, today: context.today)
      return SafeText(day.string.drop { $0 == " " })
    }
    return ListTable(
      columns: [
        .init(rank: 0, least: 8, most: 34),
        .init(rank: 1),
        .init(rank: 2),
        .init(rank: 3),
      ],
      rows: members.map { member in
        let style: Style = member.removedAt == nil ? .normal : .muted
        let since: SafeText =
          member.removedAt.map { "left \(day($0))" } ?? "joined \(day(member.createdAt))"
        return [
          .text(
            member.id == data.group.me ? "\(member.name) (you)" : SafeText(member.name),
            member.id == data.group.me ? .bold : style),
          .text(member.removedAt == nil ? "\(member.role.rawValue)" : "former", style),
          .text(since, .muted),
          .text(member.weight == 1 ? "" : "weight \(member.weight)", .muted),
        ]
      })
  }
}
