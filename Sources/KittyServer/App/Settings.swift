import ArgumentParser
import Configuration
import Curl
import FoundationEssentials
import KittyShared
import Logging
import Redis
import SystemPackage

/// What can be set, and where it comes from: flag, environment, file, default, in this order.
struct Settings: Sendable {
  var databaseURL: String?
  var redisURL: String?
  var dataFolder: String
  /// The bucket that photos are kept in, and where the key to it comes from; `nil` for the data folder.
  var photos: (place: S3Location, profile: AWSCredentials)?
  /// How long a request waits for the worker to look at a photo: clients give up after twenty seconds of silence.
  var photoPatience: Duration = .seconds(18)
  var host: String
  var port: Int
  var worker: Worker
  var logLevel: Logger.Level
  var photoMaxBytes: Int
  var signUp: SignUp
  /// How mail is sent; `nil` when none is.
  var mail: Mailer?
  /// The address that people use, without a slash at its end.
  var publicURL: String?

  /// Who can sign up by themselves.
  enum SignUp: String, Sendable, CaseIterable {
    /// Everybody.
    case open
    /// Nobody: an administrator makes the accounts.
    case closed
    /// Who has the code of an invite.
    case invite
  }
  var limits: Limits.Settings
  var trustedProxies: TrustedProxies
  var crossOrigin: CrossOrigin
  /// How long a new connection may take for its first head, and over how long a body's speed is measured: seconds.
  var clientTimeout: Int
  var metrics: Metrics
  /// Where the log goes beside standard output.
  var logFile: RotatingFile?

  /// How metrics are shown.
  struct Metrics: Sendable {
    /// Where `/metrics` is, which is a port for monitors alone; `nil` when it is nowhere.
    var port: Int?
    /// `nil` is where the API is.
    var host: String?
    /// Whether they are written to the log for CloudWatch.
    var isEmbedded = false
    /// The name that they have there.
    var namespace = "KittyCash"
  }

  private enum Switch: String, CaseIterable { case on, off }

  /// Where jobs are done.
  enum Worker: String, Sendable, CaseIterable {
    /// In the server's process.
    case inline
    /// In a process of its own: `kittycash-server worker`.
    case separate
  }

