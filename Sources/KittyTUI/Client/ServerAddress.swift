import POSIX

/// The address of a server.
struct ServerAddress: Hashable, Sendable {
  /// Without a slash at the end.
  let url: String

  /// The default address.
  static let standard = ServerAddress(url: "http://127.0.0.1:8080")

  private init(url: String) { self.url = url }

  /// Reads `http://host:port` or `https://host`, with an optional path in front of the API's paths.
  /// - Throws: `Invalid` with a message for the user.
  init(_ text: String) throws(Invalid) {
    var text = text
    while text.hasSuffix("/") { text.removeLast() }
    let scheme = text.hasPrefix("http://") ? "http://" : "https://"
    guard text.hasPrefix(scheme) else {
      throw Invalid(
        description: "\"\(text)\" is not a server address. Write http://host:port or https://host.")
    }
    let rest = text.dropFirst(scheme.count)
    let host = rest.prefix { $0 != "/" && $0 != ":" && $0 != "[" }
    let isPlain =
      rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } && !rest.contains("@") && !rest.contains("?")
    guard isPlain, !host.isEmpty || rest.hasPrefix("[") else {
      throw Invalid(
        description: "\"\(text)\" is not a server address. Write http://host:port or https://host.")
    }
    url = text
  }

  /// The text is not an address.
  struct Invalid: Error, CustomStringConvertible {
    let description: String
  }

  /// `true` when the connection is not encrypted and leaves this machine.
  var isExposed: Bool {
    guard url.hasPrefix("http://") else { return false }
    let authority = url.dropFirst("http://".count).prefix { $0 != "/" }
    let end: Character = authority.hasPrefix("[") ? "]" : ":"
    let host = authority.prefix { $0 != end } + (end == "]" ? "]" : "")
    return !LoopbackHost.contains(host)
  }
}
