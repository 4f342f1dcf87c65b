import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Passwords beside their URLs: `DATABASE_PASSWORD` and `REDIS_PASSWORD`, and their files.
@Suite struct PasswordSettingTests {
  private static let password = "p@ss/w:rd?%41 #$x&=ü"

  private func settings(_ environment: [String: String]) async throws -> Settings {
    try await Settings(flags: Settings.Flags.parse([]), environment: environment)
  }

  private func withFile(_ content: String, _ body: (String) async throws -> Void) async throws {
    let file = FileManager.default.temporaryDirectory.path + "/kitty-\(ID(at: .now)).secret"
    try Data(content.utf8).write(to: URL(filePath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    try await body(file)
  }

  @Test func passwordOfAnyCharacterIsAddedToItsURL() async throws {
    try await withFile(Self.password + "\n") { file in
      for variables in [
        ["DATABASE_PASSWORD": Self.password, "REDIS_PASSWORD": Self.password],
        ["DATABASE_PASSWORD_FILE": file, "REDIS_PASSWORD_FILE": file],
      ] {
        let all = try await settings(
          variables.merging(["DATABASE_URL": "postgresql://db:5432", "REDIS_URL": "redis://redis:6379/3"]) {
            $1
          })
        let database = try #require(all.databaseURL.flatMap { URLComponents(string: $0) })
        #expect(database.host == "db" && database.port == 5432 && database.path.isEmpty)
        #expect(database.queryItems == [URLQueryItem(name: "password", value: Self.password)])
        let redis = try #require(all.redisURL.flatMap { URLComponents(string: $0) })
        #expect(redis.host == "redis" && redis.port == 6379 && redis.path == "/3")
        #expect((redis.user ?? "").isEmpty && redis.password == Self.password)
      }
    }
  }

  @Test func restOfTheURLStays() async throws {
    let all = try await settings([
      "DATABASE_URL": "postgresql://kitty@db/books?sslmode=require", "DATABASE_PASSWORD": "a b",
      "REDIS_URL": "rediss://kitty@[::1]:6379/0?ca=/etc/ca@home.pem", "REDIS_PASSWORD": "a b",
    ])
    #expect(all.databaseURL == "postgresql://kitty@db/books?sslmode=require&password=a%20b")
    #expect(all.redisURL == "rediss://kitty:a%20b@[::1]:6379/0?ca=/etc/ca@home.pem")
    // The password of a client's key is another one.
    let key = try await settings([
      "DATABASE_URL": "postgresql://kitty@db/books?sslpassword=c", "DATABASE_PASSWORD": "d",
    ])
    #expect(key.databaseURL == "postgresql://kitty@db/books?sslpassword=c&password=d")
    let none = try await settings(["DATABASE_URL": "postgresql://db", "DATABASE_PASSWORD": ""])
    #expect(none.databaseURL == "postgresql://db")
  }

  @Test(arguments: [
    (["DATABASE_PASSWORD": "hidden"], "DATABASE_PASSWORD", "DATABASE_URL is not set"),
    (["REDIS_PASSWORD": "hidden"], "REDIS_PASSWORD", "REDIS_URL is not set"),
    (["REDIS_URL": "redis://:a@h", "REDIS_PASSWORD": "hidden"], "REDIS_PASSWORD", "too"),
    (
      ["DATABASE_URL": "postgresql://h/d?password=a", "DATABASE_PASSWORD": "hidden"], "DATABASE_PASSWORD",
      "too"
    ),
    (
      ["DATABASE_URL": "postgresql://h", "DATABASE_PASSWORD": "hidden", "DATABASE_PASSWORD_FILE": "/x"],
      "DATABASE_PASSWORD_FILE", "DATABASE_PASSWORD is set too"
    ),
    (["REDIS_URL": "redis://h", "REDIS_PASSWORD_FILE": "/nowhere"], "REDIS_PASSWORD_FILE", "cannot be read"),
  ])
  func passwordThatCannotBeUsedIsRefused(
    environment: [String: String], name: String, words: String
  ) async throws {
    let failure = await #expect(throws: Settings.Invalid.self) { try await settings(environment) }
    let text = try #require(failure.map { "\($0)" })
    #expect(failure?.name == name && text.contains(words) && !text.contains("hidden"), "\(text)")
  }

  /// Each setting that may contain a secret can be in a file.
  @Test(arguments: [
    ("SECRETS_KEY", String(repeating: "ab", count: 32)), ("PHOTOS_URL", "s3://flat?region=eu-west-1"),
    ("PROXY_SECRET", "0123456789abcdef"),
  ]) func secretWithoutAFlagIsReadFromItsFile(name: String, value: String) async throws {
    try await withFile(value + "\n") { file in
      let all = try await settings(["TRUSTED_PROXIES": "127.0.0.1", name + "_FILE": file])
      let isRead =
        switch name {
        case "SECRETS_KEY": !all.secretKeys.isEmpty
        case "PHOTOS_URL": all.photos != nil
        default: all.proxySecret == value
        }
      #expect(isRead)
    }
  }
}
