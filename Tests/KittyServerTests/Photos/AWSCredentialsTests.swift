import Curl
import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Keys of instances, containers and pods.
@Suite struct AWSCredentialsTests {
  private let hash = String(repeating: "cd34", count: 16)

  /// Writes a file of one test and returns its path.
  private func file(_ text: String) throws -> String {
    let path = NSTemporaryDirectory() + "kitty-token-\(ID(at: .now))"
    try Data(text.utf8).write(to: URL(filePath: path))
    return path
  }

  /// Expects that there is no key, for a reason with these words and without a secret.
  private func expectNoKey(_ environment: [String: String], _ words: String) async {
    do {
      let key = try await AWSCredentials(environment: environment).key()
      Issue.record("\(words): there is \(key)")
    } catch {
      #expect("\(error)".contains(words), "\(error)")
      #expect(!"\(error)".contains(FakeS3.secret) && !"\(error)".contains("hidden"), "\(error)")
    }
  }

  @Test func photosAreStoredWithRoleOfInstance() async throws {
    try await FakeMetadata.run { metadata in
      try await FakeS3.run(token: "session-1") { bucket in
        let path = try file("a photo")
        defer { try? FileManager.default.removeItem(atPath: path) }
        let changes = metadata.instance.merging([
          "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "",
        ]) { $1 }
        let storage = try bucket.storage(changes)
        // Many uploads at the same time, before there is a key: one request for it.
        try await withThrowingTaskGroup(of: Void.self) { group in
          for variant in StoredVariant.ofPhoto {
            for _ in 0..<8 { group.addTask { try await storage.put(hash, variant, file: path) } }
          }
          try await group.waitForAll()
        }
        #expect(try await storage.read(hash, .large) == Array("a photo".utf8))
        #expect(await storage.healthProblem() == nil)
        #expect(
          try await metadata.control() == [
            FakeMetadata.token: 1, FakeMetadata.roles: 1,
            FakeMetadata.key: 1,
          ])
      }
    }
  }

  @Test func keyIsReplacedBeforeItExpires() async throws {
    try await FakeMetadata.run { metadata in
      let clock = TestClock()
      try await metadata.control(#"{"lifetime": 3600}"#)
      let credentials = AWSCredentials(environment: metadata.instance, clock: { clock.now })
      #expect(try await credentials.key().sessionToken == "session-1")
      clock.advance(by: .seconds(54 * 60))
      #expect(try await credentials.key().sessionToken == "session-1")
      #expect(try await metadata.keyRequests() == 1)
      // Less than five minutes are left: the valid key is used, while one request for the next one runs.
      clock.advance(by: .seconds(2 * 60))
      #expect(try await credentials.key().sessionToken == "session-1")
      try await until { try await credentials.key().sessionToken == "session-2" }
      #expect(try await metadata.keyRequests() == 2)
      // The key is no longer valid: fifty callers wait for one request.
      clock.advance(by: .seconds(2 * 3600))
      let tokens = try await withThrowingTaskGroup(of: String?.self) { group in
        for _ in 0..<50 { group.addTask { try await credentials.key().sessionToken } }
        return try await group.reduce(into: Set<String?>()) { $0.insert($1) }
      }
      #expect(tokens == ["session-3"])
      #expect(try await metadata.keyRequests() == 3)
    }
  }

  @Test func validKeyOutlivesFailureOfItsSource() async throws {
    try await FakeMetadata.run { metadata in
      let clock = TestClock()
      try await metadata.control(#"{"lifetime": 3600}"#)
      let credentials = AWSCredentials(environment: metadata.instance, clock: { clock.now })
      #expect(try await credentials.key().sessionToken == "session-1")
      try await metadata.control(#"{"answers": {"\#(FakeMetadata.token)": [403, ""]}}"#)
      clock.advance(by: .seconds(56 * 60))
      #expect(try await credentials.key().sessionToken == "session-1")
      let asked = FakeMetadata.token
      try await until { try await metadata.control()[asked] == 2 }
      // The clock passes the expiry of the key, and the time before the next attempt with it.
      clock.advance(by: .seconds(5 * 60))
      for _ in 0..<20 {
        await #expect(throws: PhotoStorageFailure.self) { try await credentials.key() }
      }
      // One more attempt at most for twenty callers: the first failure may have been noted before or after.
      let count = try #require(try await metadata.control()[asked])
      #expect((2...3).contains(count))
      try await metadata.control(#"{"answers": {}}"#)
      await #expect(throws: PhotoStorageFailure.self) { try await credentials.key() }
      clock.advance(by: .seconds(6))
      #expect(try await credentials.key().sessionToken == "session-2")
    }
  }

  @Test(
    arguments: [
      (FakeMetadata.token, 403, "hidden", "--http-endpoint enabled"),
      (FakeMetadata.token, 404, "hidden", "it is not IMDSv2"),
      (FakeMetadata.token, 503, "", "(503)"),
      (FakeMetadata.token, 200, "hidden\r\nX: y", "a token that cannot be used"),
      (FakeMetadata.token, 200, "stale", "responded 401"),
      (FakeMetadata.roles, 404, "", "The instance has no role"),
      (FakeMetadata.roles, 200, "", "no name of a role"),
      (FakeMetadata.roles, 200, "../../hidden?", "no name of a role"),
      (FakeMetadata.key, 404, "", "Attach the role"),
      (FakeMetadata.key, 200, "<p>hidden", "no JSON object"),
      (
        FakeMetadata.key, 200, #"{"Code": "AssumeRoleUnauthorizedAccess"}"#,
        "AssumeRoleUnauthorizedAccess"
      ),
      (FakeMetadata.key, 200, #"{"SecretAccessKey": "hidden"}"#, "without a key"),
      (
        FakeMetadata.key, 200,
        #"{"AccessKeyId": "A", "SecretAccessKey": "hidden", "Expiration": "soon"}"#, "unknown form of expiry"
      ),
      (
        FakeMetadata.key, 200,
        #"{"AccessKeyId": "A", "SecretAccessKey": "hidden", "Token": "a\nb"}"#, "without a key"
      ),
    ] as [(String, Int, String, String)])
  func wrongAnswerOfInstanceIsNamed(request: String, status: Int, body: String, words: String) async throws {
    try await FakeMetadata.run { metadata in
      let answers: [String: Any] = ["answers": [request: [status, body] as [Any]]]
      try await metadata.control(
        String(decoding: try JSONSerialization.data(withJSONObject: answers), as: UTF8.self))
      await expectNoKey(metadata.instance, words)
    }
  }

  @Test func slowInstanceIsAskedAgain() async throws {
    try await FakeMetadata.run { metadata in
      try await metadata.control(#"{"hang": 1}"#)
      #expect(try await AWSCredentials(environment: metadata.instance).key().sessionToken == "session-1")
      try await metadata.control(#"{"hang": 1000}"#)
      let start = ContinuousClock.now
      await expectNoKey(metadata.instance, "--http-put-response-hop-limit 2")
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(try await metadata.control()[FakeMetadata.token] == 5)
    }
  }

  @Test func containerGivesKeyForItsToken() async throws {
    try await FakeMetadata.run { metadata in
      try await metadata.control(#"{"authorization": "Bearer one"}"#)
      let url = [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": metadata.address + "/v2/credentials", "HOME": "/nonexistent",
      ]
      func with(_ name: String, _ value: String) -> [String: String] { url.merging([name: value]) { $1 } }
      let token = with("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer one")
      #expect(try await AWSCredentials(environment: token).key().sessionToken == "session-1")
      // The file precedes the variable, and is read for each request: EKS replaces the token.
      let path = try file("Bearer one\n")
      defer { try? FileManager.default.removeItem(atPath: path) }
      let clock = TestClock()
      let credentials = AWSCredentials(
        environment: with("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", path).merging(
          ["AWS_CONTAINER_AUTHORIZATION_TOKEN": "other"]
        ) { $1 }, clock: { clock.now })
      #expect(try await credentials.key().sessionToken == "session-2")
      try await metadata.control(#"{"authorization": "Bearer two"}"#)
      try Data("Bearer two".utf8).write(to: URL(filePath: path))
      clock.advance(by: .seconds(7 * 3600))
      #expect(try await credentials.key().sessionToken == "session-3")
      await expectNoKey(token, "AWS_CONTAINER_AUTHORIZATION_TOKEN")
      await expectNoKey(with("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden\r\nX: y"), "a token of one line")
      await expectNoKey(with("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/none"), "/none, which")
      // The role of the instance does not replace that of the container.
      try await metadata.control(#"{"answers": {"GET /v2/credentials": [404, "hidden"]}}"#)
      await expectNoKey(token.merging(metadata.instance) { $1 }, "responded 404")
      #expect(try await metadata.control()[FakeMetadata.token] == nil)
    }
  }

  @Test func tokenOfContainerIsSentToItsServiceAlone() throws {
    func url(_ name: String, _ value: String) throws -> String? {
      try ContainerCredentials(AWSVariables([name: value]), HTTPClient())?.url.get()
    }
    let (relative, full) = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
    #expect(try url(relative, "/v2/credentials/1f") == "http://169.254.170.2/v2/credentials/1f")
    #expect(try url("AWS_PROFILE", "x") == nil)
    for good in [
      "http://169.254.170.2/x", "http://169.254.170.23/v1/credentials",
      "http://[fd00:ec2::23]/v1/credentials",
      "http://localhost:8080/x", "http://127.0.0.1/x", "http://127.9.8.7:80/x", "http://[::1]:80/x",
      "https://keys.example.org/x",
    ] {
      #expect(try url(full, good) == good)
    }
    for bad in [
      "http://keys.example.org/x", "http://127.example.org/x", "http://127.0.0.1.example.org/x",
      "http://127.0.0.1@example.org/x", "http://example.org#@127.0.0.1/x", "http://169.254.169.254/x",
      "http://127.0.0.256/x", "http://[::2]/x", "ftp://127.0.0.1/x", "127.0.0.1/x", "http:///x",
      "http://127.0.0.1\\@example.org/x", "http://127.0.0.1/\r\nX: y", "file:///etc/passwd",
    ] {
      #expect(throws: PhotoStorageFailure.self, "\(bad)") { try url(full, bad) }
    }
    for bad in ["v2/credentials", "@example.org/x", "/x\r\nY: z", "/x y"] {
      #expect(throws: PhotoStorageFailure.self, "\(bad)") { try url(relative, bad) }
    }
  }

  @Test func webIdentityIsExchangedForKey() async throws {
    try await FakeMetadata.run { metadata in
      try await metadata.control(#"{"identity": "a.b+c/d=", "lifetime": 3600}"#)
      let path = try file("a.b+c/d=\n")
      defer { try? FileManager.default.removeItem(atPath: path) }
      let pod = [
        "AWS_WEB_IDENTITY_TOKEN_FILE": path, "AWS_ROLE_ARN": "arn:aws:iam::1:role/photos",
        "AWS_ENDPOINT_URL_STS": metadata.address, "HOME": "/nonexistent",
      ]
      let key = AWSCredentials.Key(id: "AKIDEXAMPLE", secret: FakeS3.secret, sessionToken: "session-1")
      #expect(try await AWSCredentials(environment: pod).key() == key)
      await expectNoKey(pod.merging(["AWS_ROLE_ARN": ""]) { $1 }, "AWS_ROLE_ARN is not")
      await expectNoKey(pod.merging(["AWS_ENDPOINT_URL_STS": ""]) { $1 }, "AWS_REGION is not")
      await expectNoKey(pod.merging(["AWS_WEB_IDENTITY_TOKEN_FILE": "/none"]) { $1 }, "/none, which")
      try Data("hidden".utf8).write(to: URL(filePath: path))
      await expectNoKey(pod, "responded 400 InvalidIdentityToken")
      try await metadata.control(#"{"answers": {"POST /": [200, "<AccessKeyId>hidden</AccessKeyId>"]}}"#)
      await expectNoKey(pod, "without a key")
    }
  }

  @Test func sourceNamedFirstPrecedesRole() async throws {
    try await FakeMetadata.run { metadata in
      let variables = ["AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "hidden"]
      let key = try await AWSCredentials(environment: metadata.instance.merging(variables) { $1 }).key()
      #expect(key.id == "A" && key.sessionToken == nil)
      #expect(!"\(key)".contains("hidden"))
      let path = try file("[default]\naws_access_key_id = B\naws_secret_access_key = hidden\n")
      defer { try? FileManager.default.removeItem(atPath: path) }
      let files = metadata.instance.merging(["AWS_SHARED_CREDENTIALS_FILE": path]) { $1 }
      #expect(try await AWSCredentials(environment: files).key().id == "B")
      // A half of a key, a profile without a key and an unreadable file are mistakes, not wishes for a role.
      await expectNoKey(metadata.instance.merging(["AWS_ACCESS_KEY_ID": "A"]) { $1 }, "Set both")
      await expectNoKey(files.merging(["AWS_PROFILE": "other"]) { $1 }, "no key for the profile \"other\"")
      await expectNoKey(
        metadata.instance.merging(["AWS_SHARED_CREDENTIALS_FILE": "/tmp"]) { $1 }, "/tmp cannot be read")
      await expectNoKey(
        metadata.instance.merging(["AWS_EC2_METADATA_DISABLED": "TRUE"]) { $1 },
        "AWS_EC2_METADATA_DISABLED is true")
      await expectNoKey(
        metadata.instance.merging(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "169.254.169.254"]) { $1 },
        "AWS_EC2_METADATA_SERVICE_ENDPOINT is no address")
      #expect(try await metadata.control().isEmpty)
      // An instance whose files have no key uses its role.
      try Data("[other]\n".utf8).write(to: URL(filePath: path))
      #expect(try await AWSCredentials(environment: files).key().sessionToken == "session-1")
    }
  }

  @Test func regionComesFromInstanceWhenNothingElseNamesIt() async throws {
    try await FakeMetadata.run { metadata in
      func location(_ url: String, _ more: [String: String] = [:]) async throws -> S3Location? {
        let environment = metadata.instance.merging(more) { $1 }.merging(["PHOTOS_URL": url]) { $1 }
        return try await Settings(flags: Settings.Flags.parse([]), environment: environment).photos?.location
      }
      #expect(try await location("s3://flat?region=eu-west-1")?.region == "eu-west-1")
      #expect(try await location("s3://flat", ["AWS_REGION": "eu-west-2"])?.region == "eu-west-2")
      #expect(try await metadata.control().isEmpty)
      #expect(try await location("s3://flat/a")?.base == "https://flat.s3.eu-north-1.amazonaws.com/")
      try await metadata.control(
        #"{"answers": {"GET /latest/meta-data/placement/region": [200, "eu north"]}}"#)
      let invalid = await #expect(throws: Settings.Invalid.self) { try await location("s3://flat") }
      #expect(invalid?.name == "PHOTOS_URL" && invalid?.why.contains("AWS_REGION") == true)
      #expect(invalid?.why.contains("no name of a region") == true)
    }
  }
}
