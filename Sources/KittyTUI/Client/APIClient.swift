import Curl
import FoundationEssentials
import KittyShared

/// Calls the API by its endpoints. It knows HTTP, and no screens.
struct APIClient: Sendable {
  let server: ServerAddress
  private let authorities: Authorities
  private var http: HTTPClient
  /// The session's token.
  var token: String?
  /// The request id for the server's log; `nil` lets the server make one.
  var requestID: String?
  /// Notes each request; `nil` without a log.
  var log: DebugLog?
  /// Pauses before each retry of a request without a response; their count is the number of retries.
  var pauses: [Duration] = []
  /// The patience with a server that asks to come again later; `nil` reports that at once.
  var patience: Patience?

  /// - Parameter authorities: Those that may sign the certificate of the server.
  init(server: ServerAddress, token: String? = nil, authorities: Authorities = .system()) {
    self.server = server
    self.token = token
    self.authorities = authorities
    http = HTTPClient(authorities: authorities)
  }

  /// Returns the same client for responses of at most `limit` bytes.
  func accepting(_ limit: Int) -> APIClient {
    var client = self
    client.http = HTTPClient(responseLimit: limit, authorities: authorities)
    return client
  }

  /// Calls an endpoint with a JSON body.
  /// - Parameter isChange: `true` when the request may change something: then a lost response leaves its
  ///   outcome unknown.
  func call<Input: RequestBody, Output: Decodable>(
    _ endpoint: Endpoint<Input, Output>, _ path: [any CustomStringConvertible & Sendable] = [], body: Input,
    ifMatch: Int64? = nil, key: ID? = nil, isChange: Bool = true
  ) async throws(ClientFailure) -> Output {
    var request = try json(request(endpoint.route, path, []), body)
    if let ifMatch { request.headers.append(("If-Match", "\"\(ifMatch)\"")) }
    if let key { request.headers.append(("Idempotency-Key", "\(key)")) }
    let isChange = isChange && endpoint.route.access != .anyone
    let response = try await send(request, isChange: isChange)
    do { return try decode(response) } catch { throw isChange ? .uncertain(error.message) : error }
  }

  /// Calls an endpoint with a JSON body whose response has none.
  func change<Input: RequestBody>(
    _ endpoint: Endpoint<Input, Empty>, body: Input
  ) async throws(ClientFailure) {
    _ = try await send(
      try json(request(endpoint.route, [], []), body), isChange: endpoint.route.access != .anyone)
  }

  /// Creates a resource. The server replays its first response to a retry. If another body was sent under the
  /// same id before, it refuses the request: `key_reused`, or `id_taken` once the key has expired.
  func create<Input: Creation, Output: Decodable>(
    _ endpoint: Endpoint<Input, Output>, _ path: [any CustomStringConvertible & Sendable] = [],
    _ body: Input
  ) async throws(ClientFailure) -> Output {
    try await call(endpoint, path, body: body, key: body.id)
  }

  /// Calls an endpoint without a body.
  func call<Output: Decodable>(
    _ endpoint: Endpoint<Empty, Output>, _ path: [any CustomStringConvertible & Sendable] = [],
    query: [(String, String)] = []
  ) async throws(ClientFailure) -> Output {
    try decode(try await send(request(endpoint.route, path, query), isChange: endpoint.route.method != .get))
  }

  /// Calls an endpoint whose response has no body.
  func call(
    _ endpoint: Endpoint<Empty, Empty>, _ path: [any CustomStringConvertible & Sendable] = [],
    query: [(String, String)] = []
  ) async throws(ClientFailure) {
    // After a sign-out with a lost response, the next request shows if the session still exists.
    let isChange = endpoint.route != Endpoints.signOut.route
    _ = try await send(request(endpoint.route, path, query), isChange: isChange)
  }

  /// Uploads a file.
  func upload<Output: Decodable>(
    _ endpoint: Endpoint<Bytes, Output>, _ path: [any CustomStringConvertible & Sendable], file: String,
    query: [(String, String)] = [], ifMatch: Int64? = nil,
    onProgress: @escaping @Sendable (_ sent: Int64, _ total: Int64) -> Void
  ) async throws(ClientFailure) -> Output {
    var request = request(endpoint.route, path, query)
    request.body = .file(file)
    if let ifMatch { request.headers.append(("If-Match", "\"\(ifMatch)\"")) }
    request.totalSeconds = 0
    request.onProgress = onProgress
    return try decode(try await send(request))
  }

  /// The time of an import in seconds: the server answers when all of a file is written.
  static let importSeconds = 3600

  /// Sends a JSON document that is read from a file as it is sent. The same key makes a retry safe.
  func send<Input, Output: Decodable>(
    _ endpoint: Endpoint<Input, Output>, _ path: [any CustomStringConvertible & Sendable], file: String,
    key: ID, onProgress: @escaping @Sendable (_ sent: Int64, _ total: Int64) -> Void
  ) async throws(ClientFailure) -> Output {
    var request = request(endpoint.route, path, [])
    request.body = .file(file)
    request.headers += [("Content-Type", "application/json"), ("Idempotency-Key", "\(key)")]
    request.headers += ImportFile.encoding(of: .file(file))
    request.totalSeconds = 0
    request.stallSeconds = Self.importSeconds
    request.onProgress = onProgress
    let response = try await send(request, isChange: true)
    do { return try decode(response) } catch { throw .uncertain(error.message) }
  }

