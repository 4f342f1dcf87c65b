import Hummingbird
import KittyShared

/// The routes of the caller's sessions and API tokens.
struct SessionController: Sendable {
  let sessions: Sessions
  let tokens: Tokens

  func register(on routes: inout Routes) {
    routes.on(Endpoints.sessions, list)
    routes.on(Endpoints.endSession) { call in
      guard try await sessions.end(.one(call.id("session")), of: call.user, call.write) else {
        throw Rejection.notFound("session")
      }
    }
    routes.on(Endpoints.endOtherSessions) { call in
      let current = try call.signedIn
      _ = try await sessions.end(.others(than: current.id), of: current.user, call.write)
    }
    routes.on(Endpoints.signOut) { call in
      let current = try call.signedIn
      _ = try await sessions.end(.one(current.id), of: current.user, call.write)
    }
    routes.on(Endpoints.tokens, listTokens)
    routes.on(Endpoints.createToken, create)
    routes.on(Endpoints.token) { call in
      guard let token = try await tokens.store.find(call.id("token"), of: call.user) else {
        throw Rejection.notFound("token")
      }
      return Reply(token)
    }
    routes.on(Endpoints.revokeTokens) { call in try await tokens.revokeAll(of: call.user, call.write) }
    routes.on(Endpoints.revokeToken) { call in
      guard try await tokens.revoke(call.id("token"), of: call.user, call.write) else {
        throw Rejection.notFound("token")
      }
    }
  }

  private func list(_ call: Call) async throws -> Reply<Page<OpenSession>> {
    let page = try call.page()
    let before = try page.cursor.map(Cursor.id)
    let current = try call.signedIn
    let found = try await sessions.store.list(
      of: current.user, current: current.id, at: call.now, limit: page.limit + 1, before: before)
    return .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  private func listTokens(_ call: Call) async throws -> Reply<Page<APIToken>> {
    let page = try call.page()
    let before = try page.cursor.map(Cursor.id)
    let found = try await tokens.store.list(of: call.user, limit: page.limit + 1, before: before)
    return .page(found, page, of: call) { Cursor.pack($0.id) }
  }

  private func create(_ input: NewToken, _ call: Call) async throws -> Reply<APIToken> {
    let token = try await tokens.make(
      input, id: input.id ?? call.newID, for: call.user, at: call.now, call.write)
    return Reply(token).withLocation(Endpoints.token.route.path([token.id]))
  }
}
