import ArgumentParser
import FoundationEssentials
import KittyShared
import OpenAPIDocument
import Redis
import Testing

@testable import KittyServer

/// The contract as a route.
@Suite struct ContractRouteTests {
  @Test func contractIsServedWithETag() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let answer = try await server.send("GET", "/openapi.yaml")
      #expect(answer.status == 200)
      #expect(answer.header("Content-Type") == "application/yaml")
      #expect(answer.response.body == OpenAPIDocument.yaml)
      #expect(answer.text.contains("\n  version: \(KittyCash.version)\n"), "the contract has another version")
      let tag = try #require(answer.header("ETag"))
      let again = try await server.send("GET", "/openapi.yaml", headers: [("If-None-Match", tag)])
      #expect(again.status == 304 && again.response.body.isEmpty)
      #expect(
        try await server.send("GET", "/openapi.yaml", headers: [("If-None-Match", "\"x\"")]).status == 200)
    }
  }
}
