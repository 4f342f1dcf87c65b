import KittyShared

@testable import KittyTUI

/// A fixed account with sessions, tokens and a second factor.
enum Account {
  private static func moment(_ day: String, _ hour: Int64 = 8) -> Instant {
    Instant(milliseconds: Day(day)!.daysSince1970 * 86_400_000 + hour * 3_600_000 + 5 * 60_000)
  }

  static func user(
    email: String? = "anna@example.org", isConfirmed: Bool = false, timeZone: String? = "Europe/Berlin",
    version: Int64 = 1
  ) -> User {
    User(
      id: Fixtures.id(50), name: "anna", displayName: "Anna Maria", email: email,
      emailConfirmedAt: isConfirmed ? moment("2026-11-20") : nil, defaultCurrency: Fixtures.eur,
      timeZone: timeZone, photo: Photo(hash: "aa", width: 640, height: 480),
      createdAt: moment("2026-01-01"), version: version)
  }

  static let factorOn = SecondFactor(enabledAt: moment("2026-11-02"), recoveryCodesLeft: 8)
  static let factorOff = SecondFactor(enabledAt: nil, recoveryCodesLeft: 0)
  static let secret = PendingSecondFactor(
    secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    uri:
      "otpauth://totp/KittyCash:anna?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=KittyCash&algorithm=SHA1&digits=6&period=30"
  )
  static let codes = (0..<10).map { "k7mq\($0)-w2xpr" }

  static let sessions: [OpenSession] = [
    ("kittycash on laptop", true, "2026-11-23"), ("curl/8.5.0", false, "2026-11-20"),
    (nil, false, "2026-10-01"),
  ].enumerated().map { index, session in
    let (device, isCurrent, day) = session
    return OpenSession(
      id: Fixtures.id(Int64(300 + index)), device: device, current: isCurrent, createdAt: moment(day),
      lastUsedAt: moment(day, 17), expiresAt: moment("2026-12-24"))
  }

  static let tokens: [APIToken] = [
    APIToken(
      id: Fixtures.id(400), name: "nightly export", scopes: [.read], group: Fixtures.group().id,
      createdAt: moment("2026-11-01"), expiresAt: moment("2027-01-30"), lastUsedAt: moment("2026-11-24", 3)),
    APIToken(
      id: Fixtures.id(401), name: "phone", scopes: [.write, .read], group: nil,
      createdAt: moment("2026-10-01"), expiresAt: nil),
  ]

  static let keys: [SSHKey] = [
    SSHKey(
      id: Fixtures.id(500), name: "anna@laptop", type: "ssh-ed25519",
      fingerprint: "SHA256:uNiVztksCsDhcc0u9e8BrzBnAt7KeJd2yvnLHUrRXnY", createdAt: moment("2026-11-01"),
      lastUsedAt: moment("2026-11-24", 3)),
    SSHKey(
      id: Fixtures.id(501), name: "desk", type: "ecdsa-sha2-nistp256",
      fingerprint: "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8", createdAt: moment("2026-10-01")),
  ]

  static func made(_ token: NewToken) -> APIToken {
    APIToken(
      id: token.id ?? .first, name: token.name, scopes: token.scopes, group: token.group,
      createdAt: moment("2026-11-24"), expiresAt: token.expiresAt,
      token: "kittypat_" + String(repeating: "aZ3_", count: 10) + "end")
  }

  /// The message of an effect that succeeds.
  static func answer(_ effect: AccountEffect) -> AccountMessage {
    switch effect {
    case .change: .changed
    case .requestConfirmation: .confirmationRequested
    case .confirmEmail: .confirmed
    case .changePassword: .passwordChanged(endedSessions: 1)
    case .loadSecondFactor: .secondFactor(factorOff)
    case .beginSecondFactor: .begun(secret)
    case .confirmSecondFactor: .recoveryCodes(codes)
    case .removeSecondFactor: .secondFactorRemoved
    case .replaceSecondFactor: .begun(secret)
    case .loadSessions: .sessions(sessions)
    case .endSession(let id): .sessionEnded(id)
    case .endOtherSessions: .otherSessionsEnded
    case .loadTokens: .tokens(tokens)
    case .loadToken(let id): .token(tokens.first { $0.id == id } ?? tokens[0])
    case .loadGroups: .groups([Fixtures.group()])
    case .createToken(let token): .tokenMade(made(token))
    case .revokeToken(let id): .tokenRevoked(id)
    case .revokeTokens: .tokensRevoked
    case .loadKeys: .keys(keys)
    case .addKey(let key): .keyAdded(keys[0].renamed(key.id ?? .first))
    case .removeKey(let id): .keyRemoved(id)
    case .requestReset: .resetRequested
    case .resetPassword: .passwordReset
    case .delete: .deleted
    }
  }

  /// The You screen with everything read.
  static func open(_ user: User = user(), factor: SecondFactor = factorOff) -> AppState {
    var state = Fixtures.state(GroupsScreen())
    state.get(.groups([Fixtures.group()]))
    state.type("U")
    state.get(.account(user))
    state.get(.you(.secondFactor(factor)))
    state.get(.you(.sessions(sessions)))
    state.get(.you(.tokens(tokens)))
    state.get(.you(.keys(keys)))
    for effect in state.context.running { state.finish(effect) }
    return state
  }

  /// Opens a line of the You screen.
  static func open(_ line: YouScreen.Line, of state: inout AppState) -> [Effect] {
    let lines = YouScreen.Line.allCases.filter { $0 != .confirmation || state.text.contains("Confirm ") }
    state.press(.home)
    for _ in 0..<(lines.firstIndex(of: line) ?? 0) { state.press(.down) }
    return state.press(.enter)
  }
}

extension SSHKey {
  /// The same key with another id.
  fileprivate func renamed(_ id: ID) -> SSHKey {
    SSHKey(id: id, name: name, type: type, fingerprint: fingerprint, createdAt: createdAt)
  }
}

extension AppState {
  /// Gives an effect its successful answer, and ends it.
  @discardableResult mutating func succeed(_ effect: Effect) -> [Effect] {
    guard case .you(let work) = effect else { return [] }
    return get(.you(Account.answer(work))) + finish(effect)
  }

  /// Fails an effect with a problem, and ends it.
  @discardableResult mutating func fail(_ effect: Effect, _ problem: Problem) -> [Effect] {
    get(.failed(effect, .problem(problem))) + finish(effect)
  }
}
