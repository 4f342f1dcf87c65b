import OpenAPIDocument
import ArgumentParser
import FoundationEssentials
import KittyShared
import Redis
import Testing

@testable import KittyServer

/// Settings: precedence, validation, defaults.
@Suite struct SettingsTests {
  private func settings(_ flags: [String] = [], _ environment: [String: String] = [:]) async throws
    -> Settings
  {
    try await Settings(flags: Settings.Flags.parse(flags), environment: environment)
  }

  @Test func flagsPrecedeEnvironmentFileAndDefaults() async throws {
    let file = FileManager.default.temporaryDirectory.path + "/kitty-\(ID(at: .now)).env"
    try Data("PORT=1111\nHOST=0.0.0.0\nLOG_LEVEL=debug\n".utf8).write(to: URL(filePath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    #expect(try await settings().port == 8080)
    #expect(try await settings(["--config", file]).port == 1111)
    let both = try await settings(["--config", file], ["PORT": "2222"])
    #expect(both.port == 2222 && both.host == "0.0.0.0" && both.logLevel == .debug)
    #expect(try await settings(["--config", file, "--port", "3333"], ["PORT": "2222"]).port == 3333)
    #expect(try await settings([], ["REDIS_URL": ""]).redisURL == nil)
    #expect(try await settings([], ["XDG_DATA_HOME": "/x"]).dataFolder == "/x/kittycash")
  }

  @Test(arguments: [
    ("PORT", "http"), ("PORT", "70000"), ("PORT", "-1"), ("LOG_LEVEL", "loud"), ("WORKER", "maybe"),
    ("DATABASE_URL", "mysql://x"), ("REDIS_URL", "localhost"), ("REDIS_URL", "redis://:0"),
    ("PHOTO_MAX_BYTES", "1"), ("PHOTOS_URL", "https://x"), ("SIGN_UP", "maybe"), ("SMTP_URL", "http://x"),
    ("SMTP_URL", "smtp://"),
    ("PUBLIC_URL", "kitty.example.org"), ("PUBLIC_URL", "https://"), ("PUBLIC_URL", "https://x/?a"),
    ("IMPORT_MAX_BYTES", "1"), ("GROUP_MEMBERS", "1"), ("GROUP_MEMBERS", "2001"),
    ("GROUP_MAX_BYTES", "none"), ("GROUP_MAX_BYTES", "65535"), ("USER_GROUPS", "0"),
    ("RATE_LIMIT", "0"), ("RATE_LIMIT", "many"), ("RATE_LIMIT_ADDRESS", "-1"),
    ("SIGN_UP_LIMIT", "none"), ("SIGN_IN_LIMIT", "0"), ("TRUSTED_PROXIES", "nginx"),
    ("TRUSTED_PROXIES", "10.0.0.0/40"), ("PROXY_SECRET", "short"),
    ("PROXY_SECRET", "a secret with blanks in it"),
    ("PROXY_SECRET", "without-a-trusted-proxy"), ("CORS_ORIGINS", "kitty.example.org"),
    ("CORS_ORIGINS", "https://kitty.example.org/"), ("CORS_ORIGINS", "*, https://kitty.example.org"),
    ("CORS_ORIGINS", "null"), ("CLIENT_TIMEOUT", "0"), ("METRICS_PORT", "8080"), ("METRICS_PORT", "70000"),
    ("METRICS_PORT", "on"), ("METRICS_EMF", "yes"), ("METRICS_NAMESPACE", "AWS/x"),
    ("METRICS_NAMESPACE", "Kitty Cash"), ("LOG_FILE", "/var/log/"), ("LOG_FILE_MAX_BYTES", "10"),
    ("LOG_FILES", "0"), ("SECRETS_KEY", "abc"),
  ]) func invalidValueIsNamed(name: String, value: String) async throws {
    let failure = await #expect(throws: Settings.Invalid.self) { try await settings([], [name: value]) }
    #expect(failure?.name == name)
    #expect(failure?.why.isEmpty == false)
  }

  @Test func metricsAndLogFileAreOffByDefault() async throws {
    let plain = try await settings()
    #expect(plain.metrics.port == nil && !plain.metrics.isEmbedded && plain.logFile == nil)
    #expect(try await settings([], ["METRICS_PORT": "off"]).metrics.port == nil)
    let all = try await settings(
      ["--metrics-port", "9090", "--metrics-host", "::1", "--metrics-emf", "on", "--log-files", "2"],
      ["METRICS_NAMESPACE": "KittyCash/prod", "LOG_FILE": "/x/a.log", "LOG_FILE_MAX_BYTES": "4096"])
    #expect(all.metrics.port == 9090 && all.metrics.host == "::1" && all.metrics.isEmbedded)
    #expect(all.metrics.namespace == "KittyCash/prod")
    #expect(all.logFile?.path == "/x/a.log" && all.logFile?.maxBytes == 4096 && all.logFile?.kept == 2)
    let standard = try await settings([], ["LOG_FILE": "a.log"])
    #expect(standard.logFile?.maxBytes == 50 << 20 && standard.logFile?.kept == 5)
  }

  @Test func mailRequiresSenderAndPublicURL() async throws {
    var environment = ["SMTP_URL": "smtp://mail.example.org:587"]
    for (name, value) in [("SMTP_FROM", "kitty@example.org"), ("PUBLIC_URL", "https://kitty.example.org/")] {
      let failure = await #expect(throws: Settings.Invalid.self) { try await settings([], environment) }
      #expect(failure?.name == name)
      environment[name] = value
    }
    let complete = try await settings([], environment)
    #expect(complete.mail?.from == "kitty@example.org")
    #expect(complete.mail?.publicURL == "https://kitty.example.org")
    #expect(complete.signUp == .open)
    #expect(try await settings(["--sign-up", "closed"]).signUp == .closed)
  }

  @Test func limitsAreOnByDefault() async throws {
    #expect(
      try await settings().limits == Limits.Settings(token: 6000, address: 12_000, signUps: 20, signIns: 10))
    #expect(try await settings([], ["RATE_LIMIT": "7"]).limits.address == 14)
    #expect(try await settings([], ["RATE_LIMIT": "7", "RATE_LIMIT_ADDRESS": "off"]).limits.address == nil)
    let off = ["RATE_LIMIT": "off", "SIGN_UP_LIMIT": "off", "SIGN_IN_LIMIT": "off"]
    #expect(
      try await settings([], off).limits
        == Limits.Settings(token: nil, address: nil, signUps: nil, signIns: nil))
    let plain = try await settings()
    #expect(plain.trustedProxies == .none && plain.crossOrigin == .none)
  }

