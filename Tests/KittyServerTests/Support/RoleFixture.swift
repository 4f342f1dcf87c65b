import KittyShared
import Testing

@testable import KittyServer

/// A group with a user in each role.
struct RoleFixture: Sendable {
  let server: TestServer
  let group: ID
  let tokens: [Member.Role: String]
  let members: [Member.Role: ID]
  /// Two members without an account.
  let guests: [ID]

  static let withAccount: [Member.Role] = [.owner, .admin, .member, .viewer]

  init(on server: TestServer) async throws {
    self.server = server
    let owner = try await server.signUp("owner")
    let (group, found) = try await server.makeGroup(owner, guests: ["Guest", "Ghost"])
    var (tokens, members): ([Member.Role: String], [Member.Role: ID]) = ([.owner: owner], [.owner: group.me])
    for role in Self.withAccount.dropFirst() {
      let token = try await server.signUp(role.rawValue)
      tokens[role] = token
      members[role] = try await server.join(group.id, token, as: role, invitedBy: owner).me
    }
    self.group = group.id
    self.tokens = tokens
    self.members = members
    guests = found.dropFirst().map(\.id)
  }

  func send(
    _ role: Member.Role, _ method: String, _ path: String, _ json: String? = nil,
    headers: [(String, String)] = [("If-Match", "*")]
  ) async throws -> Answer {
    let path = "/v1/groups/\(group)\(path)"
    guard let json else { return try await server.send(method, path, token: tokens[role], headers: headers) }
    return try await server.send(method, path, token: tokens[role], json: json, headers: headers)
  }

  static func run(on backend: Backend, _ body: (RoleFixture) async throws -> Void) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      try await body(try await RoleFixture(on: server))
      try await GroupFixture.expectClean(server)
    }
  }

  /// The path of the member with a role.
  func path(_ role: Member.Role) -> String {
    "/members/\(members[role] ?? .first)"
  }

  /// The ids of all owners; a valid group has one.
  func owners() async throws -> [ID] {
    try await server.dependencies.database.read(
      "select id from accounts where group_id = \(group) and role = 'owner' and removed_at is null"
    ).map { try $0.decode(ID.self) }
  }
}