  /// The flags; those that are left out come from elsewhere.
  struct Flags: ParsableArguments {
    @Option(
      name: .customLong("config"), help: "A file of NAME=value lines, by the names of the variables.")
    var config: String?
    @Option(
      help: ArgumentHelp(
        "PostgreSQL, as postgresql://user:password@host/database. Default: an SQLite file in the data folder. [DATABASE_URL]",
        valueName: "url"))
    var databaseURL: String?
    @Option(
      help: ArgumentHelp(
        "Redis, as redis://:password@host:6379/0. Default: a cache in the process. [REDIS_URL]",
        valueName: "url"))
    var redisURL: String?
    @Option(
      name: .customLong("data"),
      help: ArgumentHelp(
        "Where photos and the SQLite file are kept. Default: ~/.local/share/kittycash. [DATA_DIR]",
        valueName: "folder"))
    var dataFolder: String?
    @Option(
      help: ArgumentHelp(
        "A bucket for photos, as s3://bucket/prefix?region=eu-central-1, with &endpoint=https://… for a store that is not Amazon's. Its key is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in ~/.aws/credentials. Default: the data folder. [PHOTOS_URL]",
        valueName: "url"))
    var photosURL: String?
    @Option(help: "The address to listen on. Default: 127.0.0.1. [HOST]")
    var host: String?
    @Option(help: "The port to listen on; 0 takes a free one. Default: 8080. [PORT]")
    var port: String?
    @Option(help: "Where jobs are done: inline or separate. Default: inline. [WORKER]")
    var worker: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical. Default: info. [LOG_LEVEL]")
    var logLevel: String?
    @Option(help: "The largest photo in bytes. Default: 20971520. [PHOTO_MAX_BYTES]")
    var photoMaxBytes: String?
    @Option(help: "Who can sign up: open, closed, or invite (with a code). Default: open. [SIGN_UP]")
    var signUp: String?
    @Option(
      help: ArgumentHelp(
        "Where mail is handed over, as smtp://user:password@host:587 or smtps://…. Default: no mail. [SMTP_URL]",
        valueName: "url"))
    var smtpURL: String?
    @Option(
      help: ArgumentHelp(
        "The address that mail comes from. Needed with SMTP_URL. [SMTP_FROM]", valueName: "address"))
    var smtpFrom: String?
    @Option(
      help: ArgumentHelp(
        "The address that people use, as https://kitty.example.org. Needed with SMTP_URL. [PUBLIC_URL]",
        valueName: "url"))
    var publicURL: String?
    @Option(
      help: ArgumentHelp(
        "Requests with one token in a minute, or off. Default: 6000. [RATE_LIMIT]", valueName: "number"))
    var rateLimit: String?
    @Option(
      help: ArgumentHelp(
        "Requests from one address in a minute, or off. Default: twice RATE_LIMIT. [RATE_LIMIT_ADDRESS]",
        valueName: "number"))
    var rateLimitAddress: String?
    @Option(
      help: ArgumentHelp(
        "Sign-ups from one address in an hour, or off. Default: 20. [SIGN_UP_LIMIT]", valueName: "number"))
    var signUpLimit: String?
    @Option(
      help: ArgumentHelp(
        "Wrong passwords for an account, or from an address, before the next have to wait, or off. Default: 10. [SIGN_IN_LIMIT]",
        valueName: "number"))
    var signInLimit: String?
    @Option(
      help: ArgumentHelp(
        "Proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8,fd00::/8. Default: none. [TRUSTED_PROXIES]",
        valueName: "addresses"))
    var trustedProxies: String?
    @Option(
      help: ArgumentHelp(
        "Web pages of other places that may call the API, such as https://kitty.example.org, or *. Default: none. [CORS_ORIGINS]",
        valueName: "origins"))
    var corsOrigins: String?
    @Option(
      help: ArgumentHelp(
        "How long the head of a request may take, and over how long a body's speed is measured. Default: 15. [CLIENT_TIMEOUT]",
        valueName: "seconds"))
    var clientTimeout: String?
    @Option(
      help: ArgumentHelp(
        "The port of /metrics, for Prometheus; 0 takes a free one. Not for the public. Default: off. [METRICS_PORT]",
        valueName: "port"))
    var metricsPort: String?
    @Option(help: "The address of /metrics. Default: as HOST. [METRICS_HOST]")
    var metricsHost: String?
    @Option(
      help: ArgumentHelp(
        "Write metrics to the log every minute, as CloudWatch reads them: on or off. Default: off. [METRICS_EMF]",
        valueName: "on|off"))
    var metricsEMF: String?
    @Option(
      help: ArgumentHelp(
        "What CloudWatch calls these metrics together. Default: KittyCash. [METRICS_NAMESPACE]",
        valueName: "name"))
    var metricsNamespace: String?
    @Option(
      help: ArgumentHelp(
        "A file for the log, beside standard output. Default: none. [LOG_FILE]", valueName: "file"))
    var logFile: String?
    @Option(
      help: ArgumentHelp(
        "How long the log's file gets before the next begins. Default: 52428800. [LOG_FILE_MAX_BYTES]",
        valueName: "bytes"))
    var logFileMaxBytes: String?
    @Option(
      help: ArgumentHelp(
        "How many old files of the log are kept, as FILE.1 and so on. Default: 5. [LOG_FILES]",
        valueName: "number"))
    var logFiles: String?

