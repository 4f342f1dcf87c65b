/// The rules of the house, in one table each. The tests beside it hold the tree to them; an exception needs a
/// reason, here.
enum House {
  /// The folders of each target as layers, the top first. Code may use the types of its own layer and of those below.
  static let layers: [(root: String, folders: [String])] = [
    (
      "Sources/KittyServer",
      [
        "Commands", "Doctor", "App", "Telemetry/Metrics", "SSH", "HTTP/Controllers", "HTTP/Routing",
        "HTTP/Middleware",
        "HTTP/Connection", "Backup", "Books", "Photos", "Identity", "Limits", "Store", "Jobs", "Cache",
        "Access",
        "Ledger", "Formats", "Database", "Telemetry/Logging", "Support",
      ]
    ),
    ("Sources/KittyShared", ["API", "Filter", "Models", "Money", "Values", "Validation", "Text"]),
    (
      "Sources/KittyTUI",
      ["", "SSH", "Command", "Screens", "Terminal", "App", "QuickEntry", "Widgets", "Client", "Text"]
    ),
  ]

  /// Folders that belong to the layer of another one.
  static let partOf: [String: String] = [
    "Sources/KittyServer/Database/Migrations": "Database",
    "Sources/KittyServer/Database/Distribution": "Database",
    "Sources/KittyServer/Books/Export": "Books",
    "Sources/KittyServer/Books/Charts": "Books",
    "Sources/KittyServer/Books/Import": "Books",
  ]

  /// Modules that only some folders may import.
  static let imports: [(module: String, folders: [String])] = [
    (
      "Hummingbird",
      [
        "Sources/KittyServer/HTTP", "Sources/KittyServer/App", "Sources/KittyServer/Telemetry/Metrics",
        "Sources/KittyServer/SSH",
      ]
    ),
    ("GRDB", ["Sources/KittyServer/Database", "Sources/KittyServer/App"]),
    ("Postgres", ["Sources/KittyServer/Database", "Sources/KittyServer/App"]),
    (
      "Redis",
      [
        "Sources/KittyServer/App", "Sources/KittyServer/Cache", "Sources/KittyServer/Doctor",
        "Sources/KittyServer/Jobs", "Sources/KittyServer/Limits",
      ]
    ),
    ("CNcurses", ["Sources/KittyTUI/Terminal"]),
    (
      "ArgumentParser",
      [
        "Sources/KittyServer/Commands", "Sources/KittyServer/App", "Sources/KittyTUI",
        "Sources/KittyPhotoConverter",
      ]
    ),
  ]

  /// The client reaches libcurl in one folder alone.
  static let curlOfTheClient = "Sources/KittyTUI/Client"

  /// The wrappers over C and embedded files: the only targets that may touch memory by hand, and that know nothing of KittyCash.
  static let wrappers: Set<String> = [
    "Chafa", "Curl", "OpenSSL", "POSIX", "Postgres", "QREncode", "Redis", "SQLite", "Sodium", "Vips",
    "XLSXWriter", "Zlib",
    "CNcurses", "CCurl", "CVips", "CEmbeddedFiles", "CommonPasswords", "OpenAPIDocument",
  ]

  /// SQL is written here, and in files named `…Store.swift` of the folders that keep rows of their own.
  static let foldersOfSQL = ["Sources/KittyServer/Store", "Sources/KittyServer/Database", "Sources/Postgres"]
  static let foldersOfStores = [
    "Sources/KittyServer/Backup", "Sources/KittyServer/Jobs", "Sources/KittyServer/Photos",
  ]

  /// Lines of the longest function, and of the longest file.
  static let longestFunction = 70
  static let longestFile = 400

  /// First words that make a question of a doc comment.
  static let questionWords: Set<String> = [
    "What", "Whatever", "Who", "Whoever", "Whom", "Whose", "Whether", "How", "Where", "When", "Why",
  ]

  /// Words of the old dialect, with the word of the field. They are searched for in everything that people read.
  static let banned: [(phrase: String, instead: String)] = [
    ("nobody", "no user, no client, or the passive"), ("somebody", "a user, another client"),
    ("whoever", "the caller, a user"), ("everybody", "all members, all clients"), ("anew", "again"),
    ("is none of", "is not"), ("just now", "currently"),
    ("goner", "user to delete"), ("lets go of", "closes"), ("let go of", "closed"),
    ("sign of life", "heartbeat"), ("signs of life", "heartbeats"), ("left for later", "enqueued"),
    ("leave for later", "enqueue"),
    ("Postbox", "Mailer"), ("Observatory", "MetricsCollector"), ("WholeDatabase", "BackupDatabase"),
    ("Remembered", "VersionedCache, cached"), ("the pot", "the kitty"), ("a pot", "a kitty"),
  ]

  /// Stored and public words of programs, which stay as they are: error codes, the name of a Redis channel, and words of users in tables.
  static let stableWords = [
    "\"nobody\"", "\\\"nobody\\\"", "`nobody`", "- nobody", "[nobody", "kittycash:outdated",
    "\"everybody\"", "`everybody`",
  ]

  /// Places where a banned word is right: the path, the word, the reason.
  static let rightHere: [(path: String, phrase: String, reason: String)] = [
    ("Sources/KittyServer/Database/Migrations/0003_Users.swift", "let go of", releasedSQL),
    ("Sources/KittyServer/Database/Migrations/0003_Users.swift", "somebody", releasedSQL),
    ("Sources/KittyServer/Database/Migrations/0004_TokensAndSecondFactors.swift", "nobody", releasedSQL),
    ("Sources/KittyServer/Database/Migrations/0005_RolesAndInvites.swift", "somebody", releasedSQL),
    ("Sources/KittyServer/Database/Migrations/0007_Jobs.swift", "signs of life", releasedSQL),
    ("Sources/KittyServer/Database/Migrations/0008_PhotoConversions.swift", "whoever", releasedSQL),
  ]

  private static let releasedSQL = "a comment in the SQL of a released migration, which never changes"
}
