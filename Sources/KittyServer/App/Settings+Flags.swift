import ArgumentParser

extension Settings {
  /// The flags of the command line. Missing ones are read from the environment or the file.
  struct Flags: ParsableArguments {
    @Option(
      name: .customLong("config"),
      help:
        "A file of NAME=value lines, with the names of the environment variables. SECRETS_KEY, which encrypts the secrets of second factors, has no flag; nor have DATABASE_PASSWORD and REDIS_PASSWORD, for a URL without one."
    )
    var config: String?
    @Option(
      help: ArgumentHelp(
        "PostgreSQL, as postgresql://user@host/database. A URL with a password must be in DATABASE_URL, or in a file that DATABASE_URL_FILE names. Default: an SQLite file in the data folder. [DATABASE_URL]",
        valueName: "url"))
    var databaseURL: String?
    @Option(
      help: ArgumentHelp(
        "Redis, as redis://host:6379/0, or rediss://… for TLS. A URL with a password must be in REDIS_URL, or in a file that REDIS_URL_FILE names. Default: a cache in the process. [REDIS_URL]",
        valueName: "url"))
    var redisURL: String?
    @Option(
      name: .customLong("data"),
      help: ArgumentHelp(
        "The folder for photos and the SQLite file. Default: ~/.local/share/kittycash. [DATA_DIR]",
        valueName: "folder"))
    var dataFolder: String?
    @Option(
      help: ArgumentHelp(
        "A bucket for photos, as s3://bucket/prefix?region=eu-central-1, with &endpoint=https://… for a store other than Amazon S3. Its key is read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from ~/.aws/credentials. Default: the data folder. [PHOTOS_URL]",
        valueName: "url"))
    var photosURL: String?
    @Option(help: "The address to listen on. Default: 127.0.0.1. [HOST]")
    var host: String?
    @Option(help: "The port to listen on; 0 chooses a free one. Default: 8080. [PORT]")
    var port: String?
    @Option(
      help: "Where background jobs run: inline (in this process) or separate. Default: inline. [WORKER]")
    var worker: String?
    @Option(
      help:
        "The lowest level in the log: trace, debug, info, notice, warning, error or critical. Default: info. [LOG_LEVEL]"
    )
    var logLevel: String?
    @Option(help: "The maximum size of a photo in bytes. Default: 20971520. [PHOTO_MAX_BYTES]")
    var photoMaxBytes: String?
    @Option(
      help: "The maximum size of a group file to import, in bytes. Default: 41943040. [IMPORT_MAX_BYTES]")
    var importMaxBytes: String?
    @Option(
      help: ArgumentHelp(
        "The number of present members to which a group can grow: 2 to 2000. Default: 500. [GROUP_MEMBERS]",
        valueName: "number"))
    var groupMembers: String?
    @Option(
      help: ArgumentHelp(
        "The number of bytes that the entries, comments and receipts of a group can store, or off. Default: 1073741824. [GROUP_MAX_BYTES]",
        valueName: "bytes"))
    var groupMaxBytes: String?
    @Option(
      help: ArgumentHelp(
        "The number of groups of a user. Default: 1000. [USER_GROUPS]", valueName: "number"))
    var userGroups: String?
    @Option(help: "Who can sign up: open, closed, or invite (with a code). Default: open. [SIGN_UP]")
    var signUp: String?
    @Option(
      help: ArgumentHelp(
        "The mail server, as smtp://host:587 or smtps://…. A URL with a password must be in SMTP_URL, or in a file that SMTP_URL_FILE names. Default: no mail. [SMTP_URL]",
        valueName: "url"))
    var smtpURL: String?
    @Option(
      help: ArgumentHelp(
        "The sender address of mail. Required with SMTP_URL. [SMTP_FROM]", valueName: "address"))
    var smtpFrom: String?
    @Option(
      help: ArgumentHelp(
        "The public address of this server, as https://kitty.example.org. Required with SMTP_URL. [PUBLIC_URL]",
        valueName: "url"))
    var publicURL: String?
    @Option(
      help: ArgumentHelp(
        "Requests per minute with one token, or off. Default: 6000. [RATE_LIMIT]", valueName: "number"))
    var rateLimit: String?
    @Option(
      help: ArgumentHelp(
        "Requests per minute from one address, or off. Default: twice RATE_LIMIT. [RATE_LIMIT_ADDRESS]",
        valueName: "number"))
    var rateLimitAddress: String?
    @Option(
      help: ArgumentHelp(
        "Sign-ups per hour from one address, or off. Default: 20. [SIGN_UP_LIMIT]", valueName: "number"))
    var signUpLimit: String?
    @Option(
      help: ArgumentHelp(
        "Wrong passwords for one user, or from one address, before further attempts must wait, or off. Default: 10. [SIGN_IN_LIMIT]",
        valueName: "number"))
    var signInLimit: String?
    @Option(
      help: ArgumentHelp(
        "Proxies whose X-Forwarded-For header is trusted, such as 10.0.0.0/8,fd00::/8; with a secret in the environment [PROXY_SECRET], only when they send it as X-Proxy-Secret. Default: none. [TRUSTED_PROXIES]",
        valueName: "addresses"))
    var trustedProxies: String?
    @Option(
      help: ArgumentHelp(
        "Origins of web pages that may call the API, such as https://kitty.example.org, or *. Default: none. [CORS_ORIGINS]",
        valueName: "origins"))
    var corsOrigins: String?
    @Option(
      help: ArgumentHelp(
        "Time limit for the head of a request, and the period over which the speed of a body is measured. Default: 15. [CLIENT_TIMEOUT]",
        valueName: "seconds"))
    var clientTimeout: String?
    @Option(
      help: ArgumentHelp(
        "The port of /metrics for Prometheus; 0 chooses a free one. Keep it private. Default: off. [METRICS_PORT]",
        valueName: "port"))
    var metricsPort: String?
    @Option(help: "The address of /metrics. Default: HOST. [METRICS_HOST]")
    var metricsHost: String?
    @Option(
      help: ArgumentHelp(
        "The port for ssh gateways, which need a secret in the environment [SSH_SECRET]; without one it is closed. Keep it private. Default: 8081. [SSH_GATEWAY_PORT]",
        valueName: "port"))
    var sshGatewayPort: String?
    @Option(
      help:
        "Clients of ssh gateways whose key is unknown: refuse, or welcome (they may sign up or add the key to an account). Default: refuse. [SSH_UNKNOWN_KEYS]"
    )
    var sshUnknownKeys: String?
    @Option(
      help: ArgumentHelp(
        "Write metrics to the log every minute, in the format of CloudWatch: on or off. Default: off. [METRICS_EMF]",
        valueName: "on|off"))
    var metricsEMF: String?
    @Option(
      help: ArgumentHelp(
        "The namespace of the metrics in CloudWatch. Default: KittyCash. [METRICS_NAMESPACE]",
        valueName: "name"))
    var metricsNamespace: String?
    @Option(
      help: ArgumentHelp(
        "A file for the log, in addition to standard output. Default: none. [LOG_FILE]", valueName: "file"))
    var logFile: String?
    @Option(
      help: ArgumentHelp(
        "The size at which the log file is rotated. Default: 52428800. [LOG_FILE_MAX_BYTES]",
        valueName: "bytes"))
    var logFileMaxBytes: String?
    @Option(
      help: ArgumentHelp(
        "The number of old log files to keep, as FILE.1 and so on. Default: 5. [LOG_FILES]",
        valueName: "number"))
    var logFiles: String?

