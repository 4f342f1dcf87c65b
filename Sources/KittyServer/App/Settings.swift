import FoundationEssentials
import KittyShared
import Logging
import Redis

/// All settings of the server. Each comes from a flag, the environment, a file or its default, in this order.
struct Settings: Sendable {
  /// PostgreSQL; `nil` for SQLite.
  var databaseURL: String?
  var redisURL: String?
  /// The folder for photos and the SQLite file.
  var dataFolder: String
  /// The bucket for photos and the source of its key; `nil` for the data folder.
  var photos: (location: S3Location, credentials: AWSCredentials)?
  /// Time that a request waits for the conversion of a photo: clients give up after twenty seconds of silence.
  var photoTimeout: Duration = .seconds(18)
  var host: String
  var port: Int
  var worker: Worker
  var logLevel: Logger.Level
  var photoMaxBytes: Int
  var importMaxBytes: Int
  var groupLimits = GroupLimits()
  var signUp: SignUpPolicy.Mode
  /// The keys for secrets in the database.
  var secretKeys: SecretKeys
  /// `nil` when no mail is sent.
  var mail: Mailer?
  /// The public address of this server, without a slash at its end.
  var publicURL: String?
  var limits: Limits.Settings
  var trustedProxies: TrustedProxies
  /// The secret that a trusted proxy must send, because other programs have its address; `nil` when none have.
  var proxySecret: String?
  var crossOrigin: CrossOrigin
  /// The server for ssh gateways; `nil` for none.
  var ssh: SSH?
  /// Time limit for the first head of a connection, and the period over which the speed of a body is measured: seconds.
  var clientTimeout: Int
  var shares = Shares.Numbers()
  /// Time after a subscription to Redis in which cached values live for a second only.
  var cacheSettling = RedisInvalidation.holdTime
  /// Time limit of a statement of the database.
  var statementTimeLimit = Duration.seconds(10)
  var metrics: Metrics
  /// The log file, in addition to standard output.
  var logFile: RotatingFile?

  /// Publication of the metrics.
  struct Metrics: Sendable {
    /// The port of `/metrics`, for monitoring systems; `nil` for none.
    var port: Int?
    /// `nil` for the address of the API.
    var host: String?
    /// `true` to write them to the log for CloudWatch.
    var isEmbedded = false
    /// The namespace in CloudWatch.
    var namespace = "KittyCash"
  }

  /// The server for ssh gateways.
  struct SSH: Sendable {
    /// The secret that gateways send.
    var secret: String
    var port: Int
    var unknownKeys: UnknownKeys

    /// The treatment of clients whose key belongs to no account.
    enum UnknownKeys: String, Sendable, CaseIterable {
      /// sshd refuses them.
      case refuse
      /// They may sign up, as far as `SIGN_UP` allows it, or add the key to an account.
      case welcome
    }
  }

  /// The process that runs background jobs.
  enum Worker: String, Sendable, CaseIterable {
    /// The server.
    case inline
    /// A separate one: `kittycash-server worker`.
    case separate
  }

  private enum Switch: String, CaseIterable { case on, off }

  /// A setting has an invalid value.
  struct Invalid: Error, CustomStringConvertible {
    let name: String
    let value: String
    let why: String
    var description: String { "\(name) is \"\(value)\": \(why)" }
  }

  /// Reads and checks all settings.
  /// - Throws: `Invalid` with the name of the setting and the reason.
  init(flags: Flags, environment: [String: String] = ProcessInfo.processInfo.environment) async throws {
    let values = try await SettingValues(flags: flags, environment: environment)
    databaseURL = try values.url("DATABASE_URL", password: "DATABASE_PASSWORD", .parameter, Self.databaseURL)
    redisURL = try values.url("REDIS_URL", password: "REDIS_PASSWORD", .login) { url in
      try RedisClient.validate(url: url)
      return url
    }
    secretKeys = try values.secret("SECRETS_KEY") { try SecretKeys($0) } ?? SecretKeys.none
    dataFolder = values.text("DATA_DIR") ?? Self.defaultDataFolder(environment)
    photos = try await values.resolvedSecret("PHOTOS_URL") { url in
      let location = try await S3Location.resolve(url: url, environment: environment)
      return (
        location: location, credentials: AWSCredentials(environment: environment, region: location.region)
      )
    }
    host = values.text("HOST") ?? "127.0.0.1"
    port = try values.number("PORT", default: 8080, 0...65_535)
    photoMaxBytes = try values.number("PHOTO_MAX_BYTES", default: 20 << 20, 1024...(1 << 30))
    importMaxBytes = try values.number("IMPORT_MAX_BYTES", default: 40 << 20, 1024...(1 << 40))
    groupLimits.members = try values.number(
      "GROUP_MEMBERS", default: groupLimits.members, 2...SplitRule.maxSharers)
    groupLimits.groupsOfUser = try values.number(
      "USER_GROUPS", default: groupLimits.groupsOfUser, 1...1_000_000)
    groupLimits.bytes = try values.value(
      "GROUP_MAX_BYTES", default: groupLimits.bytes,
      why: "write a number of bytes from 65536 on, or off.", Self.quota)
    // The maximum of half an hour is for a debugger.
    clientTimeout = try values.number("CLIENT_TIMEOUT", default: 15, 1...1800)
    metrics = try Self.metrics(values, apiPort: port)
    logFile = try Self.logFile(values)
    limits = try Self.limits(values)
    trustedProxies = try values.value(
      "TRUSTED_PROXIES", default: .none,
      why: "write addresses or ranges such as 10.0.0.0/8, with commas between them.", TrustedProxies.init)
    proxySecret = try Self.proxySecret(values, trustedProxies)
    crossOrigin = try values.value(
      "CORS_ORIGINS", default: .none,
      why: "write origins such as https://kitty.example.org, with commas between them, or *.",
      CrossOrigin.init)
    ssh = try Self.ssh(values)
    worker = try values.choice("WORKER", default: .inline)
    logLevel = try values.choice("LOG_LEVEL", default: .info)
    signUp = try values.choice("SIGN_UP", default: .open)
    publicURL = try values.optional(
      "PUBLIC_URL", why: "write it like https://kitty.example.org.", Self.publicURL)
    let (from, publicURL) = (values.text("SMTP_FROM"), publicURL)
    mail = try values.secret("SMTP_URL") { try Mailer(url: $0, from: from, publicURL: publicURL) }
  }

