import Curl
import FoundationEssentials
import KittyShared
import POSIX
import Sodium
import Synchronization
import SystemPackage

/// Photos in a bucket of Amazon S3, or of a compatible object store: `PREFIX/ab/abcd….large.jpg` and so on.
///
/// A photo is read as a whole before its first byte is served: a store that fails half way causes a 503, not half a
/// picture. Each request has a time limit, transient failures are retried twice, and 64 requests may run at the same
/// time.
struct S3Bucket: PhotoStorage {
  private let location: S3Location
  private let credentials: AWSCredentials
  private let http: HTTPClient
  private let limiter = ConcurrencyLimiter(limit: 64)
  private let health = Health()

  /// Time limit of one attempt, in seconds.
  private let timeout: Int
  private static let attempts = 3

  /// The result of the last health check.
  private final class Health: Sendable {
    let last = Mutex<(healthProblem: String?, until: ContinuousClock.Instant)?>(nil)
  }

  /// - Parameter maxBytes: Size limit of an upload.
  init(_ location: S3Location, _ credentials: AWSCredentials, maxBytes: Int, timeout: Int = 15) {
    // Lists and variants have a few megabytes at most.
    http = HTTPClient(responseLimit: max(maxBytes, 64 << 20))
    self.timeout = timeout
    self.location = location
    self.credentials = credentials
  }

  func put(_ hash: String, _ variant: StoredVariant, file: String) async throws {
    let response = try await send("PUT", key(hash, variant), file: file, type: variant.contentType)
    try require(response, [200], "store a photo")
  }

  func read(_ hash: String, _ variant: StoredVariant) async throws -> [UInt8]? {
    let response = try await send("GET", key(hash, variant))
    // Without the right to list the bucket, S3 responds 403 for a missing object. That is a failure for the log.
    if isMissing(response) { return nil }
    try require(response, [200], "read a photo")
    return response.body
  }

  func file(_ hash: String, _ variant: StoredVariant) -> String? { nil }

  func remove(_ hash: String, _ kind: StoredVariant.Kind, untouchedFor age: Duration) async throws -> Bool {
    let keys = Set(kind.variants.map { key(hash, $0) })
    let objects = try await list(folder(hash) + hash + ".", after: nil).objects.filter {
      keys.contains($0.key)
    }
    let limit = Instant.now.advanced(by: .zero - age)
    guard objects.allSatisfy({ $0.changedAt <= limit }) else { return false }
    for object in objects {
      try require(try await send("DELETE", object.key), [200, 204, 404], "remove a photo")
    }
    return true
  }

  func variants() async throws -> [String: Set<StoredVariant>] {
    var found: [String: Set<StoredVariant>] = [:]
    var token: String?
    repeat {
      let page = try await list(location.prefix, after: token)
      for object in page.objects {
        Self.add(fileNamed: object.key.split(separator: "/").last ?? "", to: &found)
      }
      token = page.next
    } while token != nil
    return found
  }

  func stage(_ upload: ID, file: String) async throws {
    let response = try await send("PUT", staged(upload), file: file, type: "application/octet-stream")
    try require(response, [200], "stage an upload")
  }

  func fetchStaged(_ upload: ID, into file: String) async throws -> Bool {
    let response = try await send("GET", staged(upload))
    if isMissing(response) { return false }
    try require(response, [200], "fetch an upload")
    do { try Data(response.body).write(to: URL(filePath: file)) } catch {
      throw PhotoStorageFailure(description: "cannot write \(file): \(error)")
    }
    return true
  }

  func unstage(_ upload: ID) async throws {
    try require(try await send("DELETE", staged(upload)), [200, 204, 404], "remove an upload")
  }

  func removeStaged(olderThan age: Duration) async throws {
    let limit = Instant.now.advanced(by: .zero - age)
    for object in try await list(location.prefix + "uploads/", after: nil).objects
    where object.changedAt < limit {
      try require(try await send("DELETE", object.key), [200, 204, 404], "remove an upload")
    }
  }

  private func staged(_ upload: ID) -> String { "\(location.prefix)uploads/\(upload)" }

