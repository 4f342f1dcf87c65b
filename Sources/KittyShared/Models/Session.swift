/// A session that lasts until it is ended or expires.
package struct Session: Codable, Hashable, Sendable {
  /// The session's id.
  package let id: ID
  /// The secret to send as `Authorization: Bearer …`. Only this response contains it.
  package let token: String
  /// The instant of expiry.
  package let expiresAt: Instant
  /// The secret to send with the next sign-in of this user on this device; `nil` from an older server. It opens nothing,
  /// but the wrong passwords of others do not hold that sign-in up.
  package let deviceToken: String?
  /// The user.
  package let user: User

  package init(id: ID, token: String, expiresAt: Instant, deviceToken: String?, user: User) {
    self.id = id
    self.token = token
    self.expiresAt = expiresAt
    self.deviceToken = deviceToken
    self.user = user
  }
}

/// An open session in the list of the user's sessions.
package struct OpenSession: Codable, Hashable, Sendable {
  /// The session's id.
  package let id: ID
  /// The device of the sign-in; `nil` if the client sent none.
  package let device: String?
  /// True for the session of this request.
  package let current: Bool
  /// The instant of the sign-in.
  package let createdAt: Instant
  /// The instant of the last use, up to five minutes late.
  package let lastUsedAt: Instant
  /// The instant of expiry.
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

  /// Maximum length of a device's name in characters.
  package static let maxDevice = 128

  /// Makes a device's name from an unchecked text: without controls, words separated by one space, cut to
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
  /// The device's name for the list of sessions: at most 128 characters; the `User-Agent` when omitted.
  package var device: String?
  /// The device token of an earlier sign-in of this user. One that is not known any more does no harm.
  package var deviceToken: String?

  package enum CodingKeys: String, CodingKey, CaseIterable { case name, password, code, device, deviceToken }

  package init(
    name: String, password: String, code: String? = nil, device: String? = nil, deviceToken: String? = nil
  ) {
    self.name = name
    self.password = password
    self.code = code
    self.device = device
    self.deviceToken = deviceToken
  }

  /// Bounds the sizes. The server verifies name and password.
  package func check(_ checks: inout FieldChecks) {
    checks.userName(name)
    checks.password(password, "password")
    if let code { checks.givenCode(code) }
    if let device { checks.text(device, "device", max: OpenSession.maxDevice) }
    checks.code(deviceToken, "deviceToken")
  }
}

extension FieldChecks {
  /// Checks that a text can be the name of an account.
  package mutating func userName(_ name: String) {
    require(
      (1...32).contains(name.unicodeScalars.count) && name.utf8.allSatisfy { $0 >= 0x20 }, "name",
      "not_a_user_name", "Write your user name.")
  }

  /// Checks the length of a code.
  package mutating func givenCode(_ code: String) {
    require(
      (1...64).contains(code.utf8.count), "code", "code_length",
      "Write the six digits of your authenticator app, or a recovery code.")
  }
}