  /// Downloads bytes.
  func download(
    _ endpoint: Endpoint<Empty, Bytes>, _ path: [any CustomStringConvertible & Sendable],
    query: [(String, String)]
  ) async throws(ClientFailure) -> [UInt8] {
    try await send(request(endpoint.route, path, query)).body
  }

  /// Reads a list page by page, until it ends or has `limit` items.
  func all<Item>(
    _ endpoint: Endpoint<Empty, Page<Item>>, _ path: [any CustomStringConvertible & Sendable] = [],
    query: [(String, String)] = [], limit: Int
  ) async throws(ClientFailure) -> [Item] {
    var items: [Item] = []
    var cursor: String?
    repeat {
      let page = try await call(
        endpoint, path,
        query: query + [("limit", "\(PageRequest.limits.upperBound)")]
          + (cursor.map { [("cursor", $0)] } ?? []))
      items += page.items
      cursor = page.next
    } while cursor != nil && items.count < limit
    return items
  }

  /// Reads all pages of a list that comes with other fields.
  /// - Parameter read: Reads the page that the query begins, and returns its items and its `next`.
  func pages<Item>(
    _ read: ([(String, String)]) async throws(ClientFailure) -> (items: [Item], next: String?)
  ) async throws(ClientFailure) -> [Item] {
    var items: [Item] = []
    var query: [(String, String)]? = []
    while let cursor = query {
      let page = try await read(cursor)
      items += page.items
      query = page.next.map { [("cursor", $0)] }
    }
    return items
  }

  func request(
    _ route: Route, _ path: [any CustomStringConvertible & Sendable], _ query: [(String, String)]
  ) -> HTTPRequest {
    let suffix =
      query.isEmpty ? "" : "?" + query.map { "\($0)=\(QueryText.encoded($1))" }.joined(separator: "&")
    return request(
      route.method.rawValue, route.path(path) + suffix,
      accept: route.answer == .bytes ? "*/*" : "application/json")
  }

  /// - Parameter path: The path below the address of the server, with its query.
  func request(_ method: String, _ path: String, accept: String) -> HTTPRequest {
    var request = HTTPRequest(method: method, url: server.url + path)
    request.headers = [("Accept", accept), ("User-Agent", "kittycash/\(KittyCash.version)")]
    if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
    if let requestID { request.headers.append(("X-Request-Id", requestID)) }
    return request
  }

  func send(
    _ request: HTTPRequest, isChange: Bool = false
  ) async throws(ClientFailure) -> HTTPResponse {
    var response = try await attempt(request, isChange)
    var left = patience?.seconds ?? 0
    while let patience, let seconds = Patience.seconds(askedBy: response), seconds <= left {
      patience.onWait(seconds)
      do { try await Task.sleep(for: .seconds(seconds)) } catch { throw .cancelled }
      left -= seconds
      response = try await attempt(request, isChange)
    }
    guard (200..<300).contains(response.status) else {
      let failure = failure(response)
      // The words of a proxy may say that nothing was changed, which it cannot know.
      throw isChange && Self.isUncertain(response.status, failure)
        ? .uncertain("The server did not finish the request (HTTP \(response.status)).") : failure
    }
    return response
  }

  /// Sends a request once.
  private func attempt(_ request: HTTPRequest, _ isChange: Bool) async throws(ClientFailure) -> HTTPResponse {
    let response: HTTPResponse
    let start = ContinuousClock.now
    func note(_ answer: String) {
      log?.note(
        method: request.method, url: request.url, id: requestID, answer: answer, after: .now - start)
    }
    do {
      response = try await http.send(request)
      note("\(response.status), \(response.body.count) bytes")
    } catch {
      note("\(error)")
      throw ClientFailure(error, server: server.url, authorities: authorities, isChange: isChange)
    }
    return response
  }

  /// `true` when a change may have been made although the response is an error: a proxy lost its connection
  /// to the server, or the server lost its connection to the database.
  private static func isUncertain(_ status: Int, _ failure: ClientFailure) -> Bool {
    if case .problem(let problem) = failure, problem.code == "outcome_unknown" { return true }
    return [500, 502, 504].contains(status)
  }

  private func failure(_ response: HTTPResponse) -> ClientFailure {
    let isProxy = [502, 503, 504].contains(response.status)
    let away = ClientFailure.offline(
      "The server behind \(server.url) is not running (HTTP \(response.status)).")
    guard let problem = try? JSON.decode(Problem.self, from: Data(response.body)) else {
      return isProxy
        ? away
        : .unreadable(
          "\(server.url) answered with HTTP \(response.status), but it is not a KittyCash server.")
    }
    guard isProxy, problem.code != "outcome_unknown" else { return .problem(problem) }
    // The server itself answers with 503, and says why; the others are of a proxy.
    return response.status == 503 ? .offline(problem.detail) : away
  }

  func decode<Output: Decodable>(_ response: HTTPResponse) throws(ClientFailure) -> Output {
    do { return try JSON.decode(Output.self, from: Data(response.body)) } catch {
      throw .unreadable("\(server.url) sent a response that this version of the client does not understand.")
    }
  }
}
