import Hummingbird
import KittyShared

/// The routes of the caller's second factor.
struct SecondFactorController: Sendable {
  let factors: SecondFactors
  let users: UserStore
  let passwords: Passwords
  let limits: Limits

  func register(on routes: inout Routes) {
    routes.on(Endpoints.secondFactor) { call in Reply(try await factors.state(of: call.user)) }
    routes.on(Endpoints.beginSecondFactor) { input, call in
      Reply(try await factors.begin(for: verified(input.password, call), call.write))
    }
    routes.on(Endpoints.confirmSecondFactor) { input, call in
      let user = try call.user
      return Reply(
        try await limits.guess("code:\(user)", from: call.context.client) {
          try await factors.confirm(input.code, of: user, call.write)
        })
    }
    routes.on(Endpoints.removeSecondFactor, remove)
  }

  private func remove(_ input: SecondFactorRemoval, _ call: Call) async throws {
    let user = try await verified(input.password, call).id
    try await limits.guess("code:\(user)", from: call.context.client) {
      try await factors.remove(input.code, of: user, call.write, note: call.note)
    }
  }

  /// Checks the password of the caller.
  /// - Returns: The caller.
  /// - Throws: `Rejection` for a wrong password.
  private func verified(_ password: String, _ call: Call) async throws -> User {
    guard let credentials = try await users.credentials(of: call.user) else { throw Rejection.signInNeeded }
    return try await limits.guess("password:\(call.user)", from: call.context.client) {
      guard try await passwords.verify(password, hash: credentials.passwordHash).isRight else {
        throw Rejection.wrongPassword("password")
      }
      return credentials.user
    }
  }
}
