import KittyShared
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

  /// The name or address of the server, without a port.
  var host: String {
    let authority = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).dropFirst(2)
      .first
    return SignInChallenge.host(of: String(authority ?? ""))
  }

  /// `true` when the connection is not encrypted and leaves this machine.
  var isExposed: Bool {
    url.hasPrefix("http://") && !LoopbackHost.contains(host)
  }
}
