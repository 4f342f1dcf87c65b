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
  /// - Throws: `Problem` 403 for a wrong one.
  private func prove(_ password: String, _ call: Call) async throws -> User {
    guard let known = try await users.credentials(of: call.user) else { throw Problem.signInNeeded }
    guard try await passwords.verify(password, hash: known.passwordHash).isRight else {
      throw Problem.wrongPassword("password")
    }
    return known.user
  }
}
