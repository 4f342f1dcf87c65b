import KittyShared

/// The server to use, and the source of its address: an option, else `$KITTYCASH_SERVER`, else the last
/// `kittycash login`, else the default address.
struct ServerChoice: Sendable {
  let address: ServerAddress
  let reason: Reason

  /// The source of the address.
  enum Reason: String, Sendable {
    case option = "--server"
    case environment = "$KITTYCASH_SERVER"
    case login = "the last login"
    case standard = "the default"
  }

  /// - Throws: `ServerAddress.Invalid` for an invalid address.
  init(option: String?, environment: [String: String]) throws(ServerAddress.Invalid) {
    if let option {
      (address, reason) = (try ServerAddress(option), .option)
    } else if let text = environment["KITTYCASH_SERVER"], !text.isEmpty {
      (address, reason) = (try ServerAddress(text), .environment)
    } else if let address = Self.lastLogin(environment) {
      (self.address, reason) = (address, .login)
    } else {
      (address, reason) = (.standard, .standard)
    }
  }

  /// The file with the address of the last login.
  static func file(_ environment: [String: String]) -> PrivateFile {
    PrivateFile(path: PrivateFile.folder(environment) + "/server")
  }

  /// Returns the server of the last login; `nil` without a login, or when the file cannot be used.
  static func lastLogin(_ environment: [String: String]) -> ServerAddress? {
    guard let bytes = try? file(environment).read() else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    return try? ServerAddress(text.hasSuffix("\n") ? String(text.dropLast()) : text)
  }
}
