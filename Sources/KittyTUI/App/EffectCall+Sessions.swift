import FoundationEssentials
import KittyShared

/// The calls of sessions.
extension EffectCall {
  static func signIn(_ name: String, _ password: String, _ code: String?) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      return try await runner.signIn(name, password, code)
    }
  }

  static func signUp(_ name: String, _ password: String, _ invite: String?) -> EffectCall {
    .write { (runner) throws(ClientFailure) in
      let _: User = try await runner.api.call(
        Endpoints.signUp, body: NewUser(name: name, password: password, invite: invite))
      return try await runner.signIn(name, password)
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
      runner.token.withLock { $0 = nil }
      runner.tokens.remove()
      return .signedOut
    }
  }
}

extension EffectRunner {
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
    do {
      try tokens.write(session, at: client.server.url)
    } catch {
      post(.message(.refused("\(error)")))
    }
    return .signedIn(name: session.user.name, timeZone: session.user.timeZone)
  }

  /// The name of this session in the list of sessions.
  private static var device: String? {
    OpenSession.device(from: "kittycash on \(ProcessInfo.processInfo.hostName)")
  }
}
