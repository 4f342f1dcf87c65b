/// A sign-in that lasts until it is ended or expires.
public struct Session: Codable, Hashable, Sendable {
  /// The session's id.
  public let id: ID
  /// The secret to send as `Authorization: Bearer …`. Shown this once.
  public let token: String
  /// When it stops being valid.
  public let expiresAt: Instant
  /// Whose it is.
  public let user: User

  /// Makes one.
  public init(id: ID, token: String, expiresAt: Instant, user: User) {
    self.id = id
    self.token = token
    self.expiresAt = expiresAt
    self.user = user
  }
}

/// A request to sign in.
public struct NewSession: RequestBody, Hashable {
  /// The account's name.
  public var name: String
  /// Its password.
  public var password: String

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case name, password }

  /// Makes one.
  public init(name: String, password: String) {
    self.name = name
    self.password = password
  }

  /// Whether the two belong together is for the server to say; here only their size is bounded.
  public func check(_ checks: inout FieldChecks) {
    checks.require(
      (1...32).contains(name.unicodeScalars.count), "name", "not_a_user_name", "Write your user name.")
    checks.password(password, "password")
  }
}
