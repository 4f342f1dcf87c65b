import Hummingbird
import KittyShared

/// The HTTP face of invites.
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
      guard try await invites.delete(call.id("invite"), in: call.member.group) else {
        throw Rejection.notFound("invite")
      }
    }
    routes.on(Endpoints.lookUpInvite) { input, call in
      let (_, look) = try await look(at: input, call)
      if !look.isDone { try look.requireGood(at: call.now) }
      return Reply(
        Invitation(
          group: look.group, memberCount: look.names.count, invitedBy: look.inviter, role: look.role,
          guest: look.guest?.name, expiresAt: look.expires))
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
    if try await invites.insert(invite, key) { return Reply(invite) }
    // It did not happen: find out why, to say so.
    guard let guest = input.guest else { throw Membership.archived }
    guard let member = try await members.find(guest, in: me.group), member.removedAt == nil else {
      throw Rejection.invalid("guest", "not_a_member", "There is no such member in this group.")
    }
    throw member.role == .guest
      ? Membership.archived
      : Rejection.conflict(
        "guest_taken", "\(member.name) is no guest but has an account: nobody can become them.")
  }

  private func look(at input: InviteCode, _ call: Call) async throws -> (InviteKey, InviteDetails) {
    guard let key = InviteKey(code: input.code), let look = try await invites.look(at: key, for: call.user)
    else {
      throw Rejection(
        .notFound, "not_found", "Not found",
        "There is no invite with this code. Check that you have all of it; it may have been revoked.")
    }
    return (key, look)
  }

  private func accept(_ input: InviteCode, _ call: Call) async throws -> Reply<Group> {
    let user = try call.user
    for _ in 0..<5 {
      let (key, look) = try await look(at: input, call)
      if !look.isDone {
        let seat = try look.seat()
        try look.requireGood(at: call.now)
        guard try await join(key, seat, look.role, call) else { continue }
      }
      guard let group = try await groups.find(key.group, for: user) else { throw Rejection.notFound("group") }
      return Reply(group).withETag(group.version)
    }
    throw Rejection.unavailable("Too many join this group at once. Try again.")
  }

  /// - Returns: Whether it was done; when not, something changed meanwhile, and another look is worth while.
  private func join(
    _ key: InviteKey, _ seat: InviteDetails.JoinAs, _ role: Member.Role, _ call: Call
  ) async throws -> Bool {
    let isDone: Bool
    do {
      isDone = try await invites.accept(key, as: seat, role: role, user: try call.user, at: call.now)
    } catch DatabaseFailure.notUnique {
      return false
    } catch {
      // It may have been done all the same.
      await cache?.invalidate([.group(key.group), .books(key.group)])
      throw error
    }
    await cache?.invalidate([.group(key.group), .books(key.group)])
    return isDone
  }
}
