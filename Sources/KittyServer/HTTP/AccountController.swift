import Hummingbird
import KittyShared

/// The HTTP face of users and sessions.
struct AccountController: Sendable {
  let users: UserStore
  let sessions: Sessions
  let factors: SecondFactors
  let passwords: Passwords

  func register(on routes: inout Routes) {
    routes.on(Endpoints.signUp, signUp)
    routes.on(Endpoints.signIn, signIn)
    routes.on(Endpoints.me) { call in Reply(try await user(try call.user)) }
  }

  private func signUp(_ input: NewUser, _ call: Call) async throws -> Reply<User> {
    let name = input.name.lowercased()
    let user = User(
      id: input.id ?? ID(at: call.now), name: name, displayName: (input.displayName ?? input.name).trimmed,
      photo: nil, createdAt: call.now)
    try await users.insert(user, passwordHash: passwords.hash(input.password))
    return Reply(user)
  }

  private func signIn(_ input: NewSession, _ call: Call) async throws -> Reply<Session> {
    let found = try await users.find(name: input.name.lowercased())
    guard try await passwords.verify(input.password, hash: found?.passwordHash), let user = found?.user else {
      throw Problem(
        401, "wrong_credentials", "Name or password is wrong",
        "No account has this name and password. Check both, or sign up.")
    }
    // Only now: who does not know the password learns nothing of a second factor.
    try await factors.require(input.code, of: user.id)
    let device = input.device ?? call.request.headers[.userAgent]
    let session = try await sessions.begin(for: user.id, device: device.flatMap(OpenSession.device))
    return Reply(Session(id: session.id, token: session.token, expiresAt: session.expires, user: user))
  }

  private func user(_ id: ID) async throws -> User {
    guard let user = try await users.find(id: id) else { throw Problem.signInNeeded }
    return user
  }
}
