import ArgumentParser
import Foundation
import KittyShared
import OpenAPIDocument
import Redis
import TestSupport
import Testing

@testable import KittyServer

/// The health routes.
@Suite struct HealthTests {
  @Test(arguments: Backend.available) func healthNamesTheFailedPart(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let ready = try await server.send("GET", "/health/ready").decode(Health.self)
      #expect(ready.status == "ok" && ready.parts?["database"] == "ok")
      #expect(try await server.send("GET", "/health/live").decode(Health.self).version == KittyCash.version)
      await server.dependencies.database.close()
      // An answer holds for a second.
      try await until { try await server.send("GET", "/health/ready").status == 503 }
      let answer = try await server.send("GET", "/health/ready")
      #expect(answer.header("Retry-After") != nil)
      #expect(try answer.problem().errors?.map(\.field) == ["database"])
      #expect(try await server.send("GET", "/health/live").status == 200)
    }
  }

  @Test func versionIsForClientsOnThisMachine() async throws {
    for settings in [["TRUSTED_PROXIES": "127.0.0.1"], [:]] {
      try await TestServer.run(on: .sqlite, settings: settings) { (server) async throws in
        for path in ["/health/live", "/health/ready"] {
          for address in ["192.0.2.1", "::1, 192.0.2.1"] {
            let answer = try await server.send("GET", path, headers: [("X-Forwarded-For", address)])
            #expect(try answer.decode(Health.self).version == nil, "\(path), \(address), \(settings)")
          }
          #expect(try await server.send("GET", path).decode(Health.self).version == KittyCash.version)
        }
      }
    }
  }

  @Test func readinessIsFoundOnceForAllWhoAsk() async throws {
    let lookups = Counter()
    let shared = Shared(for: .seconds(60)) {
      try? await Task.sleep(for: .milliseconds(50))
      lookups.add()
      return lookups.value
    }
    let values = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<100 { group.addTask { await shared.value() } }
      return await group.reduce(into: Set<Int>()) { $0.insert($1) }
    }
    #expect(values == [1] && lookups.value == 1)
    let short = Shared(for: .zero) {
      lookups.add()
      return lookups.value
    }
    let (first, second) = (await short.value(), await short.value())
    #expect(first == 2 && second == 3)
  }

  @Test func livenessIsAnsweredWhileAllThreadsAreBusy() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let port = try #require(URL(string: server.url)?.port)
      let gate = DispatchSemaphore(value: 0)
      let blocked = Counter()
      let threads = ProcessInfo.processInfo.activeProcessorCount
      // A thread that belongs to no task asks, and opens the gate in any case.
      let asked = Task<Duration?, Never> {
        await withCheckedContinuation { continuation in
          Thread.detachNewThread {
            var duration: Duration?
            for _ in 0..<12000 where blocked.value < threads { Thread.sleep(forTimeInterval: 0.005) }
            if blocked.value >= threads, let connection = try? RawConnection(port: port) {
              let start = ContinuousClock.now
              connection.send("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
              while connection.received.isEmpty, ContinuousClock.now - start < .seconds(5) {
                connection.read()
                Thread.sleep(forTimeInterval: 0.001)
              }
              if connection.statuses == [200] { duration = ContinuousClock.now - start }
            }
            for _ in 0..<threads { gate.signal() }
            continuation.resume(returning: duration)
          }
        }
      }
      // Every thread on which tasks run is blocked.
      for _ in 0..<threads {
        Task.detached {
          blocked.add()
          gate.wait()
        }
      }
      let duration = try #require(await asked.value, "no answer while all threads were busy")
      #expect(duration < .milliseconds(500), "\(duration)")
    }
  }

  @Test func livenessIsAnsweredInItsTurnOnAConnection() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let connection = try RawConnection(port: #require(URL(string: server.url)?.port))
      let live = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
      connection.send("GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n" + live + live)
      #expect(try await connection.answers([404, 200, 200], within: 10), "\(connection.received)")
      connection.send(live + "GET /v1/nothing HTTP/1.1\r\nHost: x\r\n\r\n" + live)
      #expect(try await connection.answers([404, 200, 200, 200, 404, 200], within: 10))
      connection.send("GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(try await connection.isClosed(within: 10))
      #expect(connection.statuses.count == 7)
      let head = try await server.send("HEAD", "/health/live")
      #expect(head.status == 200 && head.text.isEmpty)
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
