import Curl
import FoundationEssentials
import KittyShared

/// A response, decoded and as the bytes that were received.
struct Answer<Value: Sendable>: Sendable {
  let value: Value
  let bytes: [UInt8]
}

/// Calls for commands: they keep the bytes of the response, and retry when the connection breaks.
extension APIClient {
  /// Calls an endpoint without a body.
  func answer<Output: Decodable>(
    _ endpoint: Endpoint<Empty, Output>, _ path: [any CustomStringConvertible & Sendable] = [],
    query: [(String, String)] = []
  ) async throws(ClientFailure) -> Answer<Output> {
    let response = try await sendWithRetries(
      request(endpoint.route, path, query), isChange: endpoint.route.method != .get)
    return Answer(value: try decode(response), bytes: response.body)
  }

  /// Creates an entry. Each attempt carries the same idempotency key, the id of the entry. A dry run returns a
  /// preview and saves nothing.
  func enter<Input: Creation>(
    _ endpoint: Endpoint<Input, Entered>, _ path: [any CustomStringConvertible & Sendable], _ body: Input,
    isDry: Bool
  ) async throws(ClientFailure) -> Answer<Entered> {
    var request = try json(request(endpoint.route, path, isDry ? [("dryRun", "true")] : []), body)
    if !isDry, let key = body.id { request.headers.append(("Idempotency-Key", "\(key)")) }
    let response = try await sendWithRetries(request, isChange: !isDry)
    do { return Answer(value: try decode(response), bytes: response.body) } catch {
      throw isDry ? error : .uncertain(error.message)
    }
  }

  /// Signs in.
  func signIn(_ credentials: Credentials) async throws(ClientFailure) -> Session {
    try decode(try await sendWithRetries(try json(request(Endpoints.signIn.route, [], []), credentials)))
  }

  /// Signs in with a signature of a challenge. It is sent once: a challenge works once.
  func signIn(_ input: NewKeySession) async throws(ClientFailure) -> Session {
    try decode(
      try await send(try json(request(Endpoints.signInByKey.route, [], []), input), isChange: false))
  }

  /// Replaces a file on the server. The request can be retried, since it is idempotent.
  func put<Output: Decodable>(
    _ endpoint: Endpoint<Bytes, Output>, _ path: [any CustomStringConvertible & Sendable],
    _ body: UploadBody, query: [(String, String)] = [], ifMatch: Int64? = nil
  ) async throws(ClientFailure) -> Answer<Output> {
    var request = request(endpoint.route, path, query)
    request.body = body
    if let ifMatch { request.headers.append(("If-Match", "\"\(ifMatch)\"")) }
    request.totalSeconds = 0
    let response = try await sendWithRetries(request, isChange: true)
    return Answer(value: try decode(response), bytes: response.body)
  }

  /// Imports a file into a group. The same key makes a retry safe.
  func importFile(into group: ID, _ body: UploadBody, key: ID) async throws(ClientFailure) -> Answer<
    ImportedGroup
  > {
    var request = request(Endpoints.importGroup.route, [group], [])
    request.body = body
    request.headers += [("Content-Type", "application/json"), ("Idempotency-Key", "\(key)")]
    request.headers += ImportFile.encoding(of: body)
    request.totalSeconds = 0
    request.stallSeconds = APIClient.importSeconds
    let response = try await sendWithRetries(request, isChange: true)
    do { return Answer(value: try decode(response), bytes: response.body) } catch {
      throw .uncertain(error.message)
    }
  }

  /// Imports a file of another program into a group, or previews it. Repeated, it adds nothing, so it can be retried.
  func importFile(
    _ body: UploadBody, into group: ID, query: [(String, String)], isChange: Bool,
    onProgress: (@Sendable (_ sent: Int64, _ total: Int64) -> Void)? = nil
  ) async throws(ClientFailure) -> Answer<ImportReport> {
    try await importReport(Endpoints.importFile.route, [group], body, query, isChange: isChange, onProgress)
  }

