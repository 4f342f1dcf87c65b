import Curl
import FoundationEssentials
import KittyShared

/// What was answered, as a value and as the bytes that came.
struct Answer<Value: Sendable>: Sendable {
  let value: Value
  let bytes: [UInt8]
}

/// Calls for commands: they keep what the server sent, and repeat what a broken connection may have lost.
extension APIClient {
  /// Reads an answer.
  func answer<Output: Decodable>(
    _ endpoint: Endpoint<Empty, Output>, _ path: [any CustomStringConvertible & Sendable] = [],
    query: [(String, String)] = []
  ) async throws(ClientFailure) -> Answer<Output> {
    let response = try await repeated(
      request(endpoint.route, path, query), isChange: endpoint.route.method != .get)
    return Answer(value: try decode(response), bytes: response.body)
  }

  /// Makes something new; each try carries the same key, the new thing's id. A dry run asks what it would be.
  func enter<Input: Creation>(
    _ endpoint: Endpoint<Input, Entered>, _ path: [any CustomStringConvertible & Sendable], _ body: Input,
    isDry: Bool
  ) async throws(ClientFailure) -> Answer<Entered> {
    var request = try json(request(endpoint.route, path, isDry ? [("dryRun", "true")] : []), body)
    if !isDry, let key = body.id { request.headers.append(("Idempotency-Key", "\(key)")) }
    let response = try await repeated(request, isChange: !isDry)
    do { return Answer(value: try decode(response), bytes: response.body) } catch {
      throw isDry ? error : .uncertain(error.message)
    }
  }

  /// Signs in.
  func signIn(_ credentials: Credentials) async throws(ClientFailure) -> Session {
    try decode(try await repeated(try json(request(Endpoints.signIn.route, [], []), credentials)))
  }

  /// Sends bytes that replace what there was; so they can be sent again.
  func put<Output: Decodable>(
    _ endpoint: Endpoint<Bytes, Output>, _ path: [any CustomStringConvertible & Sendable],
    _ body: HTTPRequest.Body
  ) async throws(ClientFailure) -> Answer<Output> {
    var request = request(endpoint.route, path, [])
    request.body = body
    request.totalSeconds = 0
    let response = try await repeated(request, isChange: true)
    return Answer(value: try decode(response), bytes: response.body)
  }

  /// Reads a file, however long it takes as long as something comes.
  func file(
    _ endpoint: Endpoint<Empty, Bytes>, _ path: [any CustomStringConvertible & Sendable],
    query: [(String, String)]
  ) async throws(ClientFailure) -> [UInt8] {
    var request = request(endpoint.route, path, query)
    request.totalSeconds = 0
    return try await repeated(request).body
  }

  /// Reads a list up to `limit` items. One page stays as it came; several become one document of the same
  /// shape.
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
      throw .unreadable("The answers cannot be put together: \(error)")
    }
  }

  private static func items(_ bytes: [UInt8]) throws(ClientFailure) -> [JSONValue] {
    do { return try JSON.decode(Page<JSONValue>.self, from: Data(bytes)).items } catch {
      throw .unreadable("The answer cannot be put together with the one before it: \(error)")
    }
  }

  private func json(
    _ request: HTTPRequest, _ body: some Encodable
  ) throws(ClientFailure) -> HTTPRequest {
    var request = request
    do { request.body = .bytes(try JSON.bytes(of: body)) } catch {
      throw .unreadable("The request cannot be written: \(error)")
    }
    request.headers.append(("Content-Type", "application/json"))
    return request
  }

  /// Sends; where nothing answers it waits and sends the very same again. Once it is not certain that a
  /// change was not made, a later try that finds nobody does not make it so.
  private func repeated(
    _ request: HTTPRequest, isChange: Bool = false
  ) async throws(ClientFailure) -> HTTPResponse {
    var isOpen = false
    for pause in pauses.map({ Optional($0) }) + [nil] {
      do { return try await send(request, isChange: isChange) } catch {
        if case .uncertain = error { isOpen = true }
        guard let pause, error.isWithoutAnswer else {
          throw isOpen && error.isTransient ? .uncertain(error.message) : error
        }
        do { try await Task.sleep(for: pause) } catch { throw isOpen ? .uncertain("Stopped.") : .cancelled }
      }
    }
    throw .cancelled
  }
}

extension ClientFailure {
  /// Whether the server itself said nothing.
  fileprivate var isWithoutAnswer: Bool {
    switch self {
    case .offline, .uncertain: true
    default: false
    }
  }
}

/// A name, a password and, where the server asked for one, the code of the second factor.
struct Credentials: Encodable, Sendable {
  var name: String
  var password: String
  var code: String?
}
