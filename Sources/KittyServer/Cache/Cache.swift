import KittyShared

/// What the copies of the server share to know whether what one of them remembers is still true: a version
/// for each scope. The values stay in the process that read them; see `Remembered`.
///
/// Never the truth: everything works without it, slower. Two real implementations: in process, for the
/// embedded database, and Redis.
protocol Cache: Sendable {
  /// How long a value may be believed whose version has not changed: a bound for what no version tells, such
  /// as a copy of the server that was killed between its write and `outdate`.
  var trust: Duration { get }
  /// The present version of each scope, in order; `nil` when the cache is out of reach.
  func versions(of scopes: [Scope]) async -> [String]?
  /// Gives each scope a new version, on every copy of the server, before it returns.
  func outdate(_ scopes: [Scope]) async
  /// What is the matter with it, or `nil` when it is well.
  func complaint() async -> String?
  /// Lets go of connections.
  func close() async
}

/// A part of the data that changes together.
enum Scope: Hashable, Sendable {
  /// One session, by the hash of its token.
  case session(String)
  /// A group and who is in it: everything but its books.
  case group(ID)
  /// What is entered in a group, and what it adds up to.
  case books(ID)

  /// Its name where all copies of the server see it.
  var key: String {
    switch self {
    case .session(let hash): "kitty:session:\(hash)"
    case .group(let id): "kitty:group:\(id)"
    case .books(let id): "kitty:books:\(id)"
    }
  }
}

/// The version that a scope had when a request began, and until when it may be believed.
struct Version: Sendable {
  let text: String
  let until: ContinuousClock.Instant

  init(_ text: String, trust: Duration) {
    self.text = text
    until = .now + trust
  }

  /// The version of what depends on both.
  func joined(with other: Version) -> Version {
    Version(text: "\(text)/\(other.text)", until: min(until, other.until))
  }

  private init(text: String, until: ContinuousClock.Instant) {
    self.text = text
    self.until = until
  }
}
