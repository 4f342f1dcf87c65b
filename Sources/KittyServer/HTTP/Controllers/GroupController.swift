import Hummingbird
import KittyShared

/// The routes of groups.
struct GroupController: Sendable {
  let groups: GroupStore
  let members: MemberStore
  let users: UserStore

  func register(on routes: inout Routes) {
    routes.on(Endpoints.groups, list)
    routes.create(Endpoints.createGroup, create) { id, call in
      let group = try await find(id, for: try call.user)
      return Reply(group).withETag(group.version).withLocation(Endpoints.group.route.path([id]))
    }
    routes.on(Endpoints.group) { call in
      let group = try await find(try call.member.group, for: try call.user)
      return Reply(group).withETag(group.version)
    }
    routes.change(Endpoints.changeGroup, change) { call in
      let group = try await find(try call.member.group, for: try call.user)
      return Reply(group).withETag(group.version)
    }
    routes.on(Endpoints.deleteGroup, delete)
    routes.on(Endpoints.restoreGroup) { call in
      try await groups.restore(call.member.group, call.write)
      let group = try await find(try call.member.group, for: try call.user)
      return Reply(group).withETag(group.version)
    }
    routes.on(Endpoints.handOver, handOver)
  }

  private func list(_ call: Call) async throws -> Reply<Page<Group>> {
    let page = try call.page()
    let before = try page.cursor.map(Cursor.id)
    let (deleted, archived) = (try call.flag("deleted"), try call.flag("archived"))
    guard !deleted || !archived else {
      throw Rejection.invalid(
        "archived", "not_with_deleted", "Ask either for archived or for deleted groups.")
    }
    let state: GroupState = deleted ? .deleted : archived ? .archived : .inUse
    let found = try await groups.list(
      for: call.user, state, only: call.onlyGroup, limit: page.limit + 1, before: before)
    // A group with balances in all currencies has some kilobytes.
    return .page(found, page, of: call, size: { 800 + 48 * ($0.balances.count + $0.kitty.count) }) {
      Cursor.pack($0.id)
    }
  }

  private func create(_ input: NewGroup, _ call: Call) async throws -> Reply<Group> {
    let user = try call.user
    guard let owner = try await users.find(id: user) else { throw Rejection.signInNeeded }
    let id = input.id ?? call.newID
    var input = input
    input.currency = input.currency ?? owner.defaultCurrency
    guard input.currency != nil else {
      throw Rejection.invalid("currency", "missing", "Send a currency, or set your defaultCurrency first.")
    }
    try await groups.insert(
      input, id: id, owner: GroupStore.firstMember(of: id), named: owner.displayName, user: user,
      at: call.now, call.write)
    let group = try await find(id, for: user)
    return Reply(group).withETag(group.version).withLocation(Endpoints.group.route.path([id]))
  }

  private func change(_ input: GroupChange, _ call: Call) async throws -> Reply<Group> {
    let id = try call.member.group
    if case .set(let day) = input.closedUntil { try day.requireNear(call.now.day, "closedUntil") }
    if case .set(let rule) = input.defaultSplit {
      try rule.requireDefault(
        try await members.participants(in: id), currency: try call.member.currency)
    }
    let isDone = try await groups.change(
      id, input, version: call.version(required: true), at: call.now, call.write)
    let group = try await find(id, for: try call.user)
    guard isDone else { throw Rejection.stale("The group", version: group.version) }
    return Reply(group).withETag(group.version)
  }

  private func delete(_ call: Call) async throws {
    let group = try call.member.group
    guard try await !groups.delete(group, force: call.flag("force"), at: call.now, call.write) else { return }
    throw Rejection.conflict(
      "not_settled",
      "A balance in this group is not zero, or the kitty holds money. Settle first, or send force=true."
    )
  }

  private func find(_ group: ID, for user: ID) async throws -> Group {
    guard let group = try await groups.find(group, for: user) else { throw Rejection.notFound("group") }
    return group
  }

  private func handOver(_ input: NewOwner, _ call: Call) async throws -> Reply<Group> {
    let me = try call.member
    if input.member != me.member {
      guard let member = try await members.find(input.member, in: me.group), member.removedAt == nil else {
        throw Rejection.invalid("member", "not_a_member", "There is no such member in this group.")
      }
      guard member.user != nil else {
        throw Rejection.conflict(
          "is_guest", "\(member.name) has no account, so they cannot own a group. Invite them first.")
      }
      guard try await members.handOver(me.group, from: me.member, to: input.member, call.write) else {
        throw Rejection.groupChanged
      }
    }
    let group = try await find(me.group, for: try call.user)
    return Reply(group).withETag(group.version)
  }
}
