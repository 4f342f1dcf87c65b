import KittyShared

/// Which server is meant, and who said so: an option, else `$KITTYCASH_SERVER`, else the last
/// `kittycash login`, else the standard address.
struct ServerChoice: Sendable {
  let address: ServerAddress
  let reason: Reason

  /// Who said so.
  enum Reason: String, Sendable {
    case option = "--server"
    case environment = "$KITTYCASH_SERVER"
    case login = "the last login"
    case standard = "the default"
  }

  /// - Throws: `ServerAddress.Invalid` for an address that is none.
  init(option: String?, environment: [String: String]) throws(ServerAddress.Invalid) {
    if let option {
      (address, reason) = (try ServerAddress(option), .option)
    } else if let text = environment["KITTYCASH_SERVER"], !text.isEmpty {
      (address, reason) = (try ServerAddress(text), .environment)
    } else if let remembered = Self.remembered(environment) {
      (address, reason) = (remembered, .login)
    } else {
      (address, reason) = (.standard, .standard)
    }
  }

  /// Where the server of the last login is kept.
  static func file(_ environment: [String: String]) -> PrivateFile {
    PrivateFile(path: PrivateFile.folder(environment) + "/server")
  }

  /// The server of the last login; `nil` where there was none, or the file cannot be used.
  static func remembered(_ environment: [String: String]) -> ServerAddress? {
    guard let bytes = try? file(environment).read() else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return try? ServerAddress(text.hasSuffix("\n") ? String(text.dropLast()) : text)
  }
}