    fileprivate var values: [AbsoluteConfigKey: ConfigValue] {
      let all: [(ConfigKey, String?)] = [
        ("database.url", databaseURL), ("redis.url", redisURL), ("data.dir", dataFolder),
        ("photos.url", photosURL), ("host", host),
        ("port", port), ("worker", worker), ("log.level", logLevel), ("photo.max.bytes", photoMaxBytes),
        ("sign.up", signUp), ("smtp.url", smtpURL), ("smtp.from", smtpFrom), ("public.url", publicURL),
        ("rate.limit", rateLimit), ("rate.limit.address", rateLimitAddress), ("sign.up.limit", signUpLimit),
        ("sign.in.limit", signInLimit), ("trusted.proxies", trustedProxies), ("cors.origins", corsOrigins),
        ("client.timeout", clientTimeout), ("metrics.port", metricsPort), ("metrics.host", metricsHost),
        ("metrics.emf", metricsEMF), ("metrics.namespace", metricsNamespace), ("log.file", logFile),
        ("log.file.max.bytes", logFileMaxBytes), ("log.files", logFiles),
      ]
      var values: [AbsoluteConfigKey: ConfigValue] = [:]
      for case (let key, let value?) in all {
        values[AbsoluteConfigKey(key)] = ConfigValue(.string(value), isSecret: false)
      }
      return values
    }
  }

  /// A setting has a value that cannot be used.
  struct Invalid: Error, CustomStringConvertible {
    let name: String
    let value: String
    let why: String
    var description: String { "\(name) is \"\(value)\": \(why)" }
  }

  /// Reads and checks every setting.
  /// - Throws: `Invalid` that names the setting and says why.
  init(flags: Flags, environment: [String: String] = ProcessInfo.processInfo.environment) async throws {
    var providers: [any ConfigProvider] = [
      InMemoryProvider(name: "flags", values: flags.values),
      EnvironmentVariablesProvider(environmentVariables: environment),
    ]
    if let path = flags.config {
      do {
        providers.append(try await EnvironmentVariablesProvider(environmentFilePath: FilePath(path)))
      } catch {
        throw Invalid(name: "--config", value: path, why: "the file cannot be read.")
      }
    }
    let reader = ConfigReader(providers: providers)
    // An empty variable, as in `REDIS_URL=`, means that it is not set.
    func text(_ key: ConfigKey) -> String? {
      reader.string(forKey: key).flatMap { $0.isEmpty ? nil : $0 }
    }
    func number(_ key: ConfigKey, _ name: String, default standard: Int, _ range: ClosedRange<Int>) throws
      -> Int
    {
      guard let text = text(key) else { return standard }
      guard let number = Int(text), range.contains(number) else {
        throw Invalid(
          name: name, value: text, why: "write a number from \(range.lowerBound) to \(range.upperBound).")
      }
      return number
    }
    databaseURL = text("database.url")
    if let url = databaseURL, !url.hasPrefix("postgresql://"), !url.hasPrefix("postgres://") {
      // The value may hold a password, so it is not repeated.
      throw Invalid(
        name: "DATABASE_URL", value: "…", why: "write postgresql://user:password@host:5432/database.")
    }
    redisURL = text("redis.url")
    if let url = redisURL {
      do { try RedisClient.validate(url: url) } catch {
        throw Invalid(name: "REDIS_URL", value: "…", why: "\(error)")
      }
    }
    dataFolder = text("data.dir") ?? Self.defaultDataFolder(environment)
    photos = try text("photos.url").map {
      (
        place: try S3Location(url: $0, environment: environment),
        profile: AWSCredentials(environment: environment)
      )
    }
    host = text("host") ?? "127.0.0.1"
    port = try number("port", "PORT", default: 8080, 0...65_535)
    photoMaxBytes = try number("photo.max.bytes", "PHOTO_MAX_BYTES", default: 20 << 20, 1024...(1 << 30))
    // Half an hour, as the largest, is for a debugger.
    clientTimeout = try number("client.timeout", "CLIENT_TIMEOUT", default: 15, 1...1800)
    metrics = Metrics()
    if let text = text("metrics.port"), text != "off" {
      guard let found = Int(text), (0...65_535).contains(found), found == 0 || found != port else {
        throw Invalid(
          name: "METRICS_PORT", value: text,
          why: "write a number from 0 to 65535 that is not the API's port, or off.")
      }
      metrics.port = found
    }
    metrics.host = text("metrics.host")
    metrics.isEmbedded = try Self.choice(text("metrics.emf"), "METRICS_EMF", default: Switch.off) == .on
    if let namespace = text("metrics.namespace") { metrics.namespace = try Self.namespace(namespace) }
    let maxBytes = try number("log.file.max.bytes", "LOG_FILE_MAX_BYTES", default: 50 << 20, 1024...(1 << 40))
    let kept = try number("log.files", "LOG_FILES", default: 5, 1...1000)
    if let path = text("log.file") {
      guard !path.hasSuffix("/") else {
        throw Invalid(name: "LOG_FILE", value: path, why: "write the name of a file, not of a folder.")
      }
      logFile = RotatingFile(path: path, maxBytes: maxBytes, kept: kept)
    }
    func limit(_ key: ConfigKey, _ name: String, default standard: Int?) throws -> Int? {
      if text(key) == "off" { return nil }
      guard let text = text(key) else { return standard }
      guard let number = Int(text), (1...1_000_000_000).contains(number) else {
        throw Invalid(name: name, value: text, why: "write a number from 1, or off.")
      }
      return number
    }
    limits = Limits.Settings()
    limits.token = try limit("rate.limit", "RATE_LIMIT", default: limits.token)
    limits.address = try limit(
      "rate.limit.address", "RATE_LIMIT_ADDRESS", default: limits.token.map { $0 * 2 })
    limits.signUps = try limit("sign.up.limit", "SIGN_UP_LIMIT", default: limits.signUps)
    limits.signIns = try limit("sign.in.limit", "SIGN_IN_LIMIT", default: limits.signIns)
    func parsed<Value>(
      _ key: ConfigKey, _ name: String, default standard: Value, why: String, _ parse: (String) -> Value?
    ) throws -> Value {
      guard let text = text(key) else { return standard }
      guard let value = parse(text) else { throw Invalid(name: name, value: text, why: why) }
      return value
    }
    trustedProxies = try parsed(
      "trusted.proxies", "TRUSTED_PROXIES", default: .none,
      why: "write addresses or ranges such as 10.0.0.0/8, with commas between them.", TrustedProxies.init)
    crossOrigin = try parsed(
      "cors.origins", "CORS_ORIGINS", default: .none,
      why: "write origins such as https://kitty.example.org, with commas between them, or *.",
      CrossOrigin.init)
    worker = try Self.choice(text("worker"), "WORKER", default: .inline)
    logLevel = try Self.choice(text("log.level"), "LOG_LEVEL", default: .info)
    signUp = try Self.choice(text("sign.up"), "SIGN_UP", default: .open)
    publicURL = try text("public.url").map(Self.publicURL)
    mail = try text("smtp.url").map { try Mailer(url: $0, from: text("smtp.from"), publicURL: publicURL) }
  }