  /// Reads the bytes of a group: without a limit for "off".
  private static func quota(_ text: String) -> Int64?? {
    if text == "off" { return .some(nil) }
    guard let bytes = Int64(text), bytes >= 65_536 else { return nil }
    return bytes
  }

  private static func databaseURL(_ url: String) throws -> String {
    guard url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") else {
      throw Invalid(
        name: "DATABASE_URL", value: "…", why: "write postgresql://user:password@host:5432/database.")
    }
    return url
  }

  private static func ssh(_ values: SettingValues) throws -> SSH? {
    let port = try values.number("SSH_GATEWAY_PORT", default: 8081, 0...65_535)
    let unknownKeys = try values.choice("SSH_UNKNOWN_KEYS", default: SSH.UnknownKeys.refuse)
    guard let secret = try sharedSecret(values, "SSH_SECRET") else { return nil }
    return SSH(secret: secret, port: port, unknownKeys: unknownKeys)
  }

  /// Reads a secret that another part of the installation sends.
  static func sharedSecret(_ values: SettingValues, _ name: String) throws -> String? {
    try values.secret(name) { secret in
      guard (16...128).contains(secret.utf8.count), secret.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
      else { throw Invalid(name: name, value: "…", why: "write 16 to 128 characters of ASCII.") }
      return secret
    }
  }

  private static func proxySecret(_ values: SettingValues, _ proxies: TrustedProxies) throws -> String? {
    let secret = try sharedSecret(values, "PROXY_SECRET")
    guard secret == nil || !proxies.isEmpty else {
      throw Invalid(
        name: "PROXY_SECRET", value: "…", why: "name the proxy that sends it in TRUSTED_PROXIES too.")
    }
    return secret
  }

  private static func metrics(_ values: SettingValues, apiPort: Int) throws -> Metrics {
    var metrics = Metrics()
    if values.text("METRICS_PORT") != "off" {
      metrics.port = try values.optional(
        "METRICS_PORT", why: "write a number from 0 to 65535 that is not the API's port, or off."
      ) { text in
        Int(text).flatMap { (0...65_535).contains($0) && ($0 == 0 || $0 != apiPort) ? $0 : nil }
      }
    }
    metrics.host = values.text("METRICS_HOST")
    metrics.isEmbedded = try values.choice("METRICS_EMF", default: Switch.off) == .on
    metrics.namespace = try values.value(
      "METRICS_NAMESPACE", default: metrics.namespace,
      why: "write up to 255 letters, digits and . - _ / # :, not beginning with AWS/."
    ) { text in
      let isValid = text.utf8.allSatisfy { byte in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
          || ".-_/#:".utf8.contains(byte)
      }
      return isValid && text.utf8.count <= 255 && !text.hasPrefix("AWS/") ? text : nil
    }
    return metrics
  }

  private static func logFile(_ values: SettingValues) throws -> RotatingFile? {
    let maxBytes = try values.number("LOG_FILE_MAX_BYTES", default: 50 << 20, 1024...(1 << 40))
    let kept = try values.number("LOG_FILES", default: 5, 1...1000)
    return try values.optional("LOG_FILE", why: "write the name of a file, not of a folder.") { path in
      path.hasSuffix("/") ? nil : RotatingFile(path: path, maxBytes: maxBytes, kept: kept)
    }
  }

  private static func limits(_ values: SettingValues) throws -> Limits.Settings {
    var limits = Limits.Settings()
    limits.token = try values.limit("RATE_LIMIT", default: limits.token)
    limits.address = try values.limit("RATE_LIMIT_ADDRESS", default: limits.token.map { $0 * 2 })
    limits.signUps = try values.limit("SIGN_UP_LIMIT", default: limits.signUps)
    limits.signIns = try values.limit("SIGN_IN_LIMIT", default: limits.signIns)
    return limits
  }

  private static func publicURL(_ text: String) -> String? {
    let address = text.hasSuffix("/") ? String(text.dropLast()) : text
    let host = address.split(separator: "://", maxSplits: 1).last ?? ""
    guard address.hasPrefix("https://") || address.hasPrefix("http://"), !host.isEmpty, !host.hasPrefix("/"),
      address.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"'\"?#".utf8.contains($0) })
    else { return nil }
    return address
  }

  private static func defaultDataFolder(_ environment: [String: String]) -> String {
    if let folder = environment["XDG_DATA_HOME"], folder.hasPrefix("/") { return folder + "/kittycash" }
    return (environment["HOME"] ?? "/var/lib") + "/.local/share/kittycash"
  }
}
