import Foundation
import Redis
import Synchronization
import TestSupport
import Testing

/// Redis over TLS, with a password.
@Suite(
  .enabled(
    if: RedisProcess.isInstalled && RedisProcess.isOpenSSLInstalled, "redis-server or openssl is missing"))
struct RedisTLSTests {
  /// Starts a Redis whose certificate is for 127.0.0.1 and redis.example.org.
  private func run(_ body: (RedisProcess, _ authorities: String) async throws -> Void) async throws {
    try await withTemporaryFolder { folder in
      let made = try await runProgram(
        "/usr/bin/openssl",
        [
          "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=redis", "-addext",
          "subjectAltName=IP:127.0.0.1,DNS:redis.example.org", "-keyout", folder + "/key.pem", "-out",
          folder + "/certificate.pem",
        ])
      try #require(made.status == 0, "\(made.output)")
      let certificate = try String(contentsOfFile: folder + "/certificate.pem", encoding: .utf8)
      let key = try String(contentsOfFile: folder + "/key.pem", encoding: .utf8)
      try (certificate + key).write(toFile: folder + "/redis.pem", atomically: true, encoding: .utf8)
      let redis = try RedisProcess(certificateIn: folder, password: "s3cret")
      defer { redis.kill() }
      try await body(redis, "?ca=\(folder)/certificate.pem")
    }
  }

  private func failure(_ url: String) async throws -> String {
    let client = try RedisClient(url: url)
    let failure = await #expect(throws: RedisError.self) { try await client.ping() }
    await client.close()
    return failure?.description ?? ""
  }

  @Test func commandsAndMessagesTravelEncrypted() async throws {
    try await run { redis, authorities in
      let url = redis.secureURL(":s3cret@", query: authorities)
      let client = try RedisClient(url: url)
      try await until { (try? await client.ping()) != nil }
      // Larger than a record of TLS, in both directions.
      let value = String(repeating: "Zoë 井上 \r\n", count: 10_000)
      #expect(try await client.command(["SET", "key", value]) == .status("OK"))
      #expect(try await client.get("key") == value)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<500 {
          group.addTask {
            let reply = try await client.command(["ECHO", "\(number)"])
            #expect(reply == .string("\(number)"))
          }
        }
        try await group.waitForAll()
      }
      let received = Mutex<[String]>([])
      let subscription = try RedisSubscription(
        url: url, channel: "news", onGap: {},
        onMessage: { message in received.withLock { $0.append(message) } })
      try await until { subscription.isCurrent }
      for number in 0..<100 { _ = try await client.command(["PUBLISH", "news", "\(number)"]) }
      try await until { received.withLock { $0.count } == 100 }
      await subscription.close()
      redis.kill()
      try await until { (try? await client.ping()) == nil }
      try redis.start()
      try await until { (try? await client.ping()) != nil }
      await client.close()
    }
  }

  @Test func untrustedCertificateWrongHostAndWrongPasswordAreRefused() async throws {
    try await run { redis, authorities in
      let client = try RedisClient(url: redis.secureURL(":s3cret@", query: authorities))
      try await until { (try? await client.ping()) != nil }
      await client.close()
      let untrusted = try await failure(redis.secureURL(":s3cret@"))
      #expect(untrusted.contains("certificate is refused"), "\(untrusted)")
      let host = try await failure(redis.secureURL(":s3cret@", host: "localhost", query: authorities))
      #expect(host.contains("certificate is refused"), "\(host)")
      let password = try await failure(redis.secureURL(":wrong@", query: authorities))
      #expect(password.contains("refused") && !password.contains("wrong"), "\(password)")
      let file = try await failure(redis.secureURL(":s3cret@", query: "?ca=/nowhere.pem"))
      #expect(file.contains("authorities cannot be read"), "\(file)")
      // A client without TLS gets nothing from it.
      let plain = try await failure(
        redis.secureURL(":s3cret@").replacingOccurrences(of: "rediss://", with: "redis://"))
      #expect(!plain.isEmpty)
    }
  }
}
