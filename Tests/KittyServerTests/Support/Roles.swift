import KittyShared
import Testing

@testable import KittyServer

/// A group with somebody in each role.
struct Roles: Sendable {
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
