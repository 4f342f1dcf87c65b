import KittyShared
import Testing

@testable import KittyServer

extension TestServer {
  /// Creates an invite.
  func invite(
    _ group: ID, _ token: String, _ json: String = "{}", sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Invite {
    let answer = try await send("POST", "/v1/groups/\(group)/invites", token: token, json: json)
    try #require(answer.status == 201, "\(answer.text)", sourceLocation: sourceLocation)
    return try answer.decode(Invite.self)
  }

  /// Sends the code of an invite, to accept it or to look it up.
  func accept(_ code: String, _ token: String, _ verb: String = "accept") async throws -> Answer {
    try await send("POST", "/v1/invites/\(verb)", token: token, json: #"{"code": "\#(code)"}"#)
  }

  /// Lets a user join a group by an invite.
  func join(
    _ group: ID, _ token: String, as role: Member.Role = .member, invitedBy owner: String
  ) async throws -> Group {
    let invite = try await invite(group, owner, #"{"role": "\#(role.rawValue)"}"#)
    let answer = try await accept(invite.code, token)
    try #require(answer.status == 200, "\(answer.text)")
    return try answer.decode(Group.self)
  }
}
