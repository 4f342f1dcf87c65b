import FoundationEssentials
import KittyShared

/// The calls of sessions.
extension EffectCall {
  static func signIn(_ name: String, _ password: String, _ code: String?) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return try await runner.signIn(name, password, code)
    }
  }

  static func signUp(_ user: NewUser, email: String?) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let _: User = try await runner.api.call(Endpoints.signUp, body: user)
      let signedIn = try await runner.signIn(user.name, user.password)
      guard let email else { return signedIn }
      // The account exists now, so a refused address must not look like a refused sign-up.
      runner.post(.message(signedIn))
      return await runner.setFirstAddress(email, user.password)
    }
  }

  static var loadAccount: EffectCall {
    .read { (runner) throws(ClientFailure) in
      return .account(try await runner.api.call(Endpoints.me))
    }
  }

  static var signOut: EffectCall {
    .write { (runner) throws(ClientFailure) in
      try await runner.api.call(Endpoints.signOut)
      runner.forgetSession()
      return .signedOut
    }
  }
}

extension EffectRunner {
  /// Forgets the session that has ended, here and in the file.
  func forgetSession() {
    let ended = token.withLock { token in
      defer { token = nil }
      return token
    }
    memory.withLock { $0 = GroupMemory() }
    files.withLock { files in
      files?.cache?.remove()
      files = nil
    }
    overview.withLock { $0 = HomeMemory() }
    // The stored session may be that of another user.
    if ended != givenToken { tokens.remove() }
  }

  /// Sets the address of an account that was created a moment ago.
  fileprivate func setFirstAddress(_ email: String, _ password: String) async -> Message {
    do {
      let user: User = try await api.call(Endpoints.me)
      let changed: User = try await api.call(
        Endpoints.changeMe, body: UserChange(email: .set(email), password: password), ifMatch: user.version)
      post(.message(.account(changed)))
      return .you(
        .notice(
          "You are signed up. If this server sends mail, a code is on its way to \(email): enter it under U.")
      )
    } catch {
      return .you(.notice("You are signed up, but without the address. \(error.message) Set it under U."))
    }
  }

  func signIn(
    _ name: String, _ password: String, _ code: String? = nil
  ) async throws(ClientFailure) -> Message {
    var anonymous = api
    anonymous.token = nil
    // A file that cannot be read is told when the session is stored beside it.
    let known = try? tokens.devices.token(of: name)
    let session: Session = try await anonymous.call(
      Endpoints.signIn,
      body: NewSession(
        name: name, password: password, code: code, device: Self.device, deviceToken: known))
    token.withLock { $0 = session.token }
    post(.message(.account(session.user)))
    let signedIn = Message.signedIn(name: session.user.name, timeZone: session.user.timeZone)
    // Another user has another member in a group.
    memory.withLock { $0 = GroupMemory() }
    files.withLock { $0 = filesOf(session.user.name) }
    overview.withLock { $0 = HomeMemory() }
    do {
      try tokens.write(session, at: client.server.url)
    } catch {
      // After the sign-in: what is shown before it is closed by it.
      post(.message(signedIn))
      return .you(.notice("\(error)"))
    }
    return signedIn
  }

  /// The name of this session in the list of sessions.
  private static var device: String? {
    OpenSession.device(from: "kittycash on \(ProcessInfo.processInfo.hostName)")
  }
}
