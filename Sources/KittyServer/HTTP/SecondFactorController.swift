import Hummingbird
import KittyShared

/// The HTTP face of one's own second factor.
struct SecondFactorController: Sendable {
  let factors: SecondFactors
  let users: UserStore
  let passwords: Passwords

  func register(on routes: inout Routes) {
    routes.on(Endpoints.secondFactor) { call in Reply(try await factors.state(of: call.user)) }
    routes.on(Endpoints.beginSecondFactor) { input, call in
      Reply(try await factors.begin(for: prove(input.password, call)))
    }
    routes.on(Endpoints.confirmSecondFactor) { input, call in
      Reply(try await factors.confirm(input.code, of: call.user))
    }
    routes.on(Endpoints.removeSecondFactor) { input, call in
      try await factors.remove(input.code, of: prove(input.password, call).id)
    }
  }

  /// Who is signed in, if this is their password.
  /// - Throws: `Problem` 422 for a wrong one.
  private func prove(_ password: String, _ call: Call) async throws -> User {
    guard let user = try await users.find(id: call.user),
      let hash = try await users.find(name: user.name)?.passwordHash
    else { throw Problem.signInNeeded }
    guard try await passwords.verify(password, hash: hash) else {
      throw Problem.invalid("password", "wrong_password", "This is not your password.")
    }
    return user
  }
}
