/// The key and scope with which a request is signed for Amazon Web Services (signature version 4).
package struct AWSSignature: Sendable {
  /// Region of the service, such as `eu-central-1`.
  package var region: String
  /// Name of the service, such as `s3`.
  package var service: String
  /// Id of the access key.
  package var accessKey: String
  /// The access key itself; it is never sent.
  package var secretKey: String
  /// Only for a key that is valid for some hours.
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
