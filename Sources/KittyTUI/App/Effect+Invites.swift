import KittyShared

extension Effect {
  /// The calls of invites.
  var inviteCall: EffectCall? {
    switch self {
    case .lookUpInvite(let code):
      .read { (runner) throws(ClientFailure) in
        return .invitation(
          code, try await runner.api.call(Endpoints.lookUpInvite, body: code, isChange: false))
      }
    case .acceptInvite(let code):
      .write { (runner) throws(ClientFailure) in
        return .joined(try await runner.api.call(Endpoints.acceptInvite, body: code))
      }
    case .loadInvites(let group):
      .read { (runner) throws(ClientFailure) in
        return .invites(group: group, try await runner.api.all(Endpoints.invites, [group], limit: 1000))
      }
    case .createInvite(let group, let invite):
      .write { (runner) throws(ClientFailure) in
        do throws(ClientFailure) {
          return .inviteMade(
            group: group, try await runner.api.create(Endpoints.createInvite, [group], invite))
        } catch {
          guard error.isTaken else { throw error }
          throw .madeBefore(
            "Your first version of the invite was created and is in the list. Press Enter to create this one too."
          )
        }
      }
    case .revokeInvite(let group, let invite):
      .write { (runner) throws(ClientFailure) in
        try await runner.api.call(Endpoints.revokeInvite, [group, invite])
        return .inviteRevoked(group: group, invite)
      }
    default: nil
    }
  }
}
