import Hummingbird
import KittyShared

/// The routes of members: list, add, change, remove, leave.
struct MemberController: Sendable {
  let members: MemberStore
  let groups: GroupStore
  let balances: BalanceStore

  func register(on routes: inout Routes) {
    routes.on(Endpoints.members, list)
    routes.create(Endpoints.addMember, add) { id, call in
      let member = try await find(id, call)
      return Reply(member).withETag(member.version)
        .withLocation(Endpoints.member.route.path([try call.member.group, id]))
    }
    routes.on(Endpoints.member) { call in
      let member = try await find(call.id("member"), call)
      return Reply(member).withETag(member.version)
    }
    routes.change(Endpoints.changeMember, change) { call in
      let member = try await find(call.id("member"), call)
      return Reply(member).withETag(member.version)
    }
    routes.on(Endpoints.removeMember) { call in
      let group = try call.member.group
      let (id, force) = (try call.id("member"), try call.flag("force"))
      if try await members.remove(id, from: group, force: force, at: call.now, call.write) { return }
      // Nothing was removed: find the reason.
      guard let member = try await members.find(id, in: group), member.removedAt == nil else {
        throw Rejection.notFound("member")
      }
      if member.role == .owner {
        throw Rejection.conflict("is_owner", "\(member.name) owns the group and cannot be removed from it.")
      }
      throw Rejection.conflict(
        "balance_not_zero",
        """
        \(member.name)'s balance is \(try await balance(of: id, call)). Settle it first, then remove them; \
        force=true removes them now, and the balance stays in the books.
        """)
    }
    routes.on(Endpoints.leaveGroup, leave)
  }

  private func find(_ id: ID, _ call: Call) async throws -> Member {
    guard let member = try await members.find(id, in: call.member.group) else {
      throw Rejection.notFound("member")
    }
    return member
  }

  private func list(_ call: Call) async throws -> Reply<Page<Member>> {
    let page = try call.page()
    if let sequence = try call.since() {
      let found = try await members.changes(in: call.member.group, since: sequence, limit: page.limit + 1)
      return .changes(found, page, of: call)
    }
    let after = try page.cursor.map { (cursor) throws(Rejection) in try Cursor.id(Cursor.split(cursor).keys) }
    let found = try await members.list(
      in: call.member.group, removed: call.flag("removed"), limit: page.limit + 1, after: after)
    return try .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  private func add(_ input: NewMember, _ call: Call) async throws -> Reply<Member> {
    let group = try call.member.group
    let member = Member(
      id: input.id ?? call.newID, name: input.name.trimmed, user: nil, role: .guest,
      weight: input.weight ?? 1, photo: nil, createdAt: call.now, removedAt: nil)
    try await members.insert(member, in: group, call.write)
    return Reply(member).withETag(member.version).withLocation(
      Endpoints.member.route.path([group, member.id]))
  }

  private func change(_ input: MemberChange, _ call: Call) async throws -> Reply<Member> {
    let me = try call.member
    var old = try await find(call.id("member"), call)
    while true {
      try Permissions.requireAmendment(of: old, input, me)
      let version = try call.version(required: true)
      let (isDone, now) = try await members.change(old, in: me.group, input, version: version, call.write)
      guard let now, now.removedAt == nil else { throw Rejection.notFound("member") }
      if isDone {
        if input.role != nil { call.note(.roleChanged) }
        return Reply(now).withETag(now.version)
      }
      // Another request gave them another role: without a version, the change is made to that member.
      guard version == nil, now.role != old.role else {
        throw Rejection.stale(now.name, version: now.version)
      }
      old = now
    }
  }

  private func leave(_ call: Call) async throws {
    let me = try call.member
    guard me.role == .owner else {
      if try await members.remove(me.member, from: me.group, force: false, at: call.now, call.write) {
        return
      }
      let member = try await find(me.member, call)
      // A member who was removed at the same time has left.
      guard member.removedAt == nil else { return }
      guard member.role != .owner else { throw Self.isOwner }
      throw Rejection.conflict(
        "balance_not_zero",
        """
        Your balance is \(try await balance(of: me.member, call)). Settle it first, then leave; or ask an admin to \
        remove you anyway.
        """)
    }
    let (isDone, others) = try await groups.leave(me.group, asOwner: me.member, at: call.now, call.write)
    guard !isDone else { return }
    guard others == 0 else { throw Self.isOwner }
    throw Rejection.conflict(
      "not_settled",
      """
      You are the last member with an account, and a balance is not zero or the kitty holds money. Settle first, or \
      delete the group with force=true.
      """)
  }

  private static let isOwner = Rejection.conflict(
    "is_owner", "You own this group. Hand it over to another member with PUT …/owner, then leave.")

  /// Returns a member's balance as text, in each currency.
  private func balance(of member: ID, _ call: Call) async throws -> String {
    try await balances.balances(in: call.member.group, currency: call.member.currency)
      .filter { $0.account == .member(member) && $0.net != 0 }
      .map { "\(Amount($0.net, $0.currency))" }.joined(separator: " and ")
  }
}
