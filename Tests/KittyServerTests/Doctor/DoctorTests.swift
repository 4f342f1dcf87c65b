import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// `kittycash-server doctor` as a whole.
@Suite struct DoctorTests {
  private static let key = String(repeating: "0a", count: 32)

  @Test(arguments: Backend.available) func runningInstallationHasNoFault(backend: Backend) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    let redis = backend == .postgres ? Backend.redisURL : nil
    let sink = try SMTPSink()
    defer { sink.stop() }
    try await TestServer.run(at: location, redis: redis, settings: ["RATE_LIMIT": "6000"]) { server in
      let database = server.dependencies.database
      // The worker of a test server writes none.
      try await WorkerStore(database: database).heartbeat(.current(), at: .now)
      let port = try #require(server.url.split(separator: ":").last.map(String.init))
      var variables = [
        "DATA_DIR": location.folder, "PORT": port, "PUBLIC_URL": server.url, "SIGN_UP": "closed",
        "SECRETS_KEY": Self.key, "SMTP_URL": sink.url, "SMTP_FROM": "kitty@example.org",
      ]
      variables["DATABASE_URL"] = location.databaseURL
      variables["REDIS_URL"] = redis
      let outcome = try await DoctorFixture.run([], variables)
      let found = outcome.findings
      #expect(!found.isEmpty && found.allSatisfy { $0.level != .fault }, "\(outcome.output)")
      #expect(outcome.status == (found.contains { $0.level == .warning } ? 2 : 0))
      let parts = [
        "settings", "database", "clock", "disk", "photos", "worker", "server", "proxy", "mail", "files",
      ]
      #expect(Set(found.map(\.part)) == Set(parts + (redis == nil ? [] : ["redis"])))
      found.expect(.ok, "The settings fit together")
      found.expect(.ok, "schema has version")
      found.expect(.ok, "converter makes variants")
      found.expect(.ok, "heartbeat")
      found.expect(.ok, "is ready")
      found.expect(.ok, "X-Forwarded-For of a client is not believed")
      found.expect(.ok, "accepts a body")
      found.expect(.ok, "mail server accepts")
      if redis != nil { found.expect(.ok, "Messages between copies arrive") }
      #expect(sink.messages.isEmpty)
      for secret in [Self.key] { #expect(!outcome.output.contains(secret)) }
      // Nothing is left behind.
      let names = try FileManager.default.contentsOfDirectory(atPath: location.folder)
      #expect(!names.contains { $0.hasPrefix(".doctor") }, "\(names)")
    }
  }

  @Test func faultsAreListedWithWhatToDo() async throws {
    let folder = NSTemporaryDirectory() + "kitty-test-\(ID(at: .now))"
    let variables = [
      "DATA_DIR": folder, "PORT": "\(try freePort())",
      "REDIS_URL": "redis://:hidden@127.0.0.1:\(try freePort())",
      "DATABASE_URL": "postgresql://kitty:hidden@127.0.0.1:\(try freePort())/kitty",
    ]
    let outcome = try await DoctorFixture.run(["--url", "http://127.0.0.1:\(try freePort())"], variables)
    #expect(outcome.status == 1)
    for part in ["database", "redis", "disk", "worker", "server", "proxy"] {
      #expect(
        outcome.findings.contains { $0.part == part && $0.level == .fault }, "\(part): \(outcome.output)")
    }
    #expect(!outcome.output.contains("hidden"))
    // It made nothing.
    #expect(!FileManager.default.fileExists(atPath: folder))
    let plain = try await runProgram(
      Bundle.main.bundleURL.appending(path: "kittycash-server").path, ["doctor"], variables)
    #expect(plain.status == 1 && plain.output.contains(/fault +redis +/), "\(plain.output)")
  }

  @Test func invalidSettingIsTheFirstFinding() async throws {
    let outcome = try await DoctorFixture.run([], ["WORKER": "outside"])
    #expect(outcome.status == 1)
    outcome.findings.expect(.fault, "WORKER", "outside", "inline")
    let usage = try await DoctorFixture.run(["--copies", "0"], [:])
    #expect(usage.status == 64)
  }

  /// A check that never ends.
  private struct Endless: Check {
    let part = "endless"
    func findings() async throws -> [Finding] {
      await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
      return []
    }
  }

  @Test func eachCheckHasLimitedTime() async throws {
    let found = await Doctor(checks: [Endless(), OpenFilesCheck()], timeLimit: .seconds(1)).examine()
    #expect(found.map(\.part) == ["endless", "files"])
    found.expect(.fault, "did not answer within 1 seconds")
  }
}
