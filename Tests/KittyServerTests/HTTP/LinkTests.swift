import KittyShared
import Testing

@testable import KittyServer

/// The `Link` header of pages.
@Suite struct LinkTests {
  /// A base address with a slash at its end gives a path with two at its start, and `//v1` in a link would be a host.
  @Test func linkNeverNamesAnotherHost() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      for _ in 0..<2 { _ = try await server.makeGroup(token, guests: []) }
      for start in ["", "/", "//"] {
        let answer = try await server.send("GET", "\(start)/v1/groups?limit=1", token: token)
        guard answer.status == 200 else {
          #expect(answer.status == 404)
          continue
        }
        let link = try #require(answer.header("Link"))
        #expect(link.hasPrefix("</v1/groups?cursor="), "\(link)")
      }
    }
  }
}
