import Hummingbird
import KittyShared

/// The HTTP face of users and sessions.
struct AccountController: Sendable {
  let users: UserStore
  let sessions: Sessions
  let passwords: Passwords
  let limits: Limits

  func register(on routes: inout Routes) {
    routes.on(Endpoints.signUp, signUp)
    routes.on(Endpoints.signIn, signIn)
    routes.on(Endpoints.signOut) { call in
      if let principal = call.principal { try await sessions.end(principal) }
    }
    routes.on(Endpoints.me) { call in Reply(try await user(try call.user)) }
  }

  private func signUp(_ input: NewUser, _ call: Call) async throws -> Reply<User> {
    try await limits.signUp(from: call.context.client)
    let name = input.name.lowercased()
    let user = User(
      id: input.id ?? ID(at: call.now), name: name, displayName: (input.displayName ?? input.name).trimmed,
      photo: nil, createdAt: call.now)
    try await users.insert(user, passwordHash: passwords.hash(input.password))
    return Reply(user)
  }

  private func signIn(_ input: NewSession, _ call: Call) async throws -> Reply<Session> {
    let name = input.name.lowercased()
    let user = try await limits.signIn(name, from: call.context.client) {
      let found = try await users.find(name: name)
      return try await passwords.verify(input.password, hash: found?.passwordHash) ? found?.user : nil
    }
    guard let user else {
      throw Problem(
        401, "wrong_credentials", "Name or password is wrong",
        "No account has this name and password. Check both, or sign up.")
    }
    let session = try await sessions.begin(for: user.id)
    return Reply(Session(id: session.id, token: session.token, expiresAt: session.expires, user: user))
  }

  private func user(_ id: ID) async throws -> User {
    guard let user = try await users.find(id: id) else { throw Problem.signInNeeded }
    return user
  }
}
