import ArgumentParser
import FoundationEssentials
import KittyShared
import OpenAPIDocument
import Redis
import Testing

@testable import KittyServer

/// The health routes.
@Suite struct HealthTests {
  @Test(arguments: Backend.available) func healthNamesTheFailedPart(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let ready = try await server.send("GET", "/health/ready").decode(Health.self)
      #expect(ready.status == "ok" && ready.parts?["database"] == "ok")
      #expect(try await server.send("GET", "/health/live").decode(Health.self).version == serverVersion)
      await server.dependencies.database.close()
      let answer = try await server.send("GET", "/health/ready")
      #expect(answer.status == 503)
      #expect(answer.header("Retry-After") != nil)
      #expect(try answer.problem().errors?.map(\.field) == ["database"])
      #expect(try await server.send("GET", "/health/live").status == 200)
    }
  }

  @Test func serverWorksWithoutRedis() async throws {
    // No server listens on port 9 of the loopback.
    try await TestServer.run(on: .sqlite, redis: "redis://127.0.0.1:9") { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token)
      #expect(try await server.balances(group.id, token).count == 3)
      let health = try await server.send("GET", "/health/ready").decode(Health.self)
      #expect(health.status == "degraded" && health.parts?["cache"] != "ok")
    }
  }
}