  private static func publicURL(_ text: String) throws -> String {
    let address = text.hasSuffix("/") ? String(text.dropLast()) : text
    let host = address.split(separator: "://", maxSplits: 1).last ?? ""
    guard address.hasPrefix("https://") || address.hasPrefix("http://"), !host.isEmpty, !host.hasPrefix("/"),
      address.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !"'\"?#".utf8.contains($0) })
    else {
      throw Invalid(name: "PUBLIC_URL", value: text, why: "write it like https://kitty.example.org.")
    }
    return address
  }

  private static func namespace(_ text: String) throws -> String {
    let isKnown = text.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || ".-_/#:".utf8.contains(byte)
    }
    guard isKnown, text.utf8.count <= 255, !text.hasPrefix("AWS/") else {
      throw Invalid(
        name: "METRICS_NAMESPACE", value: text,
        why: "write up to 255 letters, digits and . - _ / # :, not beginning with AWS/.")
    }
    return text
  }

  private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ text: String?, _ name: String, default standard: Choice
  ) throws -> Choice {
    guard let text else { return standard }
    guard let choice = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw Invalid(name: name, value: text, why: "choose one of \(known).")
    }
    return choice
  }

  private static func defaultDataFolder(_ environment: [String: String]) -> String {
    if let folder = environment["XDG_DATA_HOME"], folder.hasPrefix("/") { return folder + "/kittycash" }
    return (environment["HOME"] ?? "/var/lib") + "/.local/share/kittycash"
  }
}