  /// Previews a file of another program as a new group.
  /// - Parameter id: The id with which the group will be made.
  func previewImport(
    _ body: UploadBody, as id: ID, query: [(String, String)],
    onProgress: (@Sendable (_ sent: Int64, _ total: Int64) -> Void)? = nil
  ) async throws(ClientFailure) -> Answer<ImportReport> {
    try await importReport(
      Endpoints.previewImport.route, [], body, query + [("group", "\(id)")], isChange: false, onProgress)
  }

  private func importReport(
    _ route: Route, _ path: [ID], _ body: UploadBody, _ query: [(String, String)], isChange: Bool,
    _ onProgress: (@Sendable (_ sent: Int64, _ total: Int64) -> Void)?
  ) async throws(ClientFailure) -> Answer<ImportReport> {
    var request = request(route, path, query)
    request.body = body
    request.headers.append(("Content-Type", "application/octet-stream"))
    request.headers += ImportFile.encoding(of: body)
    request.totalSeconds = 0
    request.stallSeconds = APIClient.importSeconds
    request.onProgress = onProgress
    let response = try await sendWithRetries(request, isChange: isChange)
    do { return Answer(value: try decode(response), bytes: response.body) } catch {
      throw isChange ? .uncertain(error.message) : error
    }
  }

  /// Downloads a file. There is no limit on the total time, only on the time without data.
  /// - Parameters:
  ///   - language: The language of the user, where the file depends on it.
  ///   - stallSeconds: The longest time without data; `nil` for that of other requests.
  func file(
    _ endpoint: Endpoint<Empty, Bytes>, _ path: [any CustomStringConvertible & Sendable],
    query: [(String, String)], language: String? = nil, stallSeconds: Int? = nil
  ) async throws(ClientFailure) -> [UInt8] {
    var request = request(endpoint.route, path, query)
    if let language { request.headers.append(("Accept-Language", language)) }
    if let stallSeconds { request.stallSeconds = stallSeconds }
    request.totalSeconds = 0
    return try await sendWithRetries(request).body
  }

  /// Sends a request that the user has written.
  /// - Parameter path: The path below the address of the server, with its query.
  /// - Returns: The body of the answer, and whether it is a text.
  func raw(
    _ method: String, _ path: String, headers: [(String, String)], body: UploadBody?
  ) async throws(ClientFailure) -> (bytes: [UInt8], isText: Bool) {
    var request = request(method, path, accept: "*/*")
    request.headers += headers.map { (name: $0.0, value: $0.1) }
    request.body = body ?? .none
    request.totalSeconds = 0
    let isChange = method != "GET"
    // Sent twice, a change without a key could be made twice.
    let isRepeatable = !isChange || headers.contains { $0.0 == "Idempotency-Key" }
    let response =
      isRepeatable
      ? try await sendWithRetries(request, isChange: isChange) : try await send(request, isChange: true)
    return (response.body, response.headers["content-type"]?.contains("json") ?? false)
  }

  /// Reads all pages of a list that the user has named, joined into one document.
  func allPages(_ path: String) async throws(ClientFailure) -> (bytes: [UInt8], isText: Bool) {
    var items: [JSONValue] = []
    var next: String?
    repeat {
      let cursor = next.map { "\(path.contains("?") ? "&" : "?")cursor=\($0)" } ?? ""
      let bytes = try await raw("GET", path + cursor, headers: [], body: nil).bytes
      do {
        let page = try JSON.decode(Page<JSONValue>.self, from: Data(bytes))
        items += page.items
        next = page.next
      } catch {
        throw .unreadable("This is no list with pages: leave --all out.")
      }
    } while next != nil
    do { return (try JSON.bytes(of: Page(items: items, next: nil)), true) } catch {
      throw .unreadable("The pages of the list cannot be joined: \(error)")
    }
  }

