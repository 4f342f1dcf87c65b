import Hummingbird
import KittyShared

/// The routes of the caller's second factor.
struct SecondFactorController: Sendable {
  let factors: SecondFactors
  let caller: Reauthentication
  let limits: Limits

  func register(on routes: inout Routes) {
    routes.on(Endpoints.secondFactor) { call in Reply(try await factors.state(of: call.user)) }
    routes.on(Endpoints.beginSecondFactor) { input, call in
      Reply(try await factors.begin(for: caller.require(input.password, "password", call).user, call.write))
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
    let user = try await caller.require(input.password, "password", call).user.id
    try await limits.guess("code:\(user)", from: call.context.client) {
      try await factors.remove(input.code, of: user, call.write, note: call.note)
    }
  }
}
