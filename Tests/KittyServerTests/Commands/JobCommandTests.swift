import Foundation
import KittyShared
import Subprocess
import SystemPackage
import Testing

@testable import KittyServer

/// `kittycash-server jobs` and `health`, run as programs.
@Suite struct JobCommandTests {
  private static let program = Bundle.main.bundleURL.appending(path: "kittycash-server").path

  /// Runs a bash script that calls the program `$SERVER` on the data of a server.
  private static func script(
    _ text: String, at location: TestServer.DataLocation, _ variables: [String: String] = [:]
  ) async throws -> (status: Int32, output: String) {
    var changes: [Environment.Key: String?] = [:]
    let all = [
      "SERVER": program, "DATA_DIR": location.folder, "DATABASE_URL": location.databaseURL ?? "",
      "REDIS_URL": "",
    ].merging(variables) { $1 }
    for (name, value) in all { changes[Environment.Key(stringLiteral: name)] = value }
    let result = try await Subprocess.run(
      .path("/bin/bash"), arguments: ["-c", text], environment: .inherit.updating(changes),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    let status: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
    return (status, result.standardOutput + result.standardError)
  }

  @Test(arguments: Backend.available) func jobsAreListedRetriedAndCancelled(backend: Backend) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    try await TestServer.run(at: location) { server in
      let database = server.dependencies.database
      let (now, ids) = (Instant.now, (0..<4).map { _ in ID(at: .now) }.sorted())
      let states: [(error: String?, leasedUntil: Instant?, dead: Instant?)] = [
        (nil, nil, nil), (nil, now.advanced(by: .seconds(600)), nil), ("no\n\u{1b}[1m mail", nil, now),
        ("no mail", nil, now),
      ]
      for (id, state) in zip(ids, states) {
        try await database.transact([
          """
          insert into jobs (id, kind, payload, run_at, attempts, leased_until, last_error, dead_at, worker, created_at)
          values (\(id), 'password.reset', 'a secret', \(now.advanced(by: .seconds(600))), 3, \(state.leasedUntil),
            \(state.error), \(state.dead), 'kitty/7', \(now))
          """
        ])
      }
      func run(_ arguments: String) async throws -> (status: Int32, output: String) {
        try await Self.script("\"$SERVER\" jobs \(arguments)", at: location)
      }
      func list(_ arguments: String = "") async throws -> [JobOverview] {
        try JSON.decode([JobOverview].self, from: Data(try await run("list --json \(arguments)").output.utf8))
      }
      let all = try await list()
      #expect(all.map(\.id) == ids && all.map(\.state) == [.waiting, .running, .dead, .dead])
      #expect(all.map(\.worker) == [nil, "kitty/7", nil, nil] && all.allSatisfy { $0.attempts == 3 })
      #expect(try await list("--state dead").map(\.id) == Array(ids[2...]))
      let table = try await run("list").output
      #expect(table.split(separator: "\n").count == 5 && table.contains(#"no \u001b[1m mail"#), "\(table)")
      #expect(!table.contains("secret") && !table.contains("\u{1b}"))

      #expect(try await run("retry \(ids[2])").status == 0)
      let again = try #require(try await list().first { $0.id == ids[2] })
      #expect(again.state == .waiting && again.attempts == 0 && again.dueAt <= .now && again.deadAt == nil)
      let running = try await run("retry \(ids[1])")
      #expect(running.status == 1 && running.output.contains("kitty/7"), "\(running.output)")
      #expect(try await run("retry --all-dead").output == "Dead jobs that are due again: 1.\n")
      #expect(try await list("--state dead").isEmpty)
      // A cancelled job does not belong to its worker any more.
      #expect(try await run("cancel \(ids[1])").output.contains("kitty/7, which was running it"))
      #expect(try await run("cancel \(ids[0])").status == 0)
      #expect(try await list().map(\.id) == Array(ids[2...]))
      for (command, id) in [("cancel", "\(ids[0])"), ("retry", "\(ids[0])"), ("cancel", "x")] {
        let unknown = try await run("\(command) \(id)")
        #expect(unknown.status == 1 && unknown.output.contains("no job \"\(id)\""), "\(unknown.output)")
      }
    }
  }

