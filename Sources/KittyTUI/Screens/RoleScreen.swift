import KittyShared

/// The choice of a member's role, each with what it allows.
struct RoleScreen: Screen {
  private let group: ID
  private(set) var member: Member
  private(set) var selection = ListSelection<Member.Role>()
  private(set) var error: SafeText = ""
  /// The change while its result is not known.
  private var pending: Effect?

  /// The roles that can be given. The owner's is handed over, and a guest's ends with an invite.
  private static let roles: [Member.Role] = [.admin, .member, .viewer]

  init(_ group: ID, _ member: Member) {
    self.group = group
    self.member = member
    selection.select(member.role, in: Self.roles)
  }

  var title: SafeText { "Role of \(member.name)" }
  var isLocked: Bool { pending != nil }
  var bindings: [Binding] {
    [
      Binding(
        [.enter, .right, .character("l")], "Enter → l", "give this role", .open, footer: "give this role")
    ]
      + Binding.moving + Binding.leaving
  }

  mutating func perform(_ command: Command, _ context: Context) -> [Action] {
    if selection.move(command, in: Self.roles, page: Self.roles.count) { return [] }
    guard command == .open, let index = selection.index(in: Self.roles) else { return [] }
    let role = Self.roles[index]
    guard role != member.role else {
      return [.pop, .toast("\(member.name) is \(role.withArticle) already.")]
    }
    let effect = Effect.changeMember(
      group: group, member: member.id, version: member.version, MemberChange(role: role))
    pending = effect
    error = ""
    return [.run(effect)]
  }

  mutating func receive(_ message: Message, _ context: Context) -> [Action] {
    switch message {
    case .memberChanged(group, let changed) where changed.id == member.id && pending != nil:
      pending = nil
      return [.pop, .toast("\(changed.name) is \(changed.role.withArticle) now.")]
    case .failed(let effect, let failure) where effect == pending:
      pending = nil
      error = SafeText(failure.message("Not changed."))
      guard case .problem(let problem) = failure, problem.isStale else { break }
      error = "Another user changed \(member.name) meanwhile. Reading it again…"
      return [.run(.loadGroup(group))]
    case .group(let data) where data.group.id == group:
      guard let found = data.present.first(where: { $0.id == member.id }) else {
        return [.pop, .toast("\(member.name) has left the group.")]
      }
      if found.version != member.version, !error.string.isEmpty {
        error = "\(found.name) is \(found.role.withArticle) at present. Choose again."
      }
      member = found
    default: break
    }
    return []
  }

  func view(into canvas: inout Canvas, rows: Range<Int>, _ context: Context) {
    canvas.placeCursor(row: rows.lowerBound, column: 0)
    let list = rows.lowerBound..<min(rows.upperBound, rows.lowerBound + Self.roles.count)
    ListTable(
      columns: [.init(rank: 0), .init(rank: 1, least: 12, fills: true), .init(rank: 2, edge: .right)],
      rows: Self.roles.map { role in
        [
          .text("\(role.rawValue)", .bold), .text("can \(role.meaning)"),
          .text(role == member.role ? "now" : "", .muted),
        ]
      }
    ).draw(
      into: &canvas, rows: list, columns: ListTable.columns(in: context.width),
      selected: selection.index(in: Self.roles))
    _ = FormFields.drawError(error, row: list.upperBound + 1, width: context.width, into: &canvas)
  }
}
