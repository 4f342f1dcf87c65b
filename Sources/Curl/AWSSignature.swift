/// What a request is signed with, in the way of Amazon Web Services (signature version 4).
package struct AWSSignature: Sendable {
  /// The region and the service that the signature is for, such as `eu-central-1` and `s3`.
  package var region: String
  /// See `region`.
  package var service: String
  /// Which key signs.
  package var accessKey: String
  /// The key itself; it is never sent.
  package var secretKey: String
  /// Belongs to a key that is valid for some hours only.
  package var sessionToken: String?

  package init(
    region: String, service: String, accessKey: String, secretKey: String, sessionToken: String? = nil
  ) {
    self.region = region
    self.service = service
    self.accessKey = accessKey
    self.secretKey = secretKey
    self.sessionToken = sessionToken
  }
}
