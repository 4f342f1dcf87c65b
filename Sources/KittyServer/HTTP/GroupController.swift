import Hummingbird
import KittyShared

/// The HTTP face of groups and their members.
struct GroupController: Sendable {
  let groups: GroupStore
  let members: MemberStore
  let users: UserStore
  let balances: BalanceStore

  func register(on routes: inout Routes) {
    routes.on(Endpoints.groups, list)
    routes.create(Endpoints.createGroup, create) { id, call in
      let group = try await find(id, for: try call.user)
      return Reply(group).tagged(group.version).located(Endpoints.group.route.path([id]))
    }
    routes.on(Endpoints.group) { call in
      let group = try await find(try call.member.group, for: try call.user)
      return Reply(group).tagged(group.version)
    }
    routes.on(Endpoints.changeGroup, change)
    routes.on(Endpoints.deleteGroup, delete)
    routes.on(Endpoints.restoreGroup) { call in
      try await groups.restore(call.member.group)
      let group = try await find(try call.member.group, for: try call.user)
      return Reply(group).tagged(group.version)
    }
    routes.on(Endpoints.members, listMembers)
    routes.create(Endpoints.addMember, addMember) { id, call in
      let member = try await findMember(id, call)
      return Reply(member).tagged(member.version)
    }
    routes.on(Endpoints.member) { call in
      let member = try await findMember(call.id("member"), call)
      return Reply(member).tagged(member.version)
    }
    routes.on(Endpoints.changeMember, changeMember)
    routes.on(Endpoints.removeMember, removeMember)
  }

  private func list(_ call: Call) async throws -> Reply<Page<Group>> {
    let page = try call.page()
    let before = try page.cursor.map(Cursor.id)
    let state: GroupState =
      try call.flag("deleted") ? .deleted : try call.flag("archived") ? .archived : .inUse
    let found = try await groups.list(
      for: call.user, state, only: call.onlyGroup, limit: page.limit + 1, before: before)
    return .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  private func create(_ input: NewGroup, _ call: Call) async throws -> Reply<Group> {
    let user = try call.user
    guard let owner = try await users.find(id: user) else { throw Problem.signInNeeded }
    let id = input.id ?? call.newID
    try await groups.insert(
      input, id: id, owner: ID(at: call.now), named: owner.displayName, user: user, at: call.now)
    let group = try await find(id, for: user)
    return Reply(group).tagged(group.version).located(Endpoints.group.route.path([id]))
  }

  private func change(_ input: GroupChange, _ call: Call) async throws -> Reply<Group> {
    let id = try call.member.group
    let isDone = try await groups.change(id, input, version: call.version(required: true), at: call.now)
    let group = try await find(id, for: try call.user)
    guard isDone else { throw Problem.stale("The group", version: group.version) }
    return Reply(group).tagged(group.version)
  }

  private func delete(_ call: Call) async throws {
    let group = try call.member.group
    guard try await !groups.delete(group, force: call.flag("force"), at: call.now) else { return }
    throw Problem.conflict(
      "not_settled",
      "Somebody in this group still owes or is owed, or the kitty holds money. Settle first, or send force=true."
    )
  }

  private func findMember(_ id: ID, _ call: Call) async throws -> Member {
    guard let member = try await members.find(id, in: call.member.group) else {
      throw Problem.notFound("member")
    }
    return member
  }

  private func changeMember(_ input: MemberChange, _ call: Call) async throws -> Reply<Member> {
    let id = try call.id("member")
    let version = try call.version(required: true)
    let isDone = try await members.change(id, in: call.member.group, input, version: version)
    let member = try await findMember(id, call)
    guard isDone else {
      guard member.removedAt == nil else { throw Problem.notFound("member") }
      throw Problem.stale(member.name, version: member.version)
    }
    return Reply(member).tagged(member.version)
  }

  private func find(_ group: ID, for user: ID) async throws -> Group {
    guard let group = try await groups.find(group, for: user) else { throw Problem.notFound("group") }
    return group
  }

  private func listMembers(_ call: Call) async throws -> Reply<Page<Member>> {
    let page = try call.page()
    let after = try page.cursor.map(Cursor.id)
    let found = try await members.list(
      in: call.member.group, removed: call.flag("removed"), limit: page.limit + 1, after: after)
    return .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  private func addMember(_ input: NewMember, _ call: Call) async throws -> Reply<Member> {
    let group = try call.member.group
    let member = Member(
      id: input.id ?? call.newID, name: input.name.trimmed, user: nil, role: .guest,
      weight: input.weight ?? 1, photo: nil, createdAt: call.now, removedAt: nil)
    try await members.insert(member, in: group)
    return Reply(member).tagged(member.version).located(Endpoints.member.route.path([group, member.id]))
  }

  private func removeMember(_ call: Call) async throws {
    let group = try call.member.group
    let id = try call.id("member")
    if try await members.remove(id, from: group, at: call.now) { return }
    // It did not happen: find out why, to say so.
    guard let member = try await members.find(id, in: group), member.removedAt == nil else {
      throw Problem.notFound("member")
    }
    if member.role == .owner {
      throw Problem.conflict("is_owner", "\(member.name) owns the group and cannot be removed from it.")
    }
    let unsettled = try await balances.balances(in: group, currency: call.member.currency)
      .filter { $0.account == .member(id) && $0.net != 0 }
    let open = unsettled.map { "\(Amount($0.net, $0.currency))" }.joined(separator: " and ")
    throw Problem.conflict(
      "balance_not_zero", "\(member.name)'s balance is \(open). Settle it first, then remove them.")
  }
}
