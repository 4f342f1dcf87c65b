import Curl
import Foundation
import KittyShared
import Logging
import ServiceLifecycle
import Testing

@testable import KittyServer

/// A complete server in this process, on a free port, with its own database.
struct TestServer: Sendable {
  let dependencies: Dependencies
  let url: String
  let folder: String
  private let http = HTTPClient()

  /// The folder and database of a server, on which another server can be started.
  struct DataLocation: Sendable {
    let folder: String
    let databaseURL: String?

    init(on backend: Backend) async throws {
      folder = NSTemporaryDirectory() + "kitty-test-" + ID(at: .now).description
      databaseURL = try await backend.freshURL()
    }

    /// Uses an existing database.
    init(databaseURL: String?) {
      folder = NSTemporaryDirectory() + "kitty-test-" + ID(at: .now).description
      self.databaseURL = databaseURL
    }

    /// Opens the database, without a schema.
    func openDatabase() throws -> any Database {
      if let databaseURL { return PostgresDatabase(url: databaseURL) }
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return try SQLiteDatabase(path: "\(folder)/kitty.db")
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
  }

  /// No options. Reading them takes longer than starting the rest of a server.
  private static let flags = Result { try Settings.Flags.parse([]) }

  /// Starts a server on an empty database, calls `body`, and stops the server in any case.
  static func run(
    on backend: Backend, redis: String? = nil, converter: PhotoConverterProcess = .beside,
    clock: @escaping @Sendable () -> Instant = { .now }, settings: [String: String] = [:],
    logger: Logger = .silent, adjust: (inout Settings) -> Void = { _ in },
    _ body: (TestServer) async throws -> Void
  ) async throws {
    let location = try await DataLocation(on: backend)
    defer { location.remove() }
    try await run(
      at: location, redis: redis, converter: converter, clock: clock, settings: settings, logger: logger,
      adjust: adjust, body)
  }

  /// Starts a server on existing data, calls `body`, and stops the server in any case.
  static func run(
    at location: DataLocation, redis: String? = nil, converter: PhotoConverterProcess = .beside,
    clock: @escaping @Sendable () -> Instant = { .now }, settings: [String: String] = [:],
    logger: Logger = .silent, adjust: (inout Settings) -> Void = { _ in },
    _ body: (TestServer) async throws -> Void
  ) async throws {
    // Limits are off unless a test sets them: tests send many requests, all from one address.
    var environment = [
      "DATA_DIR": location.folder, "PORT": "0", "PHOTO_MAX_BYTES": "3000000", "RATE_LIMIT": "off",
      "SIGN_UP_LIMIT": "off", "SIGN_IN_LIMIT": "off",
    ].merging(settings) { $1 }
    environment["DATABASE_URL"] = location.databaseURL
    environment["REDIS_URL"] = redis
    var settings = try await Settings(flags: flags.get(), environment: environment)
    // So that a stale value is found by a test: it would not expire.
    settings.cacheSettling = .zero
    // A database that is busy with other tests answers late.
    settings.statementTimeLimit = .seconds(120)
    adjust(&settings)
    let dependencies = try await Dependencies(settings, logger: logger, converter: converter, clock: clock)
    try await dependencies.migrate()
    let (ports, report) = AsyncStream.makeStream(of: Int.self)
    let application = dependencies.buildApplication { report.yield($0) }
    // Photos are converted at once; other jobs are run by the test itself, step by step.
    var worker = dependencies.worker()
    worker.queues = settings.worker == .inline ? [.photos, .photos] : []
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: worker, successTerminationBehavior: .ignore), .init(service: application)],
        logger: logger))
    let running = Task {
      // Without a port, when the server did not start.
      defer { report.finish() }
      try await group.run()
    }
    var iterator = ports.makeAsyncIterator()
    guard let port = await iterator.next() else {
      try await running.value
      Issue.record("the server ended before it listened")
      return
    }
    let server = TestServer(
      dependencies: dependencies, url: "http://127.0.0.1:\(port)", folder: location.folder)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
    await group.triggerGracefulShutdown()
    try await running.value
    await dependencies.close()
    try outcome.get()
  }

  /// Sends a request.
  func send(
    _ method: String, _ path: String, token: String? = nil, body: HTTPRequest.Body = .none,
    headers: [(String, String)] = []
  ) async throws -> Answer {
    var request = HTTPRequest.patient(method, url + path)
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

  /// Gets a path outside of the API, without recording the exchange.
  func fetch(_ path: String) async throws -> Answer {
    Answer(try await http.send(.patient("GET", url + path)))
  }

  /// Sends a request with a JSON body.
  func send(
    _ method: String, _ path: String, token: String? = nil, json: String, headers: [(String, String)] = []
  ) async throws -> Answer {
    try await send(
      method, path, token: token, body: .bytes(Array(json.utf8)),
      headers: headers + [("Content-Type", "application/json")])
  }

  /// Signs a user up and in.
  /// - Returns: The token of the session.
  func signUp(_ name: String = "anna") async throws -> String {
    let json = #"{"name": "\#(name)", "password": "a long password"}"#
    let created = try await send("POST", "/v1/users", json: json)
    try #require(created.status == 201, "\(created.text)")
    return try await signIn(name)
  }

  /// Signs in a user who has signed up.
  /// - Returns: The token of the session.
  func signIn(_ name: String = "anna") async throws -> String {
    let json = #"{"name": "\#(name)", "password": "a long password"}"#
    return try await send("POST", "/v1/sessions", json: json).decode(Session.self).token
  }

  /// Creates a group with its owner and some guests.
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

extension PhotoConverterProcess {
  /// The converter that was built with these tests.
  static let beside = PhotoConverterProcess(
    program: Bundle.main.bundleURL.appending(path: "kittycash-photo").path)
}
