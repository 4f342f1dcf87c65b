import Hummingbird
import KittyShared

/// The routes of invites.
struct InviteController: Sendable {
  let invites: InviteStore
  let groups: GroupStore
  let members: MemberStore
  let cache: (any CacheInvalidation)?

  func register(on routes: inout Routes) {
    routes.on(Endpoints.invites) { call in
      let page = try call.page()
      let after = try page.cursor.map(Cursor.id)
      let found = try await invites.list(
        in: call.member.group, at: call.now, limit: page.limit + 1, after: after)
      return .page(found, page, of: call) { Cursor.pack($0.id) }
    }
    routes.create(Endpoints.createInvite, create) { id, call in
      guard let invite = try await invites.find(id, in: call.member.group) else {
        throw Rejection.notFound("invite")
      }
      return Reply(invite)
    }
    routes.on(Endpoints.revokeInvite) { call in
      guard try await invites.delete(call.id("invite"), in: call.member.group, call.write) else {
        throw Rejection.notFound("invite")
      }
    }
    routes.on(Endpoints.lookUpInvite) { input, call in
      let (_, details) = try await details(of: input, call)
      if !details.isDone { try details.requireUsable(at: call.now) }
      return Reply(
        Invitation(
          group: details.group, memberCount: details.names.count, invitedBy: details.inviter,
          role: details.role, guest: details.guest?.name, expiresAt: details.expires))
    }
    routes.on(Endpoints.acceptInvite, accept)
  }

  private func create(_ input: NewInvite, _ call: Call) async throws -> Reply<Invite> {
    let me = try call.member
    let key = try InviteKey(group: me.group)
    let invite = Invite(
      id: input.id ?? call.newID, code: key.code, role: input.role ?? .member, guest: input.guest,
      maxUses: input.maxUses ?? 1, createdBy: me.member, createdAt: call.now,
      expiresAt: call.now.advanced(by: .seconds((input.days ?? 7) * 86_400)))
    if try await invites.insert(invite, key, call.write) { return Reply(invite) }
    // Nothing was inserted: find the reason.
    guard let guest = input.guest else { throw Rejection.archived }
    guard let member = try await members.find(guest, in: me.group), member.removedAt == nil else {
      throw Rejection.invalid("guest", "not_a_member", "There is no such member in this group.")
    }
    throw member.role == .guest
      ? Rejection.archived
      : Rejection.conflict(
        "guest_taken", "\(member.name) has an account, so no user can take their place as a guest.")
  }

  private func details(of input: InviteCode, _ call: Call) async throws -> (InviteKey, InviteDetails) {
    guard let key = InviteKey(code: input.code),
      let details = try await invites.details(of: key, for: call.user)
    else {
      throw Rejection(
        .notFound, "not_found", "Not found",
        "There is no invite with this code. Check that the code is complete; the invite may have been revoked."
      )
    }
    return (key, details)
  }

  private func accept(_ input: InviteCode, _ call: Call) async throws -> Reply<Group> {
    let user = try call.user
    for _ in 0..<5 {
      let (key, details) = try await details(of: input, call)
      if !details.isDone {
        let member = try details.joinAs(invites.limits)
        try details.requireUsable(at: call.now)
        guard try await join(key, member, details.role, call) else { continue }
      }
      guard let group = try await groups.find(key.group, for: user) else { throw Rejection.notFound("group") }
      return Reply(group).withETag(group.version)
    }
    throw Rejection.unavailable("Too many users join this group at once. Try again.")
  }

  /// Joins the group, and invalidates its cached data.
  /// - Returns: `false` when the invite or the group changed at the same time: then read it again.
  private func join(
    _ key: InviteKey, _ member: JoinAs, _ role: Member.Role, _ call: Call
  ) async throws -> Bool {
    let tags = CacheTag.tags(of: key.group)
    return try await call.write.changing(tags, in: cache) {
      try await invites.accept(
        key, as: member, role: role, user: try call.user, at: call.now, call.write)
    } changed: { _ in
      tags
    }
  }
}
