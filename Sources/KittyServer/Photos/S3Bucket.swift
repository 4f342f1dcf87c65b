import Curl
import FoundationEssentials
import KittyShared
import Sodium
import Synchronization
import SystemPackage

/// Photos in a bucket of Amazon S3, or of a store that speaks its language: `PREFIX/ab/abcd….large.jpg` and so on.
///
/// A photo is fetched whole before the first byte of it is served: a store that fails half way is a 503, not half a
/// picture. Every request has a time limit, what fails in passing is tried again twice, and only so many are under way.
struct S3Bucket: PhotoStorage {
  private let place: S3Location
  private let profile: AWSCredentials
  private let http: HTTPClient
  private let waiting = ConcurrencyLimiter(limit: 64)
  private let health = Health()

  /// How long one attempt may take: seconds.
  private let timeout: Int
  private static let attempts = 3

  /// How it was when it was looked at last.
  private final class Health: Sendable {
    let last = Mutex<(healthProblem: String?, until: ContinuousClock.Instant)?>(nil)
  }

  /// - Parameter maxBytes: How large an upload may be.
  init(_ place: S3Location, _ profile: AWSCredentials, maxBytes: Int, timeout: Int = 15) {
    // Lists and variants have some megabytes at most.
    http = HTTPClient(responseLimit: max(maxBytes, 64 << 20))
    self.timeout = timeout
    self.place = place
    self.profile = profile
  }

  func put(_ hash: String, _ variant: PhotoVariant, file: String) async throws {
    let answer = try await send("PUT", key(hash, variant), file: file, type: variant.contentType)
    try require(answer, [200], "keep a photo")
  }

  func read(_ hash: String, _ variant: PhotoVariant) async throws -> [UInt8]? {
    let answer = try await send("GET", key(hash, variant))
    // Without the right to list the bucket, S3 says 403 for what is not there; then a human has to look.
    if isMissing(answer) { return nil }
    try require(answer, [200], "read a photo")
    return answer.body
  }

  func file(_ hash: String, _ variant: PhotoVariant) -> String? { nil }

  func remove(_ hash: String, untouchedFor age: Duration) async throws -> Bool {
    let objects = try await list(folder(hash) + hash + ".", after: nil).objects
    let limit = Instant.now.advanced(by: .zero - age)
    guard objects.allSatisfy({ $0.changedAt <= limit }) else { return false }
    for object in objects {
      try require(try await send("DELETE", object.key), [200, 204, 404], "remove a photo")
    }
    return true
  }

  func variants() async throws -> [String: Set<PhotoVariant>] {
    var found: [String: Set<PhotoVariant>] = [:]
    var token: String?
    repeat {
      let page = try await list(place.prefix, after: token)
      for object in page.objects {
        Self.note(object.key.split(separator: "/").last ?? "", in: &found)
      }
      token = page.next
    } while token != nil
    return found
  }

  func stage(_ upload: ID, file: String) async throws {
    let answer = try await send("PUT", staged(upload), file: file, type: "application/octet-stream")
    try require(answer, [200], "stage an upload")
  }

  func fetch(_ upload: ID, into file: String) async throws -> Bool {
    let answer = try await send("GET", staged(upload))
    if isMissing(answer) { return false }
    try require(answer, [200], "fetch an upload")
    do { try Data(answer.body).write(to: URL(filePath: file)) } catch {
      throw PhotoStorageFailure(description: "cannot write \(file): \(error)")
    }
    return true
  }

  func unstage(_ upload: ID) async throws {
    try require(try await send("DELETE", staged(upload)), [200, 204, 404], "remove an upload")
  }

  func removeStaged(before age: Duration) async throws {
    let limit = Instant.now.advanced(by: .zero - age)
    for object in try await list(place.prefix + "uploads/", after: nil).objects where object.changedAt < limit
    {
      try require(try await send("DELETE", object.key), [200, 204, 404], "remove an upload")
    }
  }

  private func staged(_ upload: ID) -> String { "\(place.prefix)uploads/\(upload)" }

  /// VersionedCache for ten seconds: every monitor asks for it.
  func healthProblem() async -> String? {
    if let last = health.last.withLock({ $0 }), last.until > .now { return last.healthProblem }
    var healthProblem: String?
    do { _ = try await list(place.prefix, after: nil, limit: 1, attempts: 1, timeout: 3) } catch {
      healthProblem = "\(error)"
    }
    let found = healthProblem
    health.last.withLock { $0 = (found, .now + .seconds(10)) }
    return healthProblem
  }

