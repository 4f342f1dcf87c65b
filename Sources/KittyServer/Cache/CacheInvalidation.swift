import KittyShared

/// What the copies of the server share to know whether what one of them remembers is still true: a version
/// for each tag. The values stay in the process that read them; see `VersionedCache`.
///
/// Never the truth: everything works without it, slower. Two real implementations: in process, for the
/// embedded database, and Redis.
protocol CacheInvalidation: Sendable {
  /// How long a value may be believed whose version has not changed: a bound for what no version tells, such
  /// as a copy of the server that was killed between its write and `invalidate`.
  var maxStaleness: Duration { get }
  /// The present version of each tag, in order; `nil` when the cache is out of reach.
  func versions(of tags: [CacheTag]) -> [Int]?
  /// Gives each tag a new version: here before it returns, and on every other copy of the server as soon as
  /// it hears of it.
  func invalidate(_ tags: [CacheTag]) async
  /// What is the matter with it, or `nil` when it is well.
  func healthProblem() async -> String?
  /// Lets go of connections.
  func close() async
}

/// A part of the data that changes together.
enum CacheTag: Hashable, Sendable {
  /// One session or API token, by the hash of its secret.
  case session(String)
  /// A group and who is in it: everything but its books.
  case group(ID)
  /// What is entered in a group, and what it adds up to.
  case books(ID)
  /// Everything there is.
  case all

  /// Its name between copies of the server.
  var key: String {
    switch self {
    case .session(let hash): "session:\(hash)"
    case .group(let id): "group:\(id)"
    case .books(let id): "books:\(id)"
    case .all: "all"
    }
  }

  /// The tag with this name; `nil` for a name that a newer copy may have.
  init?(key: Substring) {
    let parts = key.split(separator: ":", maxSplits: 1).map(String.init)
    switch (parts.first, parts.last, parts.last.flatMap { ID($0) }) {
    case ("session", let hash?, _): self = .session(hash)
    case ("group", _, let id?): self = .group(id)
    case ("books", _, let id?): self = .books(id)
    case ("all", _, _): self = .all
    default: return nil
    }
  }
}

/// The versions that tags had when a request began, and until when they may be believed.
struct CacheVersion: Hashable, Sendable {
  let numbers: [Int]
  let until: ContinuousClock.Instant

  init(_ numbers: Int..., until: ContinuousClock.Instant) {
    self.numbers = numbers
    self.until = until
  }
}
