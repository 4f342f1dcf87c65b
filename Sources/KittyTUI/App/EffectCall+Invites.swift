import KittyShared

/// The calls of invites.
extension EffectCall {
  static func lookUpInvite(_ code: InviteCode) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      return .invitation(
        code, try await runner.api.call(Endpoints.lookUpInvite, body: code, isChange: false))
    }
  }

  static func acceptInvite(_ code: InviteCode) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return .joined(try await runner.api.call(Endpoints.acceptInvite, body: code))
    }
  }

  static func loadInvites(_ group: ID) -> EffectCall {
    .read { (runner) throws(ClientFailure) in
      return .invites(group: group, try await runner.api.all(Endpoints.invites, [group], limit: 1000))
    }
  }

  static func createInvite(_ group: ID, _ invite: NewInvite) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      do throws(ClientFailure) {
        return .inviteMade(
          group: group, try await runner.api.create(Endpoints.createInvite, [group], invite))
      } catch {
        guard error.isTaken else { throw error }
        throw .madeBefore(
          "Your first version of the invite was created and is in the list. Press ^S to create this one too."
        )
      }
    }
  }

  static func revokeInvite(_ group: ID, _ invite: ID) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.api.call(Endpoints.revokeInvite, [group, invite])
      return .inviteRevoked(group: group, invite)
    }
  }
}
