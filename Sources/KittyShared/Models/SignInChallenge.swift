/// A text that a client signs with the key of a user, to sign in. It works once.
package struct SignInChallenge: Codable, Hashable, Sendable {
  /// The text; the line `challenge:` of what is signed.
  package let challenge: String
  /// The instant after which it is refused.
  package let expiresAt: Instant

  package init(challenge: String, expiresAt: Instant) {
    self.challenge = challenge
    self.expiresAt = expiresAt
  }

  /// The namespace of the signature (PROTOCOL.sshsig of OpenSSH): one for another purpose is refused.
  package static let namespace = "kittycash"

  /// Returns the text that is signed. It names the server, so that another server cannot pass a challenge on.
  /// - Parameters:
  ///   - host: The name or address of the server, as the client has it, without a port.
  ///   - name: The name of the account.
  package static func message(host: String, name: String, challenge: String) -> String {
    """
    kittycash sign-in
    host: \(host.lowercased())
    name: \(name.lowercased())
    challenge: \(challenge)

    """
  }

  /// Returns the host of an authority: without its port.
  package static func host(of authority: String) -> String {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
      return String(authority[...end])
    }
    return String(authority.prefix { $0 != ":" })
  }
}

/// A request to sign in with a signature.
package struct NewKeySession: RequestBody, Hashable {
  /// The account's name.
  package var name: String
  /// The text of a challenge.
  package var challenge: String
  /// The signature of `SignInChallenge.message`, as `ssh-keygen -Y sign -n kittycash` prints it.
  package var signature: String
  /// The digits of the authenticator app, or a recovery code; for an account with a second factor, unless the key is that
  /// of a security key.
  package var code: String?
  /// The device's name for the list of sessions: at most 128 characters; the `User-Agent` when omitted.
  package var device: String?

  package enum CodingKeys: String, CodingKey, CaseIterable { case name, challenge, signature, code, device }

  package init(
    name: String, challenge: String, signature: String, code: String? = nil, device: String? = nil
  ) {
    self.name = name
    self.challenge = challenge
    self.signature = signature
    self.code = code
    self.device = device
  }

  /// Bounds the sizes. The server verifies name and signature.
  package func check(_ checks: inout FieldChecks) {
    checks.userName(name)
    checks.code(challenge, "challenge")
    checks.require(
      (1...16_384).contains(signature.utf8.count), "signature", "signature_length",
      "Write the signature that ssh-keygen -Y sign printed, with its first and last line.")
    if let code { checks.givenCode(code) }
    if let device { checks.text(device, "device", max: OpenSession.maxDevice) }
  }
}
