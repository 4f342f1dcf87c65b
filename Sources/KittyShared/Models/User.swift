/// A user of the server.
package struct User: Codable, Hashable, Sendable {
  /// The account's id.
  package let id: ID
  /// The name to sign in with: lower case.
  package let name: String
  /// The name that others see.
  package let displayName: String
  /// The e-mail address for password resets; only the user can see it.
  package let email: String?
  /// The instant at which the address was confirmed; `nil` before, and without an address.
  package let emailConfirmedAt: Instant?
  /// The default currency of new groups.
  package let defaultCurrency: Currency?
  /// The time zone's name in the IANA database, such as `Europe/Berlin`.
  package let timeZone: String?
  /// `false` for an account that signs in with keys of ssh only; `nil` from an older server.
  package let hasPassword: Bool?
  /// The profile photo.
  package let photo: Photo?
  /// The instant of creation.
  package let createdAt: Instant
  /// Grows with each change; the `ETag`.
  package let version: Int64

  package init(
    id: ID, name: String, displayName: String, email: String? = nil, emailConfirmedAt: Instant? = nil,
    defaultCurrency: Currency? = nil, timeZone: String? = nil, hasPassword: Bool? = true, photo: Photo?,
    createdAt: Instant,
    version: Int64 = 1
  ) {
    self.id = id
    self.name = name
    self.displayName = displayName
    self.email = email
    self.emailConfirmedAt = emailConfirmedAt
    self.defaultCurrency = defaultCurrency
    self.timeZone = timeZone
    self.hasPassword = hasPassword
    self.photo = photo
    self.createdAt = createdAt
    self.version = version
  }
}

/// A request to sign up.
package struct NewUser: RequestBody, Hashable {
  /// The id, if the client makes it.
  package var id: ID?
  /// The name to sign in with: 2 to 32 letters of a–z, digits, `.`, `_` or `-`. Upper case becomes lower.
  package var name: String
  /// 8 to 256 characters.
  package var password: String
  /// The name that others see; `name` when omitted. At most 64 characters.
  package var displayName: String?
  /// The code of a sign-up invite, if the server requires one. Otherwise it is ignored.
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
    checks.newUserName(name)
    checks.newPassword(password, "password")
    if let displayName { checks.text(displayName, "displayName", max: 64) }
    checks.code(invite, "invite")
  }
}

/// A request to change the user's account; omitted fields stay unchanged.
package struct UserChange: RequestBody, Hashable {
  /// A new name that others see: at most 64 characters.
  package var displayName: String?
  /// A new e-mail address; `null` removes it. Requires `password`, since the address can reset it.
  package var email: Patch<String> = .keep
  /// The default currency of new groups; `null` removes it.
  package var defaultCurrency: Patch<Currency> = .keep
  /// A name of the IANA time zone database; `null` removes it.
  package var timeZone: Patch<String> = .keep
  /// The current password, required to change `email`; omitted by an account without one.
  package var password: String?

  package enum CodingKeys: String, CodingKey, CaseIterable {
    case displayName, email, defaultCurrency, timeZone, password
  }

  /// The fields that `null` removes.
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
    checks.currentPassword(password, "password")
  }
}
