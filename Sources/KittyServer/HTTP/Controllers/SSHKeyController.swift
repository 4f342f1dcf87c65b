import Hummingbird
import KittyShared

/// The routes of public keys of ssh, and of signing in with them.
struct SSHKeyController: Sendable {
  let keys: SSHKeys
  let users: UserStore
  let factors: SecondFactors
  let caller: Reauthentication
  let limits: Limits

  func register(on routes: inout Routes) {
    routes.on(Endpoints.sshKeys, list)
    routes.create(Endpoints.addSSHKey, add) { id, call in Self.made(try await find(id, call)) }
    routes.on(Endpoints.sshKey) { call in Reply(try await find(call.id("key"), call)) }
    routes.on(Endpoints.removeSSHKey) { call in
      try await caller.requireForKeys(call)
      guard try await keys.remove(call.id("key"), of: call.user, call.write) else {
        throw Rejection.notFound("key")
      }
    }
    routes.on(Endpoints.signInChallenge) { call in
      try await limits.challenge(from: call.context.client)
      return Reply(try await keys.challenge(authority: Self.authority(of: call), at: call.now, call.write))
    }
    routes.on(Endpoints.signInByKey, signIn)
  }

  private func list(_ call: Call) async throws -> Reply<Page<SSHKey>> {
    let page = try call.page()
    let before = try page.cursor.map(Cursor.id)
    let found = try await keys.store.list(of: call.user, limit: page.limit + 1, before: before)
    return .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  private func add(_ input: NewSSHKey, _ call: Call) async throws -> Reply<SSHKey> {
    try await caller.requireForKeys(call)
    let key = try await keys.add(
      input, id: input.id ?? call.newID, to: call.user, at: call.now, call.write)
    return Self.made(key)
  }

  private static func made(_ key: SSHKey) -> Reply<SSHKey> {
    Reply(key).withLocation(Endpoints.sshKey.route.path([key.id]))
  }

  private func find(_ id: ID, _ call: Call) async throws -> SSHKey {
    guard let key = try await keys.store.find(id, of: call.user) else { throw Rejection.notFound("key") }
    return key
  }

  private func signIn(_ input: NewKeySession, _ call: Call) async throws -> Reply<Session> {
    let name = input.name.lowercased()
    return try await limits.guess(name, from: call.context.client) {
      // Verified before the account is looked at, so that the time tells nothing about it.
      let key = try await keys.verify(input, authority: Self.authority(of: call), at: call.now, call.write)
      let found = try await users.find(name: name)
      if let user = found?.user.id { call.context.trail.identify(user) }
      guard let key, let found, found.disabledAt == nil,
        let id = try await keys.store.key(key.fingerprint, of: found.user.id)
      else { throw Self.wrongCredentials }
      // A security key is a second factor by itself: it is a thing, and was touched.
      if !key.isSecurityKey {
        try await factors.require(input.code, of: found.user.id, call.write, note: call.note)
      }
      let device = (input.device ?? call.request.headers[.userAgent]).flatMap(OpenSession.device)
      let deviceToken = try BearerToken.forDevice()
      guard
        let session = try await keys.sessions.begin(
          for: found, device: device, key: id, deviceToken: deviceToken, call.write)
      else { throw Self.wrongCredentials }
      return Reply(
        Session(
          id: session.id, token: session.token, expiresAt: session.expires, deviceToken: deviceToken,
          user: found.user))
    }
  }

  private static func authority(of call: Call) -> String { call.request.head.authority ?? "" }

  private static let wrongCredentials = Rejection(
    .unauthenticated, "wrong_credentials", "The sign-in failed",
    "No account has this name and a key with this signature. Check the name and the address of the server, and ask for a new challenge."
  )
}
