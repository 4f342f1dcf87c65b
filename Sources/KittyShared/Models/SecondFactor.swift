/// The state of the second factor of a user.
package struct SecondFactor: Codable, Hashable, Sendable {
  /// True if sign-in requires a code in addition to the password.
  package let enabled: Bool
  /// The instant since which it is enabled.
  package let enabledAt: Instant?
  /// The number of unused recovery codes.
  package let recoveryCodesLeft: Int

  package init(enabledAt: Instant?, recoveryCodesLeft: Int) {
    enabled = enabledAt != nil
    self.enabledAt = enabledAt
    self.recoveryCodesLeft = recoveryCodesLeft
  }
}

/// A request for the secret of a second factor. It requires the password, or a session that a
/// key of ssh began within the hour: a stolen session must not lock out the owner.
package struct NewSecondFactor: RequestBody, Hashable {
  /// The account's password; omitted by an account without one.
  package var password: String?

  package enum CodingKeys: String, CodingKey, CaseIterable { case password }

  package init(password: String? = nil) { self.password = password }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) { checks.currentPassword(password, "password") }
}

/// The secret for an authenticator app: six digits, every 30 seconds, by HMAC-SHA-1 (RFC 6238).
package struct PendingSecondFactor: Codable, Hashable, Sendable {
  /// The secret in base 32, to be typed.
  package let secret: String
  /// The same and more as an `otpauth:` URI, to be shown as a QR code.
  package let uri: String

  package init(secret: String, uri: String) {
    self.secret = secret
    self.uri = uri
  }
}

/// A request to turn the second factor on.
package struct SecondFactorConfirmation: RequestBody, Hashable {
  /// The six digits that the app shows.
  package var code: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case code }

  package init(code: String) { self.code = code }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) { checks.givenCode(code) }
}

/// Codes that stand in for the app when it is lost, each once.
package struct RecoveryCodes: Codable, Hashable, Sendable {
  /// The codes. Shown this once.
  package let recoveryCodes: [String]

  package init(recoveryCodes: [String]) { self.recoveryCodes = recoveryCodes }
}

/// A request to turn the second factor off.
package struct SecondFactorRemoval: RequestBody, Hashable {
  /// The account's password; omitted by an account without one.
  package var password: String?
  /// The digits of the app, or a recovery code.
  package var code: String

  package enum CodingKeys: String, CodingKey, CaseIterable { case password, code }

  package init(password: String? = nil, code: String) {
    self.password = password
    self.code = code
  }

  /// Checks all fields.
  package func check(_ checks: inout FieldChecks) {
    checks.currentPassword(password, "password")
    checks.givenCode(code)
  }
}
