import KittyShared

/// A part of the data that is invalidated as a whole.
enum CacheTag: Hashable, Sendable {
  /// One session or API token, by the hash of its secret.
  case session(String)
  /// All sessions and API tokens: before a change that ends some of them, which only the database knows.
  case sessions
  /// A group and its members, without its books.
  case group(ID)
  /// The entries of a group and everything that is computed from them.
  case books(ID)
  /// All data.
  case all

  /// The name of the tag in messages between servers.
  var key: String {
    switch self {
    case .session(let hash): "session:\(hash)"
    case .sessions: "sessions"
    case .group(let id): "group:\(id)"
    case .books(let id): "books:\(id)"
    case .all: "all"
    }
  }

  /// Returns the tag with a name; `nil` for a name that only a newer server knows.
  init?(key: Substring) {
    let parts = key.split(separator: ":", maxSplits: 1).map(String.init)
    switch (parts.first, parts.last, parts.last.flatMap { ID($0) }) {
    case ("session", let hash?, _): self = .session(hash)
    case ("sessions", _, _): self = .sessions
    case ("group", _, let id?): self = .group(id)
    case ("books", _, let id?): self = .books(id)
    case ("all", _, _): self = .all
    default: return nil
    }
  }
}
