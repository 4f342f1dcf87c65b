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
    ("IMPORT_MAX_BYTES", "1"), ("RATE_LIMIT", "0"), ("RATE_LIMIT", "many"), ("RATE_LIMIT_ADDRESS", "-1"),
    ("SIGN_UP_LIMIT", "none"), ("SIGN_IN_LIMIT", "0"), ("TRUSTED_PROXIES", "nginx"),
    ("TRUSTED_PROXIES", "10.0.0.0/40"), ("CORS_ORIGINS", "kitty.example.org"),
    ("CORS_ORIGINS", "https://kitty.example.org/"), ("CORS_ORIGINS", "*, https://kitty.example.org"),
    ("CORS_ORIGINS", "null"), ("CLIENT_TIMEOUT", "0"), ("METRICS_PORT", "8080"), ("METRICS_PORT", "70000"),
    ("METRICS_PORT", "on"), ("METRICS_EMF", "yes"), ("METRICS_NAMESPACE", "AWS/x"),
    ("METRICS_NAMESPACE", "Kitty Cash"), ("LOG_FILE", "/var/log/"), ("LOG_FILE_MAX_BYTES", "10"),
    ("LOG_FILES", "0"),
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
