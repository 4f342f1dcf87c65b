import Foundation
import KittyShared
import Redis
import TestSupport
import Testing

@testable import KittyServer

/// Redis, the clock, mail, the proxy and its certificate.
@Suite struct NetworkCheckTests {
  @Test(.enabled(if: RedisProcess.isInstalled, "redis-server is not installed"))
  func redisIsTriedWithItsRights() async throws {
    let redis = try RedisProcess()
    defer { redis.kill() }
    let admin = try RedisClient(url: redis.url)
    try await until { (try? await admin.ping()) != nil }
    // A machine that is busy with other tests answers late.
    let check = RedisCheck(url: redis.url, slowPing: .seconds(600))
    let found = await DoctorFixture.findings(check)
    found.expect(.ok, "Messages between copies arrive")
    found.expect(.ok, "answers in")
    await DoctorFixture.findings(RedisCheck(url: redis.url, slowPing: .zero)).expect(
      .warning, "Run it nearer")
    _ = try await admin.command(["CONFIG", "SET", "maxmemory", "100mb"])
    await DoctorFixture.findings(check).expect(.warning, "allkeys-lru")
    _ = try await admin.command(["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"])
    _ = try await admin.command(["ACL", "SETUSER", "kitty", "on", ">secret", "~*", "&*", "+@all", "-publish"])
    let login = redis.url.replacingOccurrences(of: "//", with: "//kitty:secret@")
    let refused = await DoctorFixture.findings(RedisCheck(url: login, slowPing: .seconds(600)))
    refused.expect(.fault, "PUBLISH")
    #expect(!refused.contains { $0.text.contains("secret") || $0.level == .warning }, "\(refused)")
    let wrong = redis.url.replacingOccurrences(of: "//", with: "//kitty:wrong@")
    await DoctorFixture.findings(RedisCheck(url: wrong)).expect(.fault, "WRONGPASS")
    redis.kill()
    await DoctorFixture.findings(check).expect(.fault, "Check REDIS_URL")
    await admin.close()
    #expect(RedisClient.isUnprotected(url: "redis://redis.example.org"))
    #expect(!RedisClient.isUnprotected(url: "redis://redis:6379"))
    #expect(RedisClient.isUnprotected(url: "redis://127.example.org"))
    #expect(!RedisClient.isUnprotected(url: "redis://127.0.0.1"))
  }

  @Test(.enabled(if: Backend.postgresURL != nil && Backend.redisURL != nil, "`make test` starts both"))
  func wrongClockIsAFault() async throws {
    let settings = try await DoctorFixture.settings([
      "DATABASE_URL": Backend.postgresURL ?? "", "REDIS_URL": Backend.redisURL ?? "", "DATA_DIR": "/nowhere",
    ])
    let right = await DoctorFixture.findings(ClockCheck(settings: settings))
    right.expect(.ok, "agrees with that of PostgreSQL")
    right.expect(.ok, "agrees with that of Redis")
    let late = ClockCheck(settings: settings) { Instant.now.advanced(by: .seconds(-100)) }
    await DoctorFixture.findings(late).expect(.fault, "behind that of PostgreSQL", "NTP")
    let early = ClockCheck(settings: settings) { Instant.now.advanced(by: .seconds(10)) }
    await DoctorFixture.findings(early).expect(.warning, "ahead of that of Redis")
    let ancient = ClockCheck(settings: settings) { Instant(milliseconds: 0) }
    await DoctorFixture.findings(ancient).expect(.fault, "before the date of this program")
  }

  @Test func portForGatewaysIsTriedWithTheSecret() async throws {
    try await SSHAccessTests.run(on: .sqlite) { (_, client) async throws in
      let port = try #require(client.url.split(separator: ":").last.flatMap { Int($0) })
      var ssh = Settings.SSH(secret: client.secret, port: port, unknownKeys: .welcome)
      await DoctorFixture.findings(SSHCheck(host: "0.0.0.0", ssh: ssh)).expect(
        .ok, "unknown keys are welcome")
      ssh.secret = "another-secret-of-them"
      let wrong = await DoctorFixture.findings(SSHCheck(host: "127.0.0.1", ssh: ssh))
      wrong.expect(.fault, "another SSH_SECRET")
      #expect(!wrong.contains { $0.text.contains(ssh.secret) })
      ssh.port = try freePort()
      await DoctorFixture.findings(SSHCheck(host: "127.0.0.1", ssh: ssh)).expect(.fault, "does not answer")
    }
  }

