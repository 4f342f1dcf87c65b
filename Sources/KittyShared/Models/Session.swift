/// A sign-in that lasts until it is ended or expires.
package struct Session: Codable, Hashable, Sendable {
  /// The session's id.
  package let id: ID
  /// The secret to send as `Authorization: Bearer …`. Shown this once.
  package let token: String
  /// When it stops being valid.
  package let expiresAt: Instant
  /// Whose it is.
  package let user: User

  package init(id: ID, token: String, expiresAt: Instant, user: User) {
    self.id = id
    self.token = token
    self.expiresAt = expiresAt
    self.user = user
  }
}

/// One of the places in which somebody is signed in.
package struct OpenSession: Codable, Hashable, Sendable {
  /// The session's id.
  package let id: ID
  /// What it was begun with, as that called itself; `nil` when it did not.
  package let device: String?
  /// Whether it is the one that asks.
  package let current: Bool
  /// When it was begun.
  package let createdAt: Instant
  /// When it was last used; up to five minutes old.
  package let lastUsedAt: Instant
  /// When it stops being valid.
  package let expiresAt: Instant

  package init(
    id: ID, device: String?, current: Bool, createdAt: Instant, lastUsedAt: Instant, expiresAt: Instant
  ) {
    self.id = id
    self.device = device
    self.current = current
    self.createdAt = createdAt
    self.lastUsedAt = lastUsedAt
    self.expiresAt = expiresAt
  }

  /// How many characters a device's name has at most.
  package static let maxDevice = 128

  /// A device's name made of a text that nobody checked: without controls, its words one space apart, cut to
  /// `maxDevice` characters; `nil` when nothing is left to read.
  package static func device(from text: String) -> String? {
    let scalars = text.unicodeScalars.map { $0.isInvisibleControl ? " " : $0 }
    let words = scalars.split(whereSeparator: \.properties.isWhitespace)
    var name = String.UnicodeScalarView(words.joined(separator: [" "]).prefix(maxDevice))
    if name.last == " " { name.removeLast() }
    var checks = FieldChecks()
    checks.text(String(name), "device", max: maxDevice)
    return checks.errors.isEmpty ? String(name) : nil
  }
}

/// A request to sign in.
package struct NewSession: RequestBody, Hashable {
  /// The account's name.
  package var name: String
  /// Its password.
  package var password: String
  /// The digits of the authenticator app, or a recovery code; for an account with a second factor.
  package var code: String?
  /// What the list of sessions is to call this one: at most 128 characters; the `User-Agent` when left out.
  package var device: String?

  package enum CodingKeys: String, CodingKey, CaseIterable { case name, password, code, device }

  package init(name: String, password: String, code: String? = nil, device: String? = nil) {
    self.name = name
    self.password = password
    self.code = code
    self.device = device
  }

  /// Whether they belong together is for the server to say; here only their size is bounded.
  package func check(_ checks: inout FieldChecks) {
    checks.require(
      (1...32).contains(name.unicodeScalars.count) && name.utf8.allSatisfy { $0 >= 0x20 }, "name",
      "not_a_user_name", "Write your user name.")
    checks.password(password, "password")
    if let code { checks.givenCode(code) }
    if let device { checks.text(device, "device", max: OpenSession.maxDevice) }
  }
}

extension FieldChecks {
  /// Bounds a password that is compared, not chosen.
  mutating func givenPassword(_ password: String) {
    self.password(password, "password")
  }

  /// Bounds a code that is compared.
  mutating func givenCode(_ code: String) {
    require(
      (1...64).contains(code.utf8.count), "code", "code_length",
      "Write the six digits of your authenticator app, or a recovery code.")
  }
}