  private func folder(_ hash: String) -> String { "\(place.prefix)\(hash.prefix(2))/" }

  private func key(_ hash: String, _ variant: PhotoVariant) -> String {
    "\(folder(hash))\(hash).\(variant.fileName)"
  }

  private func list(
    _ prefix: String, after token: String?, limit: Int = 1000, attempts: Int = Self.attempts,
    timeout: Int? = nil
  ) async throws -> S3Listing {
    // Sorted by name, as the signature wants them.
    var query = token.map { "continuation-token=\(S3Listing.escape($0))&" } ?? ""
    query += "list-type=2&max-keys=\(limit)&prefix=\(S3Listing.escape(prefix))"
    let answer = try await send("GET", "?" + query, attempts: attempts, timeout: timeout)
    try require(answer, [200], "list photos")
    guard let listing = S3Listing(text(answer)) else {
      throw PhotoStorageFailure(
        description: "\(place.base) answers with something that is no list of objects")
    }
    return listing
  }

  /// The SHA-256 hash of a file, read in parts.
  private func fingerprint(_ file: String) throws -> [UInt8] {
    var hash = SHA256()
    do {
      let descriptor = try FileDescriptor.open(FilePath(file), .readOnly)
      try descriptor.closeAfter {
        while case let bytes = try descriptor.read(upTo: 1 << 16), !bytes.isEmpty { hash.update(bytes) }
      }
    } catch { throw PhotoStorageFailure(description: "cannot read \(file): \(error)") }
    return hash.finish()
  }

  /// - Parameter file: What is sent; it is never in memory as a whole.
  private func send(
    _ method: String, _ path: String, file: String? = nil, type: String? = nil,
    attempts: Int = Self.attempts, timeout: Int? = nil
  ) async throws -> HTTPResponse {
    guard waiting.tryAcquire() else {
      throw PhotoStorageFailure(description: "too many requests wait for \(place.base)")
    }
    defer { waiting.release() }
    let key = try profile.key()
    var request = HTTPRequest(method: method, url: place.base + path)
    request.totalSeconds = timeout ?? self.timeout
    request.signature = AWSSignature(
      region: place.region, service: "s3", accessKey: key.id, secretKey: key.secret,
      sessionToken: key.sessionToken)
    // The store compares what arrived with what was signed.
    request.headers = [("x-amz-content-sha256", hex(try file.map(fingerprint) ?? SHA256.hash([])))]
    if let type { request.headers.append(("Content-Type", type)) }
    if let file { request.body = .file(file) }
    var attempt = 1
    while true {
      let outcome: Result<HTTPResponse, HTTPFailure>
      do throws(HTTPFailure) { outcome = .success(try await http.send(request)) } catch {
        outcome = .failure(error)
      }
      let isPassing =
        switch outcome {
        case .success(let answer): answer.status >= 500 || answer.status == 429
        case .failure(let why): why.isPassing
        }
      if !isPassing || attempt >= attempts {
        do { return try outcome.get() } catch {
          throw PhotoStorageFailure(description: "\(place.base) cannot be reached: \(error)")
        }
      }
      // 0.2 s, then 0.4 s, and up to as much again, so that copies of the server do not come back at once.
      let pause = 100 << attempt
      try await Task.sleep(for: .milliseconds(pause + Int.random(in: 0...pause)))
      attempt += 1
    }
  }

  /// Whether the bucket is there, and the object is not.
  private func isMissing(_ answer: HTTPResponse) -> Bool {
    answer.status == 404 && !text(answer).contains("NoSuchBucket")
  }

  private func text(_ answer: HTTPResponse) -> String { String(decoding: answer.body, as: UTF8.self) }

  private func require(_ answer: HTTPResponse, _ statuses: [Int], _ what: String) throws {
    guard !statuses.contains(answer.status) else { return }
    let code = S3Listing.element("Code", in: text(answer)[...]).map { " \($0)" } ?? ""
    let advice =
      switch answer.status {
      case 301: ". The bucket is in another region"
      case 403: ". Look at the key, its rights on the bucket, and the region"
      default: ""
      }
    throw PhotoStorageFailure(
      description: "cannot \(what): \(place.base) answers \(answer.status)\(code)\(advice)")
  }
}

extension HTTPFailure {
  /// Whether the next attempt may succeed.
  fileprivate var isPassing: Bool {
    switch self {
    case .cannotConnect, .timedOut, .interrupted, .cannotResolve: true
    case .invalidURL, .tls, .tooLarge, .unreadableFile, .cancelled: false
    }
  }
}
