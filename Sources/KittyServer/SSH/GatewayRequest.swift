import KittyShared

/// A request of an ssh gateway, which speaks for a client of sshd.
protocol GatewayRequest: KittyShared.RequestBody {
  /// The address of the client of sshd.
  var address: String? { get }
}

/// A request for what a key may do.
struct KeyLookup: GatewayRequest, Hashable {
  /// The line of the public key: its type and its base64.
  var key: String
  var address: String?

  enum CodingKeys: String, CodingKey, CaseIterable { case key, address }

  func check(_ checks: inout FieldChecks) { checks.keyLine(key) }
}

/// The answer to a lookup: what a key may do.
struct KeyState: Codable, Hashable, Sendable {
  let state: State
  /// The setting `SIGN_UP`, for a client with an unknown key.
  let signUp: String

  enum State: String, Codable, Sendable {
    /// It belongs to an account.
    case known
    /// It belongs to no account, and its owner may sign up or add it to an account.
    case unknown
    /// It must not be let in.
    case refused
  }
}

/// A request for a session of the account of a key.
struct KeyOpening: GatewayRequest, Hashable {
  var key: String
  var address: String?
  /// The digits of the authenticator app, or a recovery code; for an account with a second factor.
  var code: String?

  enum CodingKeys: String, CodingKey, CaseIterable { case key, address, code }

  func check(_ checks: inout FieldChecks) {
    checks.keyLine(key)
    if let code { checks.givenCode(code) }
  }
}

/// A request to sign up with a key, without a password.
struct KeySignUp: GatewayRequest, Hashable {
  var key: String
  var address: String?
  var name: String
  var displayName: String?
  /// The code of a sign-up invite, if the server requires one.
  var invite: String?

  enum CodingKeys: String, CodingKey, CaseIterable { case key, address, name, displayName, invite }

  mutating func compose() { displayName = displayName?.composed }

  func check(_ checks: inout FieldChecks) {
    checks.keyLine(key)
    checks.newUserName(name)
    if let displayName { checks.text(displayName, "displayName", max: 64) }
    checks.code(invite, "invite")
  }
}

/// A request to add a key to an account by its password, and to begin a session with it.
struct KeyLink: GatewayRequest, Hashable {
  var key: String
  var address: String?
  var name: String
  var password: String
  var code: String?

  enum CodingKeys: String, CodingKey, CaseIterable { case key, address, name, password, code }

  func check(_ checks: inout FieldChecks) {
    checks.keyLine(key)
    checks.userName(name)
    checks.password(password, "password")
    if let code { checks.givenCode(code) }
  }
}

/// Sessions that a gateway has begun.
struct SessionList: GatewayRequest, Codable, Hashable {
  /// At most 10,000.
  var sessions: [ID]

  var address: String? { nil }

  enum CodingKeys: String, CodingKey, CaseIterable { case sessions }

  func check(_ checks: inout FieldChecks) {
    checks.require(sessions.count <= 10_000, "sessions", "too_many", "Name at most 10,000 sessions.")
  }
}

extension FieldChecks {
  fileprivate mutating func keyLine(_ key: String) {
    require(
      (1...16_384).contains(key.utf8.count), "key", "key_length", "Send the type and the base64 of a key.")
  }
}