  /// Reads a list of at most `limit` items. A single page is returned as it was received; several pages are
  /// joined into one document of the same shape.
  func list<Item: Codable & Sendable>(
    _ endpoint: Endpoint<Empty, Page<Item>>, _ path: [any CustomStringConvertible & Sendable] = [],
    query: [(String, String)] = [], limit: Int = .max
  ) async throws(ClientFailure) -> Answer<[Item]> {
    var items: [Item] = []
    var raw: [JSONValue] = []
    var next: String?
    repeat {
      let count = min(limit - items.count, PageRequest.limits.upperBound)
      let page = try await answer(
        endpoint, path,
        query: query + [("limit", "\(count)")] + (next.map { [("cursor", $0)] } ?? []))
      if items.isEmpty, page.value.next == nil || page.value.items.count >= limit {
        return Answer(value: page.value.items, bytes: page.bytes)
      }
      items += page.value.items
      raw += try Self.items(page.bytes)
      next = page.value.next
    } while next != nil && items.count < limit
    do {
      return Answer(value: items, bytes: try JSON.bytes(of: Page(items: raw, next: next)))
    } catch {
      throw .unreadable("The pages of the list cannot be joined: \(error)")
    }
  }

  /// Reads the balances of the user in all groups. A single page is returned as it was received; several pages are joined
  /// into one document of the same shape.
  func myBalances() async throws(ClientFailure) -> Answer<MyBalances> {
    let first = try await answer(Endpoints.myBalances)
    guard let next = first.value.next else { return first }
    var groups = first.value.groups
    groups += try await pages {
      (query) throws(ClientFailure) -> (items: [MyBalances.GroupBalance], next: String?) in
      let page: MyBalances = try await answer(
        Endpoints.myBalances, query: query.isEmpty ? [("cursor", next)] : query
      ).value
      return (page.groups, page.next)
    }
    let all = MyBalances(totals: first.value.totals, groups: groups)
    do { return Answer(value: all, bytes: try JSON.bytes(of: all)) } catch {
      throw .unreadable("The pages of the list cannot be joined: \(error)")
    }
  }

  private static func items(_ bytes: [UInt8]) throws(ClientFailure) -> [JSONValue] {
    do { return try JSON.decode(Page<JSONValue>.self, from: Data(bytes)).items } catch {
      throw .unreadable("A page of the list cannot be joined with the page before it: \(error)")
    }
  }

  /// Returns a request with a JSON body.
  func json(
    _ request: HTTPRequest, _ body: some Encodable
  ) throws(ClientFailure) -> HTTPRequest {
    var request = request
    do { request.body = .bytes(try JSON.bytes(of: body)) } catch {
      throw .unreadable("The request cannot be encoded: \(error)")
    }
    request.headers.append(("Content-Type", "application/json"))
    return request
  }

  /// Sends a request, and retries it unchanged after each pause when there is no response. When an attempt
  /// leaves the outcome of a change unknown, it stays unknown if a later attempt cannot reach the server.
  private func sendWithRetries(
    _ request: HTTPRequest, isChange: Bool = false
  ) async throws(ClientFailure) -> HTTPResponse {
    var isUncertain = false
    for pause in pauses.map({ Optional($0) }) + [nil] {
      do { return try await send(request, isChange: isChange) } catch {
        if case .uncertain = error { isUncertain = true }
        guard let pause, error.isWithoutResponse else {
          throw isUncertain && error.isTransient ? .uncertain(error.message) : error
        }
        do { try await Task.sleep(for: pause) } catch {
          throw isUncertain ? .uncertain("Stopped.") : .cancelled
        }
      }
    }
    throw .cancelled
  }
}

extension ClientFailure {
  /// `true` when the server sent no response.
  fileprivate var isWithoutResponse: Bool {
    switch self {
    case .offline, .uncertain: true
    default: false
    }
  }
}

/// The content of an upload.
typealias UploadBody = HTTPRequest.Body
