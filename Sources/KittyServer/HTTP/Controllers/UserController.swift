import Hummingbird
import KittyShared

/// The routes of users, their passwords and signing in.
struct UserController: Sendable {
  let users: UserStore
  let sessions: Sessions
  let factors: SecondFactors
  let passwords: Passwords
  let signUpPolicy: SignUpPolicy
  let resets: PasswordResets
  let limits: Limits

  func register(on routes: inout Routes) {
    routes.on(Endpoints.signUp, signUp)
    routes.on(Endpoints.signIn, signIn)
    routes.on(Endpoints.me) { call in
      let user = try await user(try call.user)
      return Reply(user).withETag(user.version)
    }
    routes.on(Endpoints.changeMe, change)
    routes.on(Endpoints.deleteMe, delete)
    routes.on(Endpoints.changePassword, changePassword)
    routes.on(Endpoints.requestPasswordReset, requestReset)
    routes.on(Endpoints.resetPassword, resetPassword)
  }

  private func signUp(_ input: NewUser, _ call: Call) async throws -> Reply<User> {
    try await limits.signUp(from: call.context.client)
    let invite = try await signUpPolicy.admit(input.invite, at: call.now)
    let name = input.name.lowercased()
    let user = User(
      id: input.id ?? ID(at: call.now), name: name, displayName: (input.displayName ?? input.name).trimmed,
      photo: nil, createdAt: call.now)
    let hash = try await passwords.hash(input.password)
    guard try await users.insert(user, passwordHash: hash, invite: invite, call.write) else {
      // Another sign-up has used the invite.
      if let invite { try await signUpPolicy.requireOpen(invite, at: call.now) }
      throw Rejection.unavailable("The invite could not be used. Try again.")
    }
    return Reply(user).withETag(user.version)
  }

  private func signIn(_ input: NewSession, _ call: Call) async throws -> Reply<Session> {
    let name = input.name.lowercased()
    return try await limits.guess(name, from: call.context.client) {
      let found = try await users.find(name: name)
      // An unknown or disabled user gets the same response, after the same time.
      let verdict = try await passwords.verify(input.password, hash: found?.passwordHash)
      guard let found, verdict.isRight, found.disabledAt == nil else { throw Self.wrongCredentials }
      // Checked after the password: without it, a client must not learn of the second factor.
      try await factors.require(input.code, of: found.user.id, call.write)
      let device = (input.device ?? call.request.headers[.userAgent]).flatMap(OpenSession.device)
      guard
        let session = try await sessions.begin(
          for: found, device: device, renewedHash: verdict.renewedHash, call.write)
      else { throw Self.wrongCredentials }
      return Reply(
        Session(id: session.id, token: session.token, expiresAt: session.expires, user: found.user))
    }
  }

  private func change(_ input: UserChange, _ call: Call) async throws -> Reply<User> {
    let id = try call.user
    let version = try call.version(required: true)
    if case .set(let name) = input.timeZone, !TimeZones.isKnown(name) {
      throw Rejection.invalid(
        "timeZone", "not_a_time_zone", "There is no such zone here. \(FieldChecks.timeZoneHint)")
    }
    if input.email != .keep { _ = try await verified(input.password ?? "", "password", call) }
    let change = { try await users.change(id, input, version: version, call.write) }
    let isDone = try await input.timeZone == .keep ? change() : sessions.changing(id, change)
    let user = try await user(id)
    guard isDone else { throw Rejection.stale("Your account", version: user.version) }
    return Reply(user).withETag(user.version)
  }

  private func changePassword(_ input: PasswordChange, _ call: Call) async throws -> Reply<PasswordChanged> {
    let old = try await verified(input.current, "current", call)
    let new = try await passwords.hash(input.new)
    let (id, session) = (try call.user, call.principal?.id ?? .first)
    let ended = try await sessions.revoking {
      try await users.setPassword(of: id, from: old, to: new, keeping: session, call.write)
    }
    guard let ended else { throw Rejection.wrongPassword("current") }
    return Reply(PasswordChanged(endedSessions: ended.tokens.count))
  }

  private func delete(_ input: AccountDeletion, _ call: Call) async throws {
    let id = try call.user
    let hash = try await verified(input.password, "password", call)
    let ended = try await sessions.revoking {
      try await users.delete(id, password: hash, at: call.now, call.write)
    }
    guard ended == nil else { return }
    let groups = try await users.ownedGroupsWithOthers(id)
    guard !groups.isEmpty else { throw Rejection.wrongPassword("password") }
    let names = groups.map { "\"\($0)\"" }.joined(separator: ", ")
    throw Rejection.conflict(
      "owns_groups",
      "You own \(names) with other members in it. Hand over or delete the groups that you own, or remove the members, first."
    )
  }

  private func requestReset(_ input: PasswordResetRequest, _ call: Call) async throws {
    try await limits.reset(from: call.context.client)
    try await resets.request(email: input.email, at: call.now, call.write)
  }

  private func resetPassword(_ input: PasswordReset, _ call: Call) async throws {
    let token = BearerToken(input.token).hash
    // A password is slow to hash, so the token is checked first.
    guard try await resets.store.isOpen(tokenHash: token, at: call.now) else { throw Self.invalidResetToken }
    let hash = try await passwords.hash(input.password)
    let ended = try await sessions.revoking {
      try await users.setPassword(token: token, to: hash, at: call.now, call.write)
    }
    guard ended != nil else { throw Self.invalidResetToken }
  }

  /// Checks the password of the caller.
  /// - Returns: Its hash.
  /// - Throws: `Rejection` when it is wrong.
  private func verified(_ password: String, _ field: String, _ call: Call) async throws -> String {
    guard let hash = try await users.credentials(of: call.user)?.passwordHash else {
      throw Rejection.signInNeeded
    }
    return try await limits.guess("password:\(call.user)", from: call.context.client) {
      guard try await passwords.verify(password, hash: hash).isRight else {
        throw Rejection.wrongPassword(field)
      }
      return hash
    }
  }

  private func user(_ id: ID) async throws -> User {
    guard let user = try await users.find(id: id) else { throw Rejection.signInNeeded }
    return user
  }

  private static let wrongCredentials = Rejection(
    .unauthenticated, "wrong_credentials", "Name or password is wrong",
    "No account has this name and password. Check both, or sign up.")

  private static let invalidResetToken = Rejection(
    .forbidden, "useless_token", "This reset token is not valid",
    "The token is wrong, was used already, or is older than 30 minutes. Ask for another mail with POST /v1/password-resets.",
    errors: [
      FieldError(field: "token", code: "useless_token", message: "Copy the whole token from the latest mail.")
    ])
}

extension Rejection {
  /// 403 for a wrong password of the caller.
  static func wrongPassword(_ field: String) -> Rejection {
    let detail = "This is not your current password."
    return Rejection(
      .forbidden, "wrong_password", "The password is wrong", detail,
      errors: [FieldError(field: field, code: "wrong_password", message: detail)])
  }
}