  @Test func mailServerIsTriedWithoutMail() async throws {
    let sink = try SMTPSink()
    func check(_ url: String) async throws -> [Finding] {
      let settings = try await DoctorFixture.settings([
        "SMTP_URL": url, "SMTP_FROM": "kitty@example.org", "PUBLIC_URL": "https://kitty.example.org",
      ])
      return await DoctorFixture.findings(MailCheck(mailer: try #require(settings.mail)))
    }
    try await check(sink.url).expect(.ok, "accepts a connection")
    #expect(sink.messages.isEmpty && sink.commands.contains { $0.hasPrefix("NOOP") }, "\(sink.commands)")
    // A password is not sent without TLS, which this server does not have.
    let login = sink.url.replacingOccurrences(of: "//", with: "//kitty:secret@")
    try await check(login).expect(.fault, "Check SMTP_URL")
    #expect(!sink.commands.contains { $0.hasPrefix("AUTH") })
    sink.stop()
    try await check("smtp://127.0.0.1:\(try freePort())").expect(.fault, "Check SMTP_URL")
  }

  @Test func proxyThatBelievesClientsIsAFault() async throws {
    let settings = ["RATE_LIMIT": "6000"]
    try await TestServer.run(on: .sqlite, settings: settings) { server in
      let found = await DoctorFixture.findings(ProxyCheck(url: server.url))
      #expect(found.allSatisfy { $0.level == .ok }, "\(found)")
    }
    try await TestServer.run(
      on: .sqlite, settings: settings.merging(["TRUSTED_PROXIES": "127.0.0.1"]) { $1 }
    ) { server in
      await DoctorFixture.findings(ProxyCheck(url: server.url + "/")).expect(.fault, "can claim any address")
    }
    await DoctorFixture.findings(ProxyCheck(url: "http://127.0.0.1:\(try freePort())")).expect(
      .fault, "does not answer")
  }

  @Test(
    .enabled(if: RedisProcess.isInstalled && RedisProcess.isOpenSSLInstalled, "redis or openssl is missing"))
  func certificateIsJudgedByItsEnd() async throws {
    try await withTemporaryFolder { folder in
      let made = try await runProgram(
        "/usr/bin/openssl",
        [
          "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "5", "-subj", "/CN=kitty", "-addext",
          "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key.pem", "-out", folder + "/certificate.pem",
        ])
      try #require(made.status == 0, "\(made.output)")
      let certificate = try String(contentsOfFile: folder + "/certificate.pem", encoding: .utf8)
      let key = try String(contentsOfFile: folder + "/key.pem", encoding: .utf8)
      try (certificate + key).write(toFile: folder + "/redis.pem", atomically: true, encoding: .utf8)
      // Any server with TLS has a certificate.
      let server = try RedisProcess(certificateIn: folder, password: "s3cret")
      defer { server.kill() }
      let client = try RedisClient(url: server.secureURL(":s3cret@", query: "?ca=\(folder)/certificate.pem"))
      try await until { (try? await client.ping()) != nil }
      await client.close()
      let url = server.secureURL("").replacingOccurrences(of: "rediss://", with: "https://")
      let trusted = CertificateCheck(url: url, authorities: folder + "/certificate.pem")
      await DoctorFixture.findings(trusted).expect(.warning, "for 4 days", "Renew it")
      await DoctorFixture.findings(CertificateCheck(url: url)).expect(.fault, "refused", "renew")
    }
    let now = Instant.now
    let later = CertificateCheck.finding("x", end: now.advanced(by: .seconds(60 * 86_400)), at: now)
    #expect(later.level == .ok)
    await DoctorFixture.findings(CertificateCheck(url: "https://127.0.0.1:\(try freePort())")).expect(
      .fault, "does not accept connections")
  }
}
