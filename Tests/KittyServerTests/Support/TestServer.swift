import Curl
import Foundation
import KittyShared
import Logging
import ServiceLifecycle
import Testing

@testable import KittyServer

/// A whole server in this process, on a free port, with a database of its own.
struct TestServer: Sendable {
  let dependencies: Dependencies
  let url: String
  let folder: String
  private let http = HTTPClient()

  /// Where a server keeps its data: another one can be started on it.
  struct DataLocation: Sendable {
    let folder: String
    let databaseURL: String?

    init(on backend: Backend) async throws {
      folder = NSTemporaryDirectory() + "kitty-test-" + ID(at: .now).description
      databaseURL = try await backend.freshURL()
    }

    /// For a database that is there already.
    init(databaseURL: String?) {
      folder = NSTemporaryDirectory() + "kitty-test-" + ID(at: .now).description
      self.databaseURL = databaseURL
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
  }

  /// Starts a server on fresh data, hands it to `body`, and stops it whatever happens.
  static func run(
    on backend: Backend, redis: String? = nil, converter: PhotoConverterProcess = .beside,
    clock: @escaping @Sendable () -> Instant = { .now }, settings: [String: String] = [:],
    adjust: (inout Settings) -> Void = { _ in },
    _ body: (TestServer) async throws -> Void
  ) async throws {
    let place = try await DataLocation(on: backend)
    defer { place.remove() }
    try await run(
      at: place, redis: redis, converter: converter, clock: clock, settings: settings, adjust: adjust, body)
  }

  /// Starts a server on the data of a place, hands it to `body`, and stops it whatever happens.
  static func run(
    at place: DataLocation, redis: String? = nil, converter: PhotoConverterProcess = .beside,
    clock: @escaping @Sendable () -> Instant = { .now }, settings: [String: String] = [:],
    adjust: (inout Settings) -> Void = { _ in },
    _ body: (TestServer) async throws -> Void
  ) async throws {
    // Nothing is limited but where that is the matter: tests are busy, and all from one address.
    var environment = [
      "DATA_DIR": place.folder, "PORT": "0", "PHOTO_MAX_BYTES": "3000000", "RATE_LIMIT": "off",
      "SIGN_UP_LIMIT": "off", "SIGN_IN_LIMIT": "off",
    ].merging(settings) { $1 }
    environment["DATABASE_URL"] = place.databaseURL
    environment["REDIS_URL"] = redis
    var settings = try await Settings(flags: Settings.Flags.parse([]), environment: environment)
    adjust(&settings)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let dependencies = try await Dependencies(settings, logger: logger, converter: converter, clock: clock)
    try await dependencies.migrate()
    let (ports, report) = AsyncStream.makeStream(of: Int.self)
    let application = dependencies.buildApplication { report.yield($0) }
    // Photos are converted as they come; what else there is to do, a test does itself, step by step.
    var worker = dependencies.worker()
    worker.queues = settings.worker == .inline ? [.photos, .photos] : []
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: worker, successTerminationBehavior: .ignore), .init(service: application)],
        logger: logger))
    let running = Task { try await group.run() }
    var iterator = ports.makeAsyncIterator()
    let port = try #require(await iterator.next())
    let server = TestServer(dependencies: dependencies, url: "http://127.0.0.1:\(port)", folder: place.folder)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
    await group.triggerGracefulShutdown()
    try await running.value
    await dependencies.close()
    try outcome.get()
  }

  /// Sends a request as it is.
  func send(
    _ method: String, _ path: String, token: String? = nil, body: HTTPRequest.Body = .none,
    headers: [(String, String)] = []
  ) async throws -> Answer {
    var request = HTTPRequest(method: method, url: url + path)
    request.headers = headers.map { (name: $0.0, value: $0.1) }
    if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
    request.body = body
    let answer = Answer(try await http.send(request))
    var sent: [UInt8] = []
    if case .bytes(let bytes) = body { sent = bytes }
    ExchangeRecorder.record(method, path, headers: headers, body: sent, answer: answer)
    return answer
  }

  /// The same server at another address.
  func other(url: String) -> TestServer { TestServer(dependencies: dependencies, url: url, folder: folder) }

  /// Gets what is not of the API, and not written down as an exchange of it.
  func fetch(_ path: String) async throws -> Answer {
    Answer(try await http.send(HTTPRequest(method: "GET", url: url + path)))
  }

  /// Sends JSON.
  func send(
    _ method: String, _ path: String, token: String? = nil, json: String, headers: [(String, String)] = []
  ) async throws -> Answer {
    try await send(
      method, path, token: token, body: .bytes(Array(json.utf8)),
      headers: headers + [("Content-Type", "application/json")])
  }

  /// Signs somebody up and in.
  func signUp(_ name: String = "anna") async throws -> String {
    let json = #"{"name": "\#(name)", "password": "a long password"}"#
    let created = try await send("POST", "/v1/users", json: json)
    try #require(created.status == 201, "\(created.text)")
    return try await signIn(name)
  }

  /// Signs somebody in who has signed up.
  func signIn(_ name: String = "anna") async throws -> String {
    let json = #"{"name": "\#(name)", "password": "a long password"}"#
    return try await send("POST", "/v1/sessions", json: json).decode(Session.self).token
  }

  /// Makes a group with its owner and some guests.
  func makeGroup(
    _ token: String, guests: [String] = ["Bob", "Carl"], currency: String = "EUR"
  ) async throws -> (group: Group, members: [Member]) {
    let created = try await send(
      "POST", "/v1/groups", token: token, json: #"{"name": "Flat", "currency": "\#(currency)"}"#)
    let group = try created.decode(Group.self)
    for guest in guests {
      let added = try await send(
        "POST", "/v1/groups/\(group.id)/members", token: token, json: #"{"name": "\#(guest)"}"#)
      try #require(added.status == 201, "\(added.text)")
    }
    let members = try await send("GET", "/v1/groups/\(group.id)/members", token: token).decode(
      Page<Member>.self)
    return (group, members.items)
  }

  func balances(_ group: ID, _ token: String) async throws -> [Balance] {
    try await send("GET", "/v1/groups/\(group)/balances", token: token).decode(Balances.self).balances
  }
}

extension Balance {
  /// The member; `nil` for the kitty.
  var member: ID? { account.member }
}

/// What a server answered.
struct Answer: Sendable {
  let response: HTTPResponse
  init(_ response: HTTPResponse) { self.response = response }

  var status: Int { response.status }
  var text: String { String(decoding: response.body, as: UTF8.self) }
  func header(_ name: String) -> String? { response.headers[name.lowercased()] }

  func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    do { return try JSON.decode(type, from: Data(response.body)) } catch {
      Issue.record("\(status): \(text)")
      throw error
    }
  }

  /// The problem, after a look at what every problem has.
  func problem() throws -> Problem {
    #expect(header("Content-Type") == Problem.contentType)
    let problem = try decode(Problem.self)
    #expect(problem.status == status)
    #expect(problem.requestId == header("X-Request-Id"))
    #expect(problem.type == "urn:problem:kittycash:" + problem.code)
    #expect(!problem.title.isEmpty && !problem.detail.isEmpty)
    return problem
  }
}

extension PhotoConverterProcess {
  /// The converter of the server that was built with these tests.
  static let beside = PhotoConverterProcess(
    program: Bundle.main.bundleURL.appending(path: "kittycash-photo").path)
}
