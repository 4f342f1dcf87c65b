import KittyShared

/// The data of a user that the client keeps, besides the session.
struct UserData: Sendable {
  /// The data that was read last; `nil` where nothing is kept.
  let cache: DataCache?
  /// The changes that the user has seen.
  let seen: any SeenStore
}

/// The files of one user of a server on this machine, besides the session. Nothing in them is needed: without a file
/// everything is read again.
struct UserFiles: Sendable {
  /// The data that was read last, in the cache folder.
  let cache: DataCache
  /// The changes that the user has seen, in the state folder.
  let seen: SeenFile
  var data: UserData { UserData(cache: cache, seen: seen) }

  init(server: ServerAddress, user: String, environment: [String: String]) {
    // As the name of the session file.
    let place = String(
      server.url.map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" ? $0 : "_" })
    let name = Self.fileName(user.lowercased())
    cache = DataCache(
      folder: "\(Self.cacheFolder(environment))/\(place)/\(name)", server: server.url, user: user.lowercased()
    )
    seen = SeenFile(path: "\(PrivateFile.folder(environment))/\(place).\(name).seen")
  }

  /// The folder of the cache: `$XDG_CACHE_HOME/kittycash` or `~/.cache/kittycash`.
  static func cacheFolder(_ environment: [String: String]) -> String {
    let home = environment["HOME"] ?? "/"
    let cache = environment["XDG_CACHE_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? home + "/.cache"
    return cache + "/kittycash"
  }

  /// Returns a name for a file. Two texts may have the same one in the end, so the file names its owner too.
  private static func fileName(_ text: String) -> String {
    let name = text.utf8.map { byte in
      let letter = Character(Unicode.Scalar(byte))
      return letter.isASCII && (letter.isLetter || letter.isNumber || letter == "-")
        ? String(letter) : byte == UInt8(ascii: ".") ? "." : "_\(byte)"
    }.joined()
    let short = String(name.prefix(100))
    return short.allSatisfy { $0 == "." } ? "_\(short)" : short
  }
}