  private func withFile(_ content: String, _ body: (String) async throws -> Void) async throws {
    let file = FileManager.default.temporaryDirectory.path + "/kitty-\(ID(at: .now)).secret"
    try Data(content.utf8).write(to: URL(filePath: file))
    defer { try? FileManager.default.removeItem(atPath: file) }
    try await body(file)
  }

  @Test func secretIsReadFromItsFile() async throws {
    let mail = ["SMTP_FROM": "kitty@example.org", "PUBLIC_URL": "https://kitty.example.org"]
    let cases: [(name: String, url: String, read: (Settings) -> String?)] = [
      ("DATABASE_URL", "postgresql://u:p@h/d", { $0.databaseURL }),
      ("REDIS_URL", "redis://:p@h:6379/1", { $0.redisURL }),
      ("SMTP_URL", "smtp://u:p@h:587", { $0.mail == nil ? nil : "smtp://u:p@h:587" }),
    ]
    for (name, url, read) in cases {
      try await withFile(url + "\n") { file in
        let all = try await settings([], mail.merging([name + "_FILE": file]) { $1 })
        #expect(read(all) == url, "\(name)")
        let both = await #expect(throws: Settings.Invalid.self) {
          try await settings([], [name + "_FILE": file, name: url])
        }
        #expect(both?.name == name + "_FILE" && both.map { "\($0)".contains(":p@") } == false)
      }
    }
    for content in ["", " \n"] {
      try await withFile(content) { file in
        let empty = await #expect(throws: Settings.Invalid.self) {
          try await settings([], ["REDIS_URL_FILE": file])
        }
        #expect(empty?.name == "REDIS_URL_FILE" && empty?.why.contains("empty") == true)
      }
    }
    let missing = await #expect(throws: Settings.Invalid.self) {
      try await settings([], ["DATABASE_URL_FILE": "/nowhere/at/all"])
    }
    #expect(missing?.name == "DATABASE_URL_FILE" && missing?.why.contains("cannot be read") == true)
    try await withFile("mysql://u:hidden@h") { file in
      let invalid = await #expect(throws: Settings.Invalid.self) {
        try await settings([], ["DATABASE_URL_FILE": file])
      }
      #expect(invalid.map { "\($0)".contains("hidden") } == false)
    }
  }

  @Test(arguments: [
    ("--database-url", "postgresql://u:hidden@h/d"),
    ("--database-url", "postgresql://h/d?user=u&password=hidden"),
    ("--redis-url", "redis://:hidden@h"), ("--smtp-url", "smtps://u:hidden@h"),
  ])
  func passwordIsRefusedAsFlag(flag: String, url: String) async throws {
    let failure = await #expect(throws: Settings.Invalid.self) { try await settings([flag, url]) }
    let text = try #require(failure.map { "\($0)" })
    #expect(failure?.name == flag && !text.contains("hidden") && text.contains("_FILE"))
  }

  @Test func urlWithoutPasswordIsAcceptedAsFlag() async throws {
    let plain = try await settings([
      "--database-url", "postgresql://u@[::1]:5432/d?sslmode=require", "--redis-url", "rediss://h:6379/0",
    ])
    #expect(plain.databaseURL?.hasPrefix("postgresql://u@") == true && plain.redisURL == "rediss://h:6379/0")
  }

  @Test func limitsOfGroupsAreSet() async throws {
    let plain = try await settings().groupLimits
    #expect(plain.members == 500 && plain.groupsOfUser == 1000 && plain.bytes == 1 << 30)
    let own = try await settings(
      ["--group-members", "2000", "--group-max-bytes", "65536"], ["USER_GROUPS": "7"]
    ).groupLimits
    #expect(own.members == 2000 && own.groupsOfUser == 7 && own.bytes == 65_536)
    #expect(try await settings([], ["GROUP_MAX_BYTES": "off"]).groupLimits.bytes == nil)
  }

  @Test func passwordInURLIsNotInTheError() async throws {
    let failure = await #expect(throws: Settings.Invalid.self) {
      try await settings([], ["DATABASE_URL": "pg://u:secret@h/d"])
    }
    #expect(failure.map { "\($0)".contains("secret") } == false)
    let mail = await #expect(throws: Settings.Invalid.self) {
      try await settings([], ["SMTP_URL": "mail://u:secret@h"])
    }
    #expect(mail.map { "\($0)".contains("secret") } == false)
  }
}
