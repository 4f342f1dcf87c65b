import KittyShared

/// The calls of the user's account.
extension AccountEffect {
  var call: EffectCall {
    switch self {
    case .change(let version, let change):
      .saving(.changed) { (api) throws(ClientFailure) in
        try await api.call(Endpoints.changeMe, body: change, ifMatch: version)
      }
    case .confirmEmail(let token):
      .saving(.confirmed) { (api) throws(ClientFailure) in
        try await api.call(Endpoints.confirmEmail, body: token)
      }
    case .requestConfirmation:
      .writing { (api) throws(ClientFailure) in
        try await api.call(Endpoints.requestEmailConfirmation)
        return .confirmationRequested
      }
    case .changePassword(let change):
      .writing { (api) throws(ClientFailure) in
        let changed: PasswordChanged = try await api.call(Endpoints.changePassword, body: change)
        return .passwordChanged(endedSessions: changed.endedSessions)
      }
    case .requestReset(let request):
      .writing(isAnonymous: true) { (api) throws(ClientFailure) in
        try await api.change(Endpoints.requestPasswordReset, body: request)
        return .resetRequested
      }
    case .resetPassword(let reset):
      .writing(isAnonymous: true) { (api) throws(ClientFailure) in
        try await api.change(Endpoints.resetPassword, body: reset)
        return .passwordReset
      }
    case .delete(let deletion): .deletingAccount(deletion)
    case .loadSecondFactor, .beginSecondFactor, .confirmSecondFactor, .removeSecondFactor,
      .replaceSecondFactor:
      factorCall
    case .loadSessions, .endSession, .endOtherSessions: sessionCall
    case .loadTokens, .loadToken, .loadGroups, .createToken, .revokeToken, .revokeTokens: tokenCall
    case .loadKeys, .addKey, .removeKey: keyCall
    }
  }

  private var factorCall: EffectCall {
    switch self {
    case .beginSecondFactor(let request):
      .writing { (api) throws(ClientFailure) in
        .begun(try await api.call(Endpoints.beginSecondFactor, body: request))
      }
    case .confirmSecondFactor(let confirmation):
      .writing { (api) throws(ClientFailure) in
        let codes: RecoveryCodes = try await api.call(Endpoints.confirmSecondFactor, body: confirmation)
        return .recoveryCodes(codes.recoveryCodes)
      }
    case .removeSecondFactor(let removal):
      .writing { (api) throws(ClientFailure) in
        try await api.change(Endpoints.removeSecondFactor, body: removal)
        return .secondFactorRemoved
      }
    case .replaceSecondFactor(let removal):
      .write { (runner) throws(ClientFailure) in
        try await runner.api.change(Endpoints.removeSecondFactor, body: removal)
        // It is off, also when the next request fails.
        runner.post(.message(.you(.secondFactorRemoved)))
        return .you(
          .begun(
            try await runner.api.call(
              Endpoints.beginSecondFactor, body: NewSecondFactor(password: removal.password))))
      }
    default:
      .reading { (api) throws(ClientFailure) in .secondFactor(try await api.call(Endpoints.secondFactor)) }
    }
  }

  private var sessionCall: EffectCall {
    switch self {
    case .endSession(let session):
      .writing { (api) throws(ClientFailure) in
        try await api.call(Endpoints.endSession, [session])
        return .sessionEnded(session)
      }
    case .endOtherSessions:
      .writing { (api) throws(ClientFailure) in
        try await api.call(Endpoints.endOtherSessions)
        return .otherSessionsEnded
      }
    default:
      .reading { (api) throws(ClientFailure) in
        .sessions(try await api.all(Endpoints.sessions, limit: 2000))
      }
    }
  }

  private var keyCall: EffectCall {
    switch self {
    case .addKey(let key):
      .writing { (api) throws(ClientFailure) in
        .keyAdded(try await api.create(Endpoints.addSSHKey, [], key))
      }
    case .removeKey(let key):
      .writing { (api) throws(ClientFailure) in
        try await api.call(Endpoints.removeSSHKey, [key])
        return .keyRemoved(key)
      }
    default:
      .reading { (api) throws(ClientFailure) in .keys(try await api.all(Endpoints.sshKeys, limit: 2000)) }
    }
  }

  private var tokenCall: EffectCall {
    switch self {
    case .loadToken(let token):
      .reading { (api) throws(ClientFailure) in .token(try await api.call(Endpoints.token, [token])) }
    case .loadGroups:
      .reading { (api) throws(ClientFailure) in .groups(try await api.all(Endpoints.groups, limit: 2000)) }
    case .createToken(let token):
      .writing { (api) throws(ClientFailure) in
        do throws(ClientFailure) {
          return .tokenMade(try await api.call(Endpoints.createToken, body: token))
        } catch {
          guard error.isTaken else { throw error }
          throw .madeBefore(
            "Your first version of the token was created, but its secret was lost with the answer. Revoke it, and press Enter to create this one."
          )
        }
      }
    case .revokeToken(let token):
      .writing { (api) throws(ClientFailure) in
        try await api.call(Endpoints.revokeToken, [token])
        return .tokenRevoked(token)
      }
    case .revokeTokens:
      .writing { (api) throws(ClientFailure) in
        try await api.call(Endpoints.revokeTokens)
        return .tokensRevoked
      }
    default:
      .reading { (api) throws(ClientFailure) in
        .tokens(try await api.all(Endpoints.tokens, limit: 2000))
      }
    }
  }
}

extension EffectCall {
  fileprivate static func reading(
    _ run: @escaping @Sendable (APIClient) async throws(ClientFailure) -> AccountMessage
  ) -> EffectCall {
    .read { (runner) throws(ClientFailure) in .you(try await run(runner.api)) }
  }

  /// - Parameter isAnonymous: `true` sends no token: a session that has ended must not be in the way.
  fileprivate static func writing(
    isAnonymous: Bool = false,
    _ run: @escaping @Sendable (APIClient) async throws(ClientFailure) -> AccountMessage
  ) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      var api = runner.api
      if isAnonymous { api.token = nil }
      return .you(try await run(api))
    }
  }

  /// A change whose response is the account: it is posted first, so that every screen has it.
  fileprivate static func saving(
    _ message: AccountMessage, _ run: @escaping @Sendable (APIClient) async throws(ClientFailure) -> User
  ) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let user = try await run(runner.api)
      runner.post(.message(.account(user)))
      return .you(message)
    }
  }

  fileprivate static func deletingAccount(_ deletion: AccountDeletion) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.api.change(Endpoints.deleteMe, body: deletion)
      runner.forgetSession()
      return .you(.deleted)
    }
  }
}
