import KittyShared
import Testing

@testable import KittyServer

/// A group with its paths at hand.
struct Books {
  let server: TestServer
  let token: String
  let group: Group
  let members: [Member]

  static func run(
    on backend: Backend, guests: [String] = ["Bob", "Carl"], currency: String = "EUR",
    _ body: (Books) async throws -> Void
  ) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token, guests: guests, currency: currency)
      try await body(Books(server: server, token: token, group: group, members: members))
      try await Self.expectClean(server)
    }
  }

  var anna: ID { members[0].id }
  var bob: ID { members[1].id }
  var carl: ID { members[2].id }

  func send(
    _ method: String, _ path: String, _ json: String? = nil, headers: [(String, String)] = [],
    token: String? = nil
  ) async throws -> Answer {
    let token = token ?? self.token
    let path = path.hasPrefix("/v1") ? path : "/v1/groups/\(group.id)\(path)"
    guard let json else { return try await server.send(method, path, token: token, headers: headers) }
    return try await server.send(method, path, token: token, json: json, headers: headers)
  }

  /// Enters something that must be taken.
  func enter(_ path: String, _ json: String) async throws -> Entry {
    let answer = try await send("POST", path, json)
    try #require(answer.status == 201, "\(answer.text)")
    return try answer.decode(Entry.self)
  }

  func nets() async throws -> [String: Int64] {
    let balances = try await server.balances(group.id, token)
    #expect(
      Dictionary(grouping: balances, by: \.currency).values.allSatisfy { $0.map(\.net).reduce(0, +) == 0 })
    return Dictionary(balances.map { ("\($0.name) \($0.currency)", $0.net) }, uniquingKeysWith: +)
  }

  func get<Value: Decodable>(_ type: Value.Type, _ path: String) async throws -> Value {
    try await send("GET", path).decode(type)
  }

  static func expectClean(_ server: TestServer) async throws {
    let audit = Audit(database: server.dependencies.database, photos: server.dependencies.photos)
    let findings = try await audit.findings()
    #expect(findings.isEmpty, "\(findings)")
  }
}
