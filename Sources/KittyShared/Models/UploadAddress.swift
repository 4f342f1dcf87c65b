/// A request for an address to which a photo can be sent once, without a session: from a phone, for example.
package struct NewUpload: RequestBody, Hashable {
  /// The group whose photo it becomes; the photo of the caller when omitted.
  package var group: ID?

  package enum CodingKeys: String, CodingKey, CaseIterable { case group }

  package init(group: ID? = nil) { self.group = group }

  /// Checks nothing: the server looks the group up.
  package func check(_ checks: inout FieldChecks) {}
}

/// An address to which a photo can be sent once.
package struct UploadAddress: Codable, Hashable, Sendable {
  /// A page that sends a picture, with the secret behind its `#`, where no log has it.
  package let url: String
  /// The secret, for `PUT /v1/uploads` with `Authorization: Bearer …`. Only this response has it.
  package let token: String
  /// The instant of expiry.
  package let expiresAt: Instant

  package init(url: String, token: String, expiresAt: Instant) {
    self.url = url
    self.token = token
    self.expiresAt = expiresAt
  }
}
