/// A person with an account.
public struct User: Codable, Hashable, Sendable {
  /// The account's id.
  public let id: ID
  /// The name to sign in with: lower case.
  public let name: String
  /// The name that others see.
  public let displayName: String
  /// The profile photo.
  public let photo: Photo?
  /// When the account was made.
  public let createdAt: Instant

  /// Makes one.
  public init(id: ID, name: String, displayName: String, photo: Photo?, createdAt: Instant) {
    self.id = id
    self.name = name
    self.displayName = displayName
    self.photo = photo
    self.createdAt = createdAt
  }
}

/// A request to sign up.
public struct NewUser: RequestBody, Hashable {
  /// The id, when the client makes it.
  public var id: ID?
  /// The name to sign in with: 2 to 32 letters of a–z, digits, `.`, `_` or `-`. Upper case becomes lower.
  public var name: String
  /// 8 to 256 characters.
  public var password: String
  /// The name that others see; `name` when left out. At most 64 characters.
  public var displayName: String?

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case id, name, password, displayName }

  /// Makes one.
  public init(id: ID? = nil, name: String, password: String, displayName: String? = nil) {
    self.id = id
    self.name = name
    self.password = password
    self.displayName = displayName
  }

  /// Checks all fields.
  public func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    let allowed = name.lowercased().utf8.allSatisfy {
      (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || [0x2e, 0x5f, 0x2d].contains($0)
    }
    checks.require(
      allowed && (2...32).contains(name.utf8.count), "name", "not_a_user_name",
      "Use 2 to 32 letters a-z, digits, \".\", \"_\" or \"-\".")
    checks.require(
      (8...256).contains(password.unicodeScalars.count), "password", "password_length",
      "Use a password of 8 to 256 characters.")
    if let displayName { checks.text(displayName, "displayName", max: 64) }
  }
}
