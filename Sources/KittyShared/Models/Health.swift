/// The health of the server.
package struct Health: Codable, Hashable, Sendable {
  /// `ok`, or `degraded` when it runs slower without a part.
  package let status: String
  /// The server's version; only for clients on its machine.
  package let version: String?
  /// The state of each part: `ok` or its problem; for `/health/ready`.
  package let parts: [String: String]?

  package init(status: String, version: String? = nil, parts: [String: String]? = nil) {
    self.status = status
    self.version = version
    self.parts = parts
  }
}
