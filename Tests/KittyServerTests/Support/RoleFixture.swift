import KittyShared
import Testing

@testable import KittyServer

/// A group with somebody in each role.
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

  /// The ids of all owners: one, when all is well.
  func owners() async throws -> [ID] {
    try await server.dependencies.database.read(
      "select id from accounts where group_id = \(group) and role = 'owner' and removed_at is null"
    ).map { try $0.decode(ID.self) }
  }
}

extension TestServer {
  /// Makes an invite.
  func invite(
    _ group: ID, _ token: String, _ json: String = "{}", sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Invite {
    let answer = try await send("POST", "/v1/groups/\(group)/invites", token: token, json: json)
    try #require(answer.status == 201, "\(answer.text)", sourceLocation: sourceLocation)
    return try answer.decode(Invite.self)
  }

  /// Sends the code of an invite, to accept it or to look at it.
  func accept(_ code: String, _ token: String, _ verb: String = "accept") async throws -> Answer {
    try await send("POST", "/v1/invites/\(verb)", token: token, json: #"{"code": "\#(code)"}"#)
  }

  /// Brings somebody into a group.
  func join(
    _ group: ID, _ token: String, as role: Member.Role = .member, invitedBy owner: String
  ) async throws -> Group {
    let invite = try await invite(group, owner, #"{"role": "\#(role.rawValue)"}"#)
    let answer = try await accept(invite.code, token)
    try #require(answer.status == 200, "\(answer.text)")
    return try answer.decode(Group.self)
  }
}

/// Checks what a server refused, and with which code.
func expectProblem(
  _ answer: Answer, _ status: Int, _ code: String, _ words: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
  guard answer.status >= 400 else { return }
  let problem = try answer.problem()
  let codes = [problem.code] + (problem.errors ?? []).map(\.code)
  #expect(codes.contains(code), "\(answer.text)", sourceLocation: sourceLocation)
  #expect(words.isEmpty || problem.detail.contains(words), "\(answer.text)", sourceLocation: sourceLocation)
}

/// Checks the status of a problem, and the code and field of its first error; without a field, the code of the problem
/// itself.
func expectFirstError(
  _ answer: Answer, _ status: Int, _ code: String, field: String? = nil,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  #expect(answer.status == status, "\(answer.text)", sourceLocation: sourceLocation)
  let problem = try answer.problem()
  #expect(
    (problem.errors?.first?.code ?? problem.code) == code, "\(answer.text)", sourceLocation: sourceLocation)
  #expect(problem.errors?.first?.field == field, "\(answer.text)", sourceLocation: sourceLocation)
}
