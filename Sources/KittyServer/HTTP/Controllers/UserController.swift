import Hummingbird
import KittyShared

/// The routes of users, their passwords and signing in.
struct UserController: Sendable {
  let users: UserStore
  let sessions: Sessions
  let passwordSignIn: PasswordSignIn
  let passwords: Passwords
  let caller: Reauthentication
  let signUpPolicy: SignUpPolicy
  let resets: PasswordResets
  let confirmations: EmailConfirmations
  let limits: Limits
  let devices: DeviceTokenStore

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
    routes.on(Endpoints.requestEmailConfirmation) { call in
      try await limits.mail(from: call.context.client)
      try await confirmations.request(of: try await user(call.user), at: call.now, call.write)
    }
    routes.on(Endpoints.confirmEmail, confirmEmail)
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
    let hash = try await passwords.hash(input.password, "password", of: user)
    guard try await users.insert(user, passwordHash: hash, invite: invite, call.write) else {
      // Another sign-up has used the invite.
      try await signUpPolicy.requireOpen(invite, at: call.now)
      throw Rejection.unavailable("The invite could not be used. Try again.")
    }
    call.context.trail.identify(user.id)
    return Reply(user).withETag(user.version)
  }

  private func signIn(_ input: NewSession, _ call: Call) async throws -> Reply<Session> {
    let name = input.name.lowercased()
    // A device of this user has a count of its own, which the failures of others do not reach.
    let known = try await knownDevice(input.deviceToken, of: name, at: call.now)
    return try await limits.guess(name, from: call.context.client, device: known) {
      let (found, renewedHash) = try await passwordSignIn.check(
        name: name, password: input.password, code: input.code, call)
      let device = (input.device ?? call.request.headers[.userAgent]).flatMap(OpenSession.device)
      let deviceToken = try known ?? BearerToken.forDevice()
      guard
        let session = try await sessions.begin(
          for: found, device: device, renewedHash: renewedHash, deviceToken: deviceToken, call.write)
      else { throw PasswordSignIn.wrongCredentials }
      return Reply(
        Session(
          id: session.id, token: session.token, expiresAt: session.expires, deviceToken: deviceToken,
          user: found.user))
    }
  }

  /// Returns a device token if a sign-in of the user with this name was given it.
  private func knownDevice(_ token: String?, of name: String, at now: Instant) async throws -> String? {
    guard let token, try await devices.isKnown(tokenHash: BearerToken(token).hash, of: name, at: now) else {
      return nil
    }
    return token
  }

  private func change(_ input: UserChange, _ call: Call) async throws -> Reply<User> {
    let id = try call.user
    let version = try call.version(required: true)
    if case .set(let name) = input.timeZone, !TimeZones.isKnown(name) {
      throw Rejection.invalid(
        "timeZone", "not_a_time_zone", "There is no such zone here. \(FieldChecks.timeZoneHint)")
    }
    if input.email != .keep { _ = try await caller.require(input.password, "password", call) }
    if case .set = input.email, confirmations.isPossible { try await limits.mail(from: call.context.client) }
    let change = {
      try await users.change(
        id, input, version: version, isConfirming: confirmations.isPossible, at: call.now, call.write)
    }
    let isDone = try await input.timeZone == .keep ? change() : sessions.changing(id, call.write, change)
    let user = try await user(id)
    guard isDone else { throw Rejection.stale("Your account", version: user.version) }
    if input.email != .keep { call.note(.emailChanged) }
    return Reply(user).withETag(user.version)
  }

  private func changePassword(_ input: PasswordChange, _ call: Call) async throws -> Reply<PasswordChanged> {
    let old = try await caller.require(input.current, "current", call).passwordHash
    let new = try await passwords.hash(input.new, "new", of: try await user(try call.user))
    let (id, session) = (try call.user, call.principal?.id ?? .first)
    let ended = try await sessions.revoking(call.write) {
      try await users.setPassword(of: id, from: old, to: new, keeping: session, at: call.now, call.write)
    }
    guard let ended else { throw Rejection.wrongPassword("current") }
    return Reply(PasswordChanged(endedSessions: ended.sessions))
  }

  private func delete(_ input: AccountDeletion, _ call: Call) async throws {
    let id = try call.user
    let hash = try await caller.require(input.password, "password", call).passwordHash
    let ended = try await sessions.revoking(call.write, ending: [.all]) {
      try await users.delete(id, password: hash, at: call.now, call.write)
    }
    guard ended == nil else { return }
    let groups = try await users.ownedGroupsWithOthers(id)
    guard !groups.isEmpty else { throw Rejection.wrongPassword("password") }
    let names = groups.map { "\"\($0)\"" }.listed("and")
    throw Rejection.conflict(
      "owns_groups",
      "You own \(names) with other members in it. Hand over or delete the groups that you own, or remove the members, first."
    )
  }

  private func confirmEmail(_ input: EmailConfirmation, _ call: Call) async throws -> Reply<User> {
    let caller = try await user(try call.user)
    guard try await confirmations.confirm(input.token, of: caller, at: call.now, call.write) else {
      throw Self.uselessToken(
        "The token does not belong to your address, or is older than a day. Ask for another mail with POST /v1/me/email/confirmation."
      )
    }
    let confirmed = try await user(caller.id)
    return Reply(confirmed).withETag(confirmed.version)
  }

  private func requestReset(_ input: PasswordResetRequest, _ call: Call) async throws {
    try await limits.mail(from: call.context.client)
    try await resets.request(email: input.email, at: call.now, call.write)
  }

  private func resetPassword(_ input: PasswordReset, _ call: Call) async throws {
    let token = BearerToken(input.token).hash
    // A password is slow to hash, so the token is checked first.
    guard let user = try await resets.store.user(tokenHash: token, at: call.now) else {
      throw Self.invalidResetToken
    }
    call.context.trail.identify(user)
    let hash = try await passwords.hash(input.password, "password", of: try await self.user(user))
    let ended = try await sessions.revoking(call.write) {
      try await users.setPassword(token: token, to: hash, at: call.now, call.write)
    }
    guard ended != nil else { throw Self.invalidResetToken }
  }

  private func user(_ id: ID) async throws -> User {
    guard let user = try await users.find(id: id) else { throw Rejection.signInNeeded }
    return user
  }

  private static let invalidResetToken = uselessToken(
    "The token is wrong, was used already, or is older than 30 minutes. Ask for another mail with POST /v1/password-resets."
  )

  private static func uselessToken(_ detail: String) -> Rejection {
    Rejection(
      .forbidden, "useless_token", "This token is not valid", detail,
      errors: [
        FieldError(
          field: "token", code: "useless_token", message: "Copy the whole token from the latest mail.")
      ])
  }
}