  @Test(arguments: [["retry"], ["retry", "x", "--all-dead"], ["list", "--state", "x"]])
  func ambiguousArgumentsAreRefused(arguments: [String]) {
    #expect(throws: (any Error).self) { try JobsCommand.parseAsRoot(arguments) }
  }

  @Test func healthCommandChecksTheServer() async throws {
    let location = try await TestServer.DataLocation(on: .sqlite)
    defer { location.remove() }
    var port = ""
    // The proxy of the environment is not used for this machine; 0.0.0.0 means this machine.
    func health(_ host: String = "0.0.0.0") async throws -> (status: Int32, output: String) {
      try await Self.script(
        #""$SERVER" health"#, at: location, ["PORT": port, "HOST": host, "http_proxy": "http://127.0.0.1:1"])
    }
    try await TestServer.run(at: location) { server in
      port = String(server.url.split(separator: ":").last ?? "")
      let ready = try await health()
      #expect(ready.status == 0 && ready.output == "Ready.\n", "\(ready.output)")
      try FileManager.default.moveItem(
        atPath: location.folder + "/uploads", toPath: location.folder + "/away")
      // The server looks at its parts once a second.
      var broken = ready
      try await until {
        broken = try await health("127.0.0.1")
        return broken.status == 1
      }
      #expect(broken.output.contains("data folder: cannot write"), "\(broken.output)")
    }
    let gone = try await health()
    #expect(gone.status == 1 && gone.output.contains("No server responds"), "\(gone.output)")
    port = "0"
    #expect(try await health().output.contains("--port"))
    #expect(ServerCheck.url(host: "::", port: 80) == "http://[::1]:80/health/ready")
    #expect(ServerCheck.url(host: "10.0.0.7", port: 81) == "http://10.0.0.7:81/health/ready")
  }

  @Test func heartbeatIsValidForThirtySeconds() throws {
    let now = Instant.now
    func sentence(_ ages: Int...) throws -> String {
      let beats = ages.map { (name: "h/\($0)", heartbeatAt: now.advanced(by: .seconds(-$0))) }
      return try HealthCommand.sentence(about: beats, on: "h", at: now)
    }
    #expect(try sentence(30, 500) == "Worker h/30 had a heartbeat 30 seconds ago.")
    #expect(try sentence(-5).contains("0 seconds"))
    #expect(throws: Unhealthy.self) { try sentence(31) }
    #expect(throws: Unhealthy.self) { try sentence() }
  }

  @Test(.timeLimit(.minutes(2)), arguments: Backend.available)
  func workerIsHealthyUntilItStops(backend: Backend) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    // Without data, no data is created.
    let nothing = try await Self.script(#""$SERVER" health --worker"#, at: location)
    #expect(nothing.status == 1, "\(nothing.output)")
    #expect(!FileManager.default.fileExists(atPath: location.folder))
    if let url = location.databaseURL {
      let database = PostgresDatabase(url: url)
      let tables = try await database.read("select 1 from pg_tables where schemaname = current_schema")
      await database.close()
      #expect(tables.isEmpty && nothing.output.contains("no heartbeats"), "\(nothing.output)")
    }
    let outcome = try await Self.script(
      #"""
      "$SERVER" worker >/dev/null 2>&1 </dev/null & pid=$!
      trap 'kill -KILL $pid 2>/dev/null' EXIT
      until "$SERVER" health --worker >/dev/null 2>&1; do sleep 0.05; done
      "$SERVER" health --worker || exit 9
      kill -TERM $pid; SECONDS=0; wait $pid; echo "ended with $? after $((SECONDS > 9)) times ten seconds"
      trap - EXIT
      "$SERVER" health --worker
      """#, at: location)
    #expect(outcome.status == 1, "\(outcome.output)")
    for words in ["had a heartbeat", "ended with 0 after 0 times", "No worker of"] {
      #expect(outcome.output.contains(words), "\(outcome.output)")
    }
  }
}
