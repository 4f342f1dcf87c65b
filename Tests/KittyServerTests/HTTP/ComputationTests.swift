import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Requests that walk a whole group: one at a time for each user, and only as long as their client waits.
@Suite struct ComputationTests {
  /// Two users with a group each. Long reads of the database wait until the gate is opened.
  private struct Fixture {
    let server: TestServer
    let tokens: [String]
    let groups: [ID]
    let gate: Gate
    var longReads: Turns<Bool> { server.dependencies.shares.database.longReads }
    /// The number of long reads that wait.
    var waiting: Int { longReads.count(of: true) - FairDatabase.longReads }
  }

  private func run(
    on backend: Backend, patience: Duration = .seconds(60), _ body: (Fixture) async throws -> Void
  ) async throws {
    try await TestServer.run(on: backend, adjust: { $0.shares.patience = patience }) {
      (server) async throws in
      let tokens = [try await server.signUp(), try await server.signUp("victor")]
      var groups: [ID] = []
      for token in tokens { groups.append(try await server.makeGroup(token).group.id) }
      let gate = Gate()
      let longReads = server.dependencies.shares.database.longReads
      let blocks = (0..<FairDatabase.longReads).map { _ in
        Task { try await longReads.run(for: true) { await gate.wait() } }
      }
      try await until { longReads.count(of: true) == FairDatabase.longReads }
      let fixture = Fixture(server: server, tokens: tokens, groups: groups, gate: gate)
      let outcome: Result<Void, any Error>
      do { outcome = .success(try await body(fixture)) } catch { outcome = .failure(error) }
      gate.open()
      for block in blocks { try await block.value }
      try outcome.get()
    }
  }

  private static let paths = [
    "/export?format=beancount", "/debts", "/settlement", "/balances?at=2026-01-01",
    "/accounts/kitty/statement",
    "/kitty",
  ]

  @Test(arguments: Backend.available) func computationOfAClientThatLeftEnds(backend: Backend) async throws {
    try await run(on: backend) { fixture in
      let port = try #require(URL(string: fixture.server.url)?.port)
      for path in Self.paths {
        for isReset in [false, true] {
          var connection: RawConnection? = try RawConnection(port: port)
          if isReset { connection?.resetAtEnd() }
          connection?.send(
            "GET /v1/groups/\(fixture.groups[0])\(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(fixture.tokens[0])\r\n\r\n"
          )
          try await until { fixture.waiting == 1 }
          connection = nil
          try await until { fixture.waiting == 0 }
        }
      }
      // What ended was no fault, and the user's turn is free.
      let metrics = try await fixture.server.metrics()
      for path in ["export", "debts", "settlement", "balances", "kitty"] {
        let name =
          #"kittycash_http_requests_total{method="GET",route="/v1/groups/{group}/\#(path)",status="#
        #expect(metrics[name + #""500"}"#] == nil && metrics[name + #""503"}"#] == nil)
        #expect(metrics[name + #""400"}"#] == 2, "\(path)")
      }
      fixture.gate.open()
      for path in Self.paths {
        let answer = try await fixture.server.send(
          "GET", "/v1/groups/\(fixture.groups[0])\(path)", token: fixture.tokens[0])
        #expect(answer.status == 200, "\(path): \(answer.text)")
      }
    }
  }

  @Test(arguments: Backend.available) func computationsOfAUserTakeTurns(backend: Backend) async throws {
    try await run(on: backend) { fixture in
      let (server, groups, tokens) = (fixture.server, fixture.groups, fixture.tokens)
      let own = Self.paths.map { path in
        Task { try await server.send("GET", "/v1/groups/\(groups[0])\(path)", token: tokens[0]).status }
      }
      try await until { fixture.waiting == 1 }
      let other = Task {
        try await server.send("GET", "/v1/groups/\(groups[1])/debts", token: tokens[1]).status
      }
      try await until { fixture.waiting == 2 }
      // Whatever a user computes, their other requests and those of others are answered.
      for (group, token) in zip(groups, tokens) {
        #expect(try await server.balances(group, token).count == 3)
        #expect(try await server.send("GET", "/v1/groups/\(group)/entries", token: token).status == 200)
      }
      #expect(fixture.waiting == 2)
      fixture.gate.open()
      for answer in own + [other] { #expect(try await answer.value == 200) }
    }
  }

  @Test func computationWithoutItsTurnGets429() async throws {
    try await run(on: .sqlite, patience: .milliseconds(100)) { fixture in
      let (server, group, token) = (fixture.server, fixture.groups[0], fixture.tokens[0])
      let first = Task { try await server.send("GET", "/v1/groups/\(group)/debts", token: token).status }
      try await until { fixture.waiting == 1 }
      let refused = try await server.send("GET", "/v1/groups/\(group)/settlement", token: token)
      try expectProblem(refused, 429, "too_many_at_once", "long requests")
      #expect(refused.header("Retry-After") != nil)
      let metrics = try await server.metrics()
      #expect(metrics[#"kittycash_refusals_total{share="computations"}"#] == 1)
      fixture.gate.open()
      #expect(try await first.value == 200)
    }
  }

  @Test func exportsOfAUserAreLimited() async throws {
    try await run(on: .sqlite) { fixture in
      let (server, groups, tokens) = (fixture.server, fixture.groups, fixture.tokens)
      let downloads = server.dependencies.shares.downloads
      let exports = (0..<downloads.each).map { _ in
        Task { try await server.send("GET", "/v1/groups/\(groups[0])/export", token: tokens[0]).status }
      }
      try await until { downloads.taken == downloads.each }
      let refused = try await server.send("GET", "/v1/groups/\(groups[0])/export", token: tokens[0])
      try expectProblem(refused, 429, "too_many_at_once", "exports")
      fixture.gate.open()
      for export in exports { #expect(try await export.value == 200) }
      // A response without a body gives its place back too.
      #expect(
        try await server.send("HEAD", "/v1/groups/\(groups[1])/export", token: tokens[1]).status == 200)
      try await until { downloads.taken == 0 }
    }
  }
}
