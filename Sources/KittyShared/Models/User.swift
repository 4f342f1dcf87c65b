/// A person with an account.
package struct User: Codable, Hashable, Sendable {
  /// The account's id.
  package let id: ID
  /// The name to sign in with: lower case.
  package let name: String
  /// The name that others see.
  package let displayName: String
  /// Where a forgotten password can be replaced; nobody else sees it.
  package let email: String?
  /// The currency of groups that they make, unless they name another.
  package let defaultCurrency: Currency?
  /// Where they live, by its name in the IANA time zone database, such as `Europe/Berlin`.
  package let timeZone: String?
  /// The profile photo.
  package let photo: Photo?
  /// When the account was made.
  package let createdAt: Instant
  /// Grows with each change; the `ETag`.
  package let version: Int64

  package init(
    id: ID, name: String, displayName: String, email: String? = nil, defaultCurrency: Currency? = nil,
    timeZone: String? = nil, photo: Photo?, createdAt: Instant, version: Int64 = 1
  ) {
    self.id = id
    self.name = name
    self.displayName = displayName
    self.email = email
    self.defaultCurrency = defaultCurrency
    self.timeZone = timeZone
    self.photo = photo
    self.createdAt = createdAt
    self.version = version
  }
}

/// A request to sign up.
package struct NewUser: RequestBody, Hashable {
  /// The id, when the client makes it.
  package var id: ID?
  /// The name to sign in with: 2 to 32 letters of a–z, digits, `.`, `_` or `-`. Upper case becomes lower.
  package var name: String
  /// 8 to 256 characters.
  package var password: String
  /// The name that others see; `name` when left out. At most 64 characters.
  package var displayName: String?
  /// The code of an invite, where the server takes nobody without one. Elsewhere it is not looked at.
  package var invite: String?

  package enum CodingKeys: String, CodingKey, CaseIterable { case id, name, password, displayName, invite }

  package init(
    id: ID? = nil, name: String, password: String, displayName: String? = nil, invite: String? = nil
  ) {
    self.id = id
    self.name = name
    self.password = password
    self.displayName = displayName
    self.invite = invite
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.newID(id)
    // By bytes, before anything is made of them: some other letters are "k" or "i" in lower case.
    let allowed = name.utf8.allSatisfy {
      (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0) || [0x2e, 0x5f, 0x2d].contains($0)
    }
    checks.require(
      allowed && (2...32).contains(name.utf8.count), "name", "not_a_user_name",
      "Use 2 to 32 letters a-z, digits, \".\", \"_\" or \"-\".")
    checks.newPassword(password, "password")
    if let displayName { checks.text(displayName, "displayName", max: 64) }
    checks.code(invite, "invite")
  }
}

/// A request to change one's own account; what is left out stays.
package struct UserChange: RequestBody, Hashable {
  /// A new name that others see: at most 64 characters.
  package var displayName: String?
  /// A new address; `null` takes it away. Needs `password`, since who has the address can replace a password.
  package var email: Patch<String> = .keep
  /// The currency of groups that they make; `null` takes it away.
  package var defaultCurrency: Patch<Currency> = .keep
  /// A name of the IANA time zone database; `null` takes it away.
  package var timeZone: Patch<String> = .keep
  /// The present password, needed for a change of `email`.
  package var password: String?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case displayName, email, defaultCurrency, timeZone, password
  }

  /// What `null` takes away.
  package static var nullable: [CodingKeys] { [.email, .defaultCurrency, .timeZone] }

  package init(
    displayName: String? = nil, email: Patch<String> = .keep, defaultCurrency: Patch<Currency> = .keep,
    timeZone: Patch<String> = .keep, password: String? = nil
  ) {
    self.displayName = displayName
    self.email = email
    self.defaultCurrency = defaultCurrency
    self.timeZone = timeZone
    self.password = password
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      self != UserChange(password: password), "displayName", "nothing_to_change",
      "Send a new displayName, email, defaultCurrency or timeZone.")
    if let displayName { checks.text(displayName, "displayName", max: 64) }
    if case .set(let email) = email { checks.email(email, "email") }
    if case .set(let timeZone) = timeZone { checks.timeZone(timeZone, "timeZone") }
    if let password { checks.password(password, "password") }
    checks.require(
      email == .keep || password != nil, "password", "password_needed",
      "Send your present password to change the address.")
  }
}
