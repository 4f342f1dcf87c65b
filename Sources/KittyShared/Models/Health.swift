/// How the server is.
package struct Health: Codable, Hashable, Sendable {
  /// `ok`, or `degraded` when it is slower for want of a part.
  package let status: String
  /// The server's version.
  package let version: String
  /// Each part and `ok` or what is the matter with it; for `/health/ready`.
  package let parts: [String: String]?

  package init(status: String, version: String, parts: [String: String]? = nil) {
    self.status = status
    self.version = version
    self.parts = parts
  }
}
