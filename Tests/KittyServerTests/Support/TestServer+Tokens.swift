import KittyShared
import Testing

@testable import KittyServer

extension TestServer {
  /// Creates an API token and returns it with its secret.
  func makeToken(
    _ session: String, name: String = "script", scopes: [TokenScope] = [.read, .write], group: ID? = nil,
    expires: Instant? = nil
  ) async throws -> APIToken {
    let body = NewToken(name: name, scopes: scopes, group: group, expiresAt: expires)
    let answer = try await send("POST", "/v1/me/tokens", token: session, json: try JSON.text(of: body))
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(APIToken.self)
  }
}
