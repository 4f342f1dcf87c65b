/// Whether signing in needs a code beside the password.
public struct SecondFactor: Codable, Hashable, Sendable {
  /// Whether it does.
  public let enabled: Bool
  /// Since when.
  public let enabledAt: Instant?
  /// How many of the recovery codes are not used yet.
  public let recoveryCodesLeft: Int

  /// Makes one.
  public init(enabledAt: Instant?, recoveryCodesLeft: Int) {
    enabled = enabledAt != nil
    self.enabledAt = enabledAt
    self.recoveryCodesLeft = recoveryCodesLeft
  }
}

/// A request for the secret of a second factor. The password proves that it is not somebody who found the
/// session open: the factor would lock the owner out.
public struct NewSecondFactor: RequestBody, Hashable {
  /// The account's password.
  public var password: String

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case password }

  /// Makes one.
  public init(password: String) { self.password = password }

  /// Checks all fields.
  public func check(_ checks: inout FieldChecks) { checks.givenPassword(password) }
}

/// What an authenticator app needs: six digits, every 30 seconds, by HMAC-SHA-1 (RFC 6238).
public struct PendingSecondFactor: Codable, Hashable, Sendable {
  /// The secret in base 32, to be typed.
  public let secret: String
  /// The same and more as an `otpauth:` URI, to be shown as a QR code.
  public let uri: String

  /// Makes one.
  public init(secret: String, uri: String) {
    self.secret = secret
    self.uri = uri
  }
}

/// A request to turn the second factor on.
public struct SecondFactorConfirmation: RequestBody, Hashable {
  /// The six digits that the app shows.
  public var code: String

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case code }

  /// Makes one.
  public init(code: String) { self.code = code }

  /// Checks all fields.
  public func check(_ checks: inout FieldChecks) { checks.givenCode(code) }
}

/// Codes that stand in for the app when it is lost, each once.
public struct RecoveryCodes: Codable, Hashable, Sendable {
  /// The codes. Shown this once.
  public let recoveryCodes: [String]

  /// Makes them.
  public init(recoveryCodes: [String]) { self.recoveryCodes = recoveryCodes }
}

/// A request to turn the second factor off.
public struct SecondFactorRemoval: RequestBody, Hashable {
  /// The account's password.
  public var password: String
  /// The digits of the app, or a recovery code.
  public var code: String

  /// The fields.
  public enum CodingKeys: String, CodingKey, CaseIterable { case password, code }

  /// Makes one.
  public init(password: String, code: String) {
    self.password = password
    self.code = code
  }

  /// Checks all fields.
  public func check(_ checks: inout FieldChecks) {
    checks.givenPassword(password)
    checks.givenCode(code)
  }
}
