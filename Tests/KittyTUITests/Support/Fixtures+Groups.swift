import KittyShared

@testable import KittyTUI

/// Groups in which the user has another role, or which do not allow everything.
extension Fixtures {
  static func group(
    as role: Member.Role, isArchived: Bool = false, ownEntriesOnly: Bool = false, closedUntil: Day? = nil,
    kitty: [Money] = []
  ) -> Group {
    let old = group()
    return Group(
      id: old.id, name: old.name, currency: old.currency, me: old.me, role: role, balances: old.balances,
      kitty: kitty, memberCount: 4, photo: nil, createdAt: old.createdAt,
      archivedAt: isArchived ? old.createdAt : nil, closedUntil: closedUntil, ownEntriesOnly: ownEntriesOnly,
      version: 1)
  }

  /// The group with a photo.
  static func group(with photo: Photo) -> Group {
    let old = group()
    return Group(
      id: old.id, name: old.name, currency: old.currency, me: old.me, role: .owner, balances: old.balances,
      memberCount: 4, photo: photo, createdAt: old.createdAt, archivedAt: nil, closedUntil: nil, version: 1)
  }

  /// Anna, who is the user, with a role; Bob and Carl with accounts; a guest; and a former guest.
  static func people(as role: Member.Role = .owner) -> [Member] {
    let roles: [Member.Role] = [role, role == .owner ? .admin : .owner, .viewer, .guest, .guest]
    return (names + ["Dora"]).enumerated().map { index, name in
      let hasAccount = roles[index] != .guest
      let joined = Day("2026-0\(index + 3)-28")!.daysSince1970 * 86_400_000
      return Member(
        id: id(Int64(index + 1)), name: name, user: hasAccount ? id(Int64(50 + index)) : nil,
        role: roles[index], weight: index == 1 ? 2 : 1, photo: nil,
        createdAt: Instant(milliseconds: joined),
        removedAt: index == 4 ? Instant(milliseconds: joined + 86_400_000) : nil,
        version: Int64(index + 1))
    }
  }

  static func data(_ group: Group) -> GroupData {
    GroupData(group: group, members: people(as: group.role), balances: data.balances, entries: expenses)
  }

  /// The screen of a loaded group, without running effects.
  static func open(_ group: Group) -> AppState {
    var state = state(GroupsScreen())
    state.get(.groups([group]))
    state.press(.enter)
    state.get(.group(data(group)))
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  /// The list of members in such a group.
  static func openMembers(as role: Member.Role = .owner) -> AppState {
    var state = open(group(as: role))
    state.type("M")
    for effect in state.context.running { state.finish(effect) }
    return state
  }
}
