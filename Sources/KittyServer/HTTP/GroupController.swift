import Hummingbird
import KittyShared

/// The HTTP face of groups and their members.
struct GroupController: Sendable {
  let groups: GroupStore
  let members: MemberStore
  let users: UserStore
  let expenses: ExpenseStore

  func register(on routes: inout Routes) {
    routes.on(Endpoints.groups, list)
    routes.on(Endpoints.createGroup, create)
    routes.on(Endpoints.group) { call in
      let group = try await find(try call.member.group, for: try call.user)
      return Reply(group).tagged(group.version)
    }
    routes.on(Endpoints.changeGroup, change)
    routes.on(Endpoints.members, listMembers)
    routes.on(Endpoints.addMember, addMember)
    routes.on(Endpoints.removeMember, removeMember)
  }

  private func list(_ call: Call) async throws -> Reply<Page<Group>> {
    let page = try call.page()
    let before = try page.cursor.map(Self.id(ofCursor:))
    let found = try await groups.list(
      for: call.user, archived: call.flag("archived"), limit: page.limit + 1, before: before)
    return .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  private func create(_ input: NewGroup, _ call: Call) async throws -> Reply<Group> {
    let user = try call.user
    guard let owner = try await users.find(id: user) else { throw Problem.signInNeeded }
    let id = input.id ?? ID(at: call.now)
    try await groups.insert(
      input, id: id, owner: ID(at: call.now), named: owner.displayName, user: user, at: call.now)
    let group = try await find(id, for: user)
    return Reply(group).tagged(group.version).located(Endpoints.group.route.path([id]))
  }

  private func change(_ input: GroupChange, _ call: Call) async throws -> Reply<Group> {
    let id = try call.member.group
    guard try await groups.change(id, input, version: call.version(required: true), at: call.now) else {
      throw Call.stale
    }
    let group = try await find(id, for: try call.user)
    return Reply(group).tagged(group.version)
  }

  private func find(_ group: ID, for user: ID) async throws -> Group {
    guard let group = try await groups.find(group, for: user) else { throw Problem.notFound("group") }
    return group
  }

  private func listMembers(_ call: Call) async throws -> Reply<Page<Member>> {
    let page = try call.page()
    let after = try page.cursor.map(Self.id(ofCursor:))
    let found = try await members.list(
      in: call.member.group, removed: call.flag("removed"), limit: page.limit + 1, after: after)
    return .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  private func addMember(_ input: NewMember, _ call: Call) async throws -> Reply<Member> {
    let group = try call.member.group
    let member = Member(
      id: input.id ?? ID(at: call.now), name: input.name.trimmed, user: nil, role: .guest, photo: nil,
      createdAt: call.now, removedAt: nil)
    try await members.insert(member, in: group)
    return Reply(member)
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
    let balances = try await expenses.balances(in: group, currency: call.member.currency)
      .filter { $0.member == id && $0.net != 0 }
    let open = balances.map { "\(Amount($0.net, $0.currency))" }.joined(separator: " and ")
    throw Problem.conflict(
      "balance_not_zero", "\(member.name)'s balance is \(open). Settle it first, then remove them.")
  }

  private static func id(ofCursor text: String) throws(Problem) -> ID {
    guard let id = ID(try Cursor.unpack(text, count: 1)[0]) else { throw Cursor.invalid }
    return id
  }
}