    /// The flags whose values may contain a password.
    static let secrets: Set<String> = ["DATABASE_URL", "REDIS_URL", "SMTP_URL", "PHOTOS_URL"]

    /// The values of the flags, by the names of their environment variables.
    var values: [(name: String, value: String?)] {
      [
        ("DATABASE_URL", databaseURL), ("REDIS_URL", redisURL), ("DATA_DIR", dataFolder),
        ("PHOTOS_URL", photosURL), ("HOST", host), ("PORT", port), ("WORKER", worker),
        ("LOG_LEVEL", logLevel), ("PHOTO_MAX_BYTES", photoMaxBytes), ("IMPORT_MAX_BYTES", importMaxBytes),
        ("GROUP_MEMBERS", groupMembers), ("GROUP_MAX_BYTES", groupMaxBytes),
        ("USER_GROUPS", userGroups), ("SIGN_UP", signUp),
        ("SMTP_URL", smtpURL), ("SMTP_FROM", smtpFrom), ("PUBLIC_URL", publicURL),
        ("RATE_LIMIT", rateLimit), ("RATE_LIMIT_ADDRESS", rateLimitAddress),
        ("SIGN_UP_LIMIT", signUpLimit), ("SIGN_IN_LIMIT", signInLimit),
        ("TRUSTED_PROXIES", trustedProxies), ("CORS_ORIGINS", corsOrigins),
        ("CLIENT_TIMEOUT", clientTimeout), ("METRICS_PORT", metricsPort), ("METRICS_HOST", metricsHost),
        ("SSH_GATEWAY_PORT", sshGatewayPort), ("SSH_UNKNOWN_KEYS", sshUnknownKeys),
        ("METRICS_EMF", metricsEMF), ("METRICS_NAMESPACE", metricsNamespace), ("LOG_FILE", logFile),
        ("LOG_FILE_MAX_BYTES", logFileMaxBytes), ("LOG_FILES", logFiles),
      ]
    }
  }
}
