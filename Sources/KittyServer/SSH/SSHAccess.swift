import KittyShared

/// Lets clients of sshd in by their keys. sshd has verified that a client has the private key; the gateway that asks has
/// the secret of the operator.
struct SSHAccess: Sendable {
  let keys: SSHKeys
  let users: UserStore
  let factors: SecondFactors
  let signIn: PasswordSignIn
  let signUpPolicy: SignUpPolicy
  let limits: Limits
  /// `true` when owners of unknown keys may sign up, or add their key to an account.
  let welcomesUnknownKeys: Bool

  /// Maximum age of a session: the gateway ends it much earlier, with the connection.
  static let sessionLifetime: Duration = .seconds(24 * 3600)

  /// Returns what a key may do.
  func state(_ input: KeyLookup, _ call: Call) async throws -> KeyState {
    let answer = { (state: KeyState.State) in KeyState(state: state, signUp: signUpPolicy.mode.rawValue) }
    // A key that is not accepted is refused like an unknown one.
    guard let (key, _) = try? SSHPublicKey.read(line: input.key) else { return answer(.refused) }
    guard let owner = try await keys.store.owner(of: key.fingerprint) else {
      return answer(welcomesUnknownKeys ? .unknown : .refused)
    }
    return answer(owner.credentials.disabledAt == nil ? .known : .refused)
  }

  /// Begins a session of the account of a key.
  /// - Throws: `Rejection` for an unknown key, without the code of a second factor, and beyond the limits.
  func open(_ input: KeyOpening, _ call: Call) async throws -> Session {
    let key = try await read(input.key, call)
    guard let owner = try await keys.store.owner(of: key.fingerprint),
      owner.credentials.disabledAt == nil
    else { throw Self.unknownKey }
    let user = owner.credentials.user
    call.context.trail.identify(user.id)
    // A security key is a second factor by itself: it is a thing, and was touched.
    guard !key.isSecurityKey else { return try await begin(owner, call) }
    // The key is proved, so only a code is a guess: wrong passwords of others do not hold its owner up.
    guard input.code != nil else {
      try await factors.require(nil, of: user.id, call.write, note: call.note)
      return try await begin(owner, call)
    }
    return try await limits.guess("code:\(user.id)", from: call.context.client) {
      try await factors.require(input.code, of: user.id, call.write, note: call.note)
      return try await begin(owner, call)
    }
  }

  /// Signs up with a key, without a password, and begins a session.
  /// - Throws: `Rejection` when unknown keys are refused, and as signing up with a password.
  func signUp(_ input: KeySignUp, _ call: Call) async throws -> Session {
    let key = try await readUnknown(input.key, call)
    try await limits.signUp(from: call.context.client)
    let invite = try await signUpPolicy.admit(input.invite, at: call.now)
    let name = input.name.lowercased()
    let user = User(
      id: ID(at: call.now), name: name, displayName: (input.displayName ?? input.name).trimmed,
      hasPassword: false, photo: nil, createdAt: call.now)
    let first = SSHKey(
      id: ID(at: call.now), name: key.type, type: key.type, fingerprint: key.fingerprint, createdAt: call.now)
    guard
      try await users.insert(
        user, passwordHash: UserStore.noPassword, key: first, invite: invite, call.write)
    else {
      // Another sign-up has used the invite.
      try await signUpPolicy.requireOpen(invite, at: call.now)
      throw Rejection.unavailable("The invite could not be used. Try again.")
    }
    call.context.trail.identify(user.id)
    call.note(.accountCreated)
    guard let owner = try await keys.store.owner(of: key.fingerprint) else { throw Self.unknownKey }
    return try await begin(owner, call)
  }

  /// Adds a key to an account by its password and second factor, and begins a session with it.
  /// - Throws: `Rejection` when unknown keys are refused, and as signing in and adding a key.
  func link(_ input: KeyLink, _ call: Call) async throws -> Session {
    let key = try await readUnknown(input.key, call)
    let name = input.name.lowercased()
    return try await limits.guess(name, from: call.context.client) {
      let found = try await signIn.check(name: name, password: input.password, code: input.code, call).found
      _ = try await keys.add(
        NewSSHKey(name: key.type, key: input.key), id: ID(at: call.now), to: found.user.id, at: call.now,
        call.write)
      call.note(.keyAdded)
      guard let owner = try await keys.store.owner(of: key.fingerprint) else { throw Self.unknownKey }
      return try await begin(owner, call)
    }
  }

  /// Returns those sessions that have not ended.
  func open(among sessions: [ID], _ call: Call) async throws -> SessionList {
    SessionList(sessions: try await keys.sessions.store.open(among: sessions, at: call.now))
  }

  /// Ends sessions that began with a key.
  func end(_ sessions: [ID], _ call: Call) async throws {
    try await keys.sessions.endThoseOfKeys(sessions, call.write)
  }

  private func read(_ line: String, _ call: Call) async throws -> SSHPublicKey {
    let key = try SSHPublicKey.read(line: line).key
    try await limits.ssh(key.fingerprint, from: call.context.client)
    return key
  }

  private func readUnknown(_ line: String, _ call: Call) async throws -> SSHPublicKey {
    guard welcomesUnknownKeys else { throw Self.unknownKey }
    return try await read(line, call)
  }

  private func begin(_ owner: SSHKeyStore.Owner, _ call: Call) async throws -> Session {
    let client = call.context.client
    let device = client == .unknown ? "ssh" : "ssh from \(client)"
    guard
      let session = try await keys.sessions.begin(
        for: owner.credentials, device: device, key: owner.key,
        client: client == .unknown ? nil : "\(client)", lifetime: Self.sessionLifetime, call.write)
    else { throw Self.unknownKey }
    call.note(.signedIn)
    return Session(
      id: session.id, token: session.token, expiresAt: session.expires, deviceToken: nil,
      user: owner.credentials.user)
  }

  private static let unknownKey = Rejection(
    .unauthenticated, "wrong_credentials", "This key opens no account",
    "This key belongs to no account of this server, or the account is disabled.")
}
