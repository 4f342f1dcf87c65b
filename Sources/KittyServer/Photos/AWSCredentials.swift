import Curl
import KittyShared

/// The source of the key to a bucket, in the order of Amazon's own tools:
///
/// 1. `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`,
/// 2. `AWS_WEB_IDENTITY_TOKEN_FILE` (`WebIdentity`),
/// 3. the files of the AWS CLI (`AWSProfile`),
/// 4. `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or `…_FULL_URI` (`ContainerCredentials`),
/// 5. the role of the instance (`InstanceMetadata`).
///
/// The first source that is configured is used, and its failure is reported: another source would have other rights.
struct AWSCredentials: Sendable {
  /// An access key. Its description has no secret.
  struct Key: Sendable, Equatable, CustomStringConvertible {
    var id: String
    var secret: String
    /// Only for a key that is valid for some hours.
    var sessionToken: String?

    var description: String { "the key \(id)" }
  }

  private enum Source: Sendable {
    case variables(Key)
    case invalid(PhotoStorageFailure)
    case webIdentity(TemporaryKeys)
    /// The files, and the role of the container or instance when they have no key.
    case files(AWSProfile, role: TemporaryKeys)
  }

  private let source: Source

  /// - Parameters:
  ///   - region: The region of the bucket, for a web identity without a region of its own.
  ///   - clock: The clock by which temporary keys expire.
  init(
    environment: [String: String], region: String? = nil,
    clock: @escaping @Sendable () -> Instant = { .now }
  ) {
    let variables = AWSVariables(environment)
    let profile = AWSProfile(variables)
    let http = HTTPClient(responseLimit: 64 << 10)
    switch (variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]) {
    case (let id?, let secret?):
      source = .variables(Key(id: id, secret: secret, sessionToken: variables["AWS_SESSION_TOKEN"]))
      return
    case (nil, nil): break
    default:
      source = .invalid(
        PhotoStorageFailure(
          description: """
            Only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set. Set both, or none for another source of the key.
            """))
      return
    }
    if let identity = WebIdentity(variables, region: profile.region ?? region, http) {
      source = .webIdentity(TemporaryKeys(clock: clock) { try await identity.key() })
    } else if let container = ContainerCredentials(variables, http) {
      source = .files(profile, role: TemporaryKeys(clock: clock) { try await container.key() })
    } else {
      let instance = InstanceMetadata(variables, http)
      let role = TemporaryKeys(clock: clock) {
        do { return try await instance.key() } catch {
          throw PhotoStorageFailure(
            description: """
              No key to the bucket was found. AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set; \(profile.absence); \
              AWS_WEB_IDENTITY_TOKEN_FILE and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set. \(error)
              """)
        }
      }
      source = .files(profile, role: role)
    }
  }

  /// Returns the key to sign with.
  /// - Throws: `PhotoStorageFailure` that names the source without a key, and what to do.
  func key() async throws -> Key {
    switch source {
    case .variables(let key): return key
    case .invalid(let failure): throw failure
    case .webIdentity(let keys): return try await keys.key()
    case .files(let profile, let role):
      if let key = try profile.key() { return key }
      return try await role.key()
    }
  }
}
