import Curl
import Foundation
import KittyShared
import Subprocess
import Synchronization
import Testing

@testable import KittyServer

/// Writes during failures of PostgreSQL and Redis, and under load.
@Suite(
  .enabled(if: Backend.postgresURL != nil && Services.canRun, "`make test` brings PostgreSQL"),
  .serialized)
struct OutageTests {
  /// Enters expenses with sixteen clients while `faults` runs; each repeats its request, with the same key, until it
  /// is acknowledged.
  private func writeUnder(
    _ server: TestServer, _ faults: () async throws -> Void
  ) async throws -> (acknowledged: Set<String>, refusals: Int, books: Group, token: String) {
    let token = try await server.signUp()
    let (group, members) = try await server.makeGroup(token)
    let progress = Progress()
    let payer = members[0].id
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for writer in 0..<16 {
        tasks.addTask {
          var number = 0
          while !progress.isOver.withLock({ $0 }) {
            number += 1
            let name = "expense \(writer)-\(number)"
            while true {
              let answer = try await server.send(
                "POST", "/v1/groups/\(group.id)/expenses", token: token,
                json: #"{"description": "\#(name)", "amount": 300, "payer": "\#(payer)"}"#,
                headers: [("Idempotency-Key", name.replacing(" ", with: "-"))])
              if answer.status == 201 { break }
              // The only allowed failure is 503 with Retry-After.
              try #require(answer.status == 503 && answer.header("Retry-After") != nil, "\(answer.text)")
              progress.refusals.withLock { $0 += 1 }
              try await Task.sleep(for: .milliseconds(20))
            }
            progress.acknowledged.withLock { _ = $0.insert(name) }
          }
        }
      }
      try await faults()
      progress.isOver.withLock { $0 = true }
      try await tasks.waitForAll()
    }
    return (progress.acknowledged.withLock { $0 }, progress.refusals.withLock { $0 }, group, token)
  }

  private func expectAll(_ acknowledged: Set<String>, in group: Group, on server: TestServer) async throws {
    let rows = try await server.dependencies.database.read(
      "select description from entries where group_id = \(group.id)")
    let names = try rows.map { try $0.decode(String.self) }
    #expect(Set(names) == acknowledged && names.count == acknowledged.count)
    try await GroupFixture.expectClean(server)
  }

  @Test func restartOfPostgreSQLLosesAndDuplicatesNoWrite() async throws {
    let services = try await Services()
    let location = TestServer.DataLocation(databaseURL: services.postgresURL)
    defer { location.remove() }
    try await TestServer.run(at: location) { (server) async throws in
      let outcome = try await writeUnder(server) {
        for _ in 0..<3 {
          try await Task.sleep(for: .milliseconds(400))
          // Immediate mode: running transactions are aborted.
          try await services.restartPostgres()
        }
        try await Task.sleep(for: .milliseconds(400))
      }
      #expect(outcome.refusals > 0 && !outcome.acknowledged.isEmpty)
      try await expectAll(outcome.acknowledged, in: outcome.books, on: server)
      #expect(try await server.send("GET", "/health/ready").status == 200)
    }
    await services.stop()
  }

  @Test func outageOfRedisFailsNoWrite() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    try await TestServer.run(at: location, redis: redis.url) { (server) async throws in
      let outcome = try await writeUnder(server) {
        for _ in 0..<2 {
          try await Task.sleep(for: .milliseconds(300))
          redis.kill()
          try await Task.sleep(for: .milliseconds(300))
          try redis.start()
        }
      }
      #expect(outcome.refusals == 0)
      try await expectAll(outcome.acknowledged, in: outcome.books, on: server)
      let net = try await server.balances(outcome.books.id, outcome.token)[0].net
      #expect(net == Int64(outcome.acknowledged.count) * 200)
    }
  }

  @Test func fiveHundredConcurrentRequestsSucceed() async throws {
    try await TestServer.run(on: .postgres, redis: Backend.redisURL) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for number in 0..<500 {
          tasks.addTask {
            let path = "/v1/groups/\(group.id)"
            return try await number % 5 == 0
              ? server.send(
                "POST", path + "/expenses", token: token,
                json: #"{"description": "Dinner", "amount": 300, "payer": "\#(members[0].id)"}"#
              ).status
              : server.send("GET", path + "/balances", token: token).status
          }
        }
        return try await tasks.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
      }
      #expect(statuses == [200: 400, 201: 100])
      #expect(try await server.balances(group.id, token)[0].net == 100 * 200)
      try await GroupFixture.expectClean(server)
    }
  }
}

/// The progress of the writers of a test.
private final class Progress: Sendable {
  let acknowledged = Mutex<Set<String>>([])
  let refusals = Mutex(0)
  let isOver = Mutex(false)
}

/// A PostgreSQL and a Redis for one test, started in the same way as those of `make test`.
struct Services {
  private let folder = NSTemporaryDirectory() + "kitty-services-" + ID(at: .now).description
  let postgresURL: String

  /// `false` when PostgreSQL must run as another user and runuser is missing.
  static let canRun = getuid() != 0 || FileManager.default.isExecutableFile(atPath: "/usr/sbin/runuser")

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
    .standardizedFileURL.path

  init() async throws {
    let output = try await Self.shell(#"exec "$ROOT/scripts/services" start "$DIR" 2>"$DIR.log""#, folder)
    let parts = output.split(separator: "'")
    postgresURL = String(try #require(parts.first { $0.hasPrefix("postgresql://") }, "\(output)"))
  }

  func restartPostgres() async throws {
    _ = try await Self.shell(
      #"""
      cd / && bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
      set -- "$bin/pg_ctl" -D "$DIR/postgres/data" -m immediate -w -t 30 -l "$DIR/postgres/log" restart
      if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi >/dev/null
      """#, folder)
  }

  func stop() async {
    _ = try? await Self.shell(#""$ROOT/scripts/services" stop "$DIR" >"$DIR.log" 2>&1"#, folder)
    for path in [folder, folder + ".log"] { try? FileManager.default.removeItem(atPath: path) }
  }

  private static func shell(_ script: String, _ folder: String) async throws -> String {
    // Foundation's Process does not return when the program leaves daemons behind.
    let result = try await Subprocess.run(
      .path("/bin/sh"), arguments: ["-c", script],
      environment: .inherit.updating(["ROOT": root, "DIR": folder]), output: .string(limit: 1 << 16),
      error: .discarded)
    try #require(result.terminationStatus.isSuccess, "\(script): \(result.terminationStatus)")
    return result.standardOutput
  }
}
