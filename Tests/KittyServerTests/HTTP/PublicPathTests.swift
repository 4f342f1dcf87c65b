import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// A server behind a proxy that removes a path from the address of each request.
@Suite struct PublicPathTests {
  @Test(arguments: [
    ("", ""), ("https://example.org", ""), ("http://[::1]:8080/", ""),
    ("https://example.org/kitty", "/kitty"),
    ("https://example.org:8443/a/b/", "/a/b"),
  ])
  func pathIsInFrontOfLocationAndLink(publicURL: String, path: String) async throws {
    let settings = publicURL.isEmpty ? [:] : ["PUBLIC_URL": publicURL]
    try await TestServer.run(on: .sqlite, settings: settings) { (server) async throws in
      let token = try await server.signUp()
      for name in ["Flat 12", "Ski trip"] {
        let made = try await server.send(
          "POST", "/v1/groups", token: token, json: #"{"name": "\#(name)", "currency": "EUR"}"#)
        let id = try made.decode(Group.self).id
        #expect(made.header("Location") == "\(path)/v1/groups/\(id)")
      }
      let page = try await server.send("GET", "/v1/groups?limit=1", token: token)
      let link = try #require(page.header("Link"))
      #expect(link.hasPrefix("<\(path)/v1/groups?cursor="), "\(link)")
      // The proxy removes the path again.
      let next = try #require(link.firstMatch(of: #/<(.+)>; rel="next"/#)).1.dropFirst(path.count)
      let second = try await server.send("GET", String(next), token: token).decode(Page<Group>.self)
      #expect(second.items.count == 1 && second.next == nil)
    }
  }
}
