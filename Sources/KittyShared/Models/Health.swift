/// How the server is.
public struct Health: Codable, Hashable, Sendable {
  /// `ok`, or `degraded` when it is slower for want of a part.
  public let status: String
  /// The server's version.
  public let version: String
  /// Each part and `ok` or what is the matter with it; for `/health/ready`.
  public let parts: [String: String]?

  /// Makes one.
  public init(status: String, version: String, parts: [String: String]? = nil) {
    self.status = status
    self.version = version
    self.parts = parts
  }
}
