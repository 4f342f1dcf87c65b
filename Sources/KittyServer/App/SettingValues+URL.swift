import FoundationEssentials

extension SettingValues {
  /// The place of a password in a URL.
  enum PasswordPlace {
    /// Before the host: `redis://user:password@host`.
    case login
    /// In the query: `postgresql://host/database?password=…`. The user may be known elsewhere, such as in `PGUSER`.
    case parameter
  }

  /// A setting that is a URL, whose password may be a setting of its own: that one may have any character, and the rest of
  /// the URL needs no protection.
  /// - Parameters:
  ///   - password: The name of the setting with the password.
  ///   - parse: Throws an error whose description is the correct form.
  func url(
    _ name: String, password: String, _ place: PasswordPlace, _ parse: (String) throws -> String
  ) throws -> String? {
    let url = try secret(name, parse)
    guard let secret = try secretText(password) else { return url }
    guard let url else {
      throw Settings.Invalid(name: password, value: "…", why: "\(name) is not set: a password needs it.")
    }
    guard !Self.hasPassword(url, at: place) else {
      throw Settings.Invalid(
        name: password, value: "…", why: "\(name) contains a password too. Set one of them only.")
    }
    return Self.url(url, with: secret, place)
  }

  /// Returns `true` for a URL with a password at its place. A parameter such as `sslpassword` is another one.
  static func hasPassword(_ url: String, at place: PasswordPlace) -> Bool {
    if hasLoginPassword(url) { return true }
    guard place == .parameter, let query = url.split(separator: "?", maxSplits: 1).dropFirst().first else {
      return false
    }
    return query.split(separator: "&").contains { $0.lowercased().hasPrefix("password=") }
  }

  private static func url(_ url: String, with password: String, _ place: PasswordPlace) -> String {
    let encoded = Self.encoded(password)
    switch place {
    case .parameter: return url + (url.contains("?") ? "&" : "?") + "password=" + encoded
    case .login:
      guard let scheme = url.firstRange(of: "://") else { return url }
      let (start, rest) = (url[..<scheme.upperBound], url[scheme.upperBound...])
      let authority = rest.prefix { !"/?#".contains($0) }
      guard let at = authority.lastIndex(of: "@") else { return "\(start):\(encoded)@\(rest)" }
      return "\(start)\(rest[..<at]):\(encoded)\(rest[at...])"
    }
  }

  /// Returns a text for a URL: each byte but letters, digits and `-._~` is percent-encoded.
  private static func encoded(_ text: String) -> String {
    text.utf8.reduce(into: "") { encoded, byte in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || "-._~".utf8.contains(byte)
      if isPlain {
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
  }
}