  /// Cached for ten seconds, since every monitor asks for it.
  func healthProblem() async -> String? {
    if let last = health.last.withLock({ $0 }), last.until > .now { return last.healthProblem }
    var healthProblem: String?
    do { _ = try await list(location.prefix, after: nil, limit: 1, attempts: 1, timeout: 3) } catch {
      healthProblem = "\(error)"
    }
    let found = healthProblem
    health.last.withLock { $0 = (found, .now + .seconds(10)) }
    return healthProblem
  }

  private func folder(_ hash: String) -> String { "\(location.prefix)\(hash.prefix(2))/" }

  private func key(_ hash: String, _ variant: StoredVariant) -> String {
    "\(folder(hash))\(hash).\(variant.fileName)"
  }

  private func list(
    _ prefix: String, after token: String?, limit: Int = 1000, attempts: Int = Self.attempts,
    timeout: Int? = nil
  ) async throws -> S3Listing {
    // Sorted by name, as the signature wants them.
    var query = token.map { "continuation-token=\(S3Listing.escape($0))&" } ?? ""
    query += "list-type=2&max-keys=\(limit)&prefix=\(S3Listing.escape(prefix))"
    let response = try await send("GET", "?" + query, attempts: attempts, timeout: timeout)
    try require(response, [200], "list photos")
    guard let listing = S3Listing(text(response)) else {
      throw PhotoStorageFailure(
        description: "the response of \(location.base) is not a list of objects")
    }
    return listing
  }

  /// Returns the SHA-256 hash of a file, which is read in parts.
  private func hash(ofFile file: String) throws -> [UInt8] {
    var hash = SHA256()
    do {
      let descriptor = try FileDescriptor.open(FilePath(file), .readOnly)
      try descriptor.closeAfter {
        while case let bytes = try descriptor.read(upTo: 1 << 16), !bytes.isEmpty { hash.update(bytes) }
      }
    } catch { throw PhotoStorageFailure(description: "cannot read \(file): \(error)") }
    return hash.finish()
  }

  /// Sends a request, and retries transient failures.
  /// - Parameter file: The body. It is never in memory as a whole.
  private func send(
    _ method: String, _ path: String, file: String? = nil, type: String? = nil,
    attempts: Int = Self.attempts, timeout: Int? = nil
  ) async throws -> HTTPResponse {
    guard limiter.tryAcquire() else {
      throw PhotoStorageFailure(description: "too many requests are waiting for \(location.base)")
    }
    defer { limiter.release() }
    let key = try await credentials.key()
    var request = HTTPRequest(method: method, url: location.base + path)
    request.totalSeconds = timeout ?? self.timeout
    request.signature = AWSSignature(
      region: location.region, service: "s3", accessKey: key.id, secretKey: key.secret,
      sessionToken: key.sessionToken)
    // The store compares this hash with the body that arrives.
    request.headers = [("x-amz-content-sha256", hex(try file.map(hash(ofFile:)) ?? SHA256.hash([])))]
    if let type { request.headers.append(("Content-Type", type)) }
    if let file { request.body = .file(file) }
    do { return try await http.send(request, attempts: attempts, pause: 200) } catch {
      throw PhotoStorageFailure(description: "\(location.base) cannot be reached: \(error)")
    }
  }

  /// `true` if the bucket exists and the object does not.
  private func isMissing(_ response: HTTPResponse) -> Bool {
    response.status == 404 && !text(response).contains("NoSuchBucket")
  }

  private func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

  private func require(_ response: HTTPResponse, _ statuses: [Int], _ what: String) throws {
    guard !statuses.contains(response.status) else { return }
    let code = S3Listing.element("Code", in: text(response)[...]).map { " \($0)" } ?? ""
    let advice =
      switch response.status {
      case 301: ". The bucket is in another region"
      case 403: ". Check the key, its permissions for the bucket, and the region"
      default: ""
      }
    throw PhotoStorageFailure(
      description: "cannot \(what): \(location.base) responded \(response.status)\(code)\(advice)")
  }
}
