import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The number of members of a group.
@Suite struct GroupLimitTests {
  @Test(arguments: Backend.available) func groupGrowsToTheSettingAndNotBeyond(backend: Backend) async throws {
    try await TestServer.run(on: backend, settings: ["GROUP_MEMBERS": "3"]) { server in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token, guests: ["Bob", "Carl"])
      let path = "/v1/groups/\(group.id)"
      let words = "A group can grow to 3 members, and this one has 3."
      let guest = #"{"name": "Emil"}"#
      try expectProblem(
        try await server.send("POST", "\(path)/members", token: token, json: guest), 422, "too_many", words)
      let code = try await server.invite(group.id, token).code
      let late = try await server.signUp("late")
      try expectProblem(try await server.accept(code, late), 422, "too_many", words)
      // A file of a larger group is imported all the same, and the group does not grow.
      let text = try await server.send("GET", "\(path)/export", token: token).text
      let file = GroupFile.filled(try JSON.decode(GroupFile.self, from: Data(text.utf8)), present: 5)
      let imported = try await server.send("POST", "\(path)/import", token: token, json: try file.json())
      #expect(try imported.decode(Group.self).memberCount == 5)
      try expectProblem(
        try await server.send("POST", "\(path)/members", token: token, json: guest), 422, "too_many",
        "A group can grow to 3 members, and this one has 5.")
      let copy = try await server.send("GET", "\(path)/export", token: token).decode(GroupFile.self)
      #expect(copy == file)
    }
  }

  @Test(arguments: Backend.available) func fileOfMorePresentMembersThanAnEntryNamesIsRefused(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let text = try await books.send("GET", "/export").text
      let file = try JSON.decode(GroupFile.self, from: Data(text.utf8))
      let many = GroupFile.filled(file, present: SplitRule.maxSharers + 1)
      try expectFirstError(
        try await books.send("POST", "/import", try many.json()), 422, "too_many", field: "members")
      let ever = GroupFile.filled(file, present: 10, former: Group.maxMembersEver - 9)
      try expectFirstError(
        try await books.send("POST", "/import", try ever.json()), 422, "too_many", field: "members")
      let most = GroupFile.filled(file, present: SplitRule.maxSharers)
      #expect(try await books.send("POST", "/import", try most.json()).status == 200)
      #expect(try await books.get(GroupFile.self, "/export") == most)
    }
  }

  @Test(arguments: Backend.available) func groupWithTenThousandFormerMembersDoesNotGrow(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let text = try await books.send("GET", "/export").text
      let file = GroupFile.filled(
        try JSON.decode(GroupFile.self, from: Data(text.utf8)), present: 3, former: Group.maxMembersEver - 4)
      #expect(try await books.send("POST", "/import", try file.json()).status == 200)
      let leaver = try await books.server.signUp("leaver")
      let code = try await books.server.invite(books.group.id, books.token, #"{"maxUses": 5}"#).code
      let joined = try await books.server.accept(code, leaver)
      #expect(joined.status == 200, "\(joined.text)")
      let words = "A group can have 10000 members, former ones included, and this one has 10000."
      try expectProblem(
        try await books.send("POST", "/members", #"{"name": "Emil"}"#), 422, "too_many", words)
      let late = try await books.server.signUp("late")
      try expectProblem(try await books.server.accept(code, late), 422, "too_many", words)
      // A former member comes back, who is counted already.
      #expect(try await books.send("POST", "/leave", token: leaver).status == 204)
      let back = try await books.server.invite(books.group.id, books.token).code
      #expect(try await books.server.accept(back, leaver).status == 200)
    }
  }
}

extension GroupFile {
  /// Returns a file with more members, up to some numbers of present and of former ones.
  static func filled(_ file: GroupFile, present: Int, former: Int = 0) -> GroupFile {
    var file = file
    let start = file.createdAt
    for number in file.members.count..<present + former {
      file.members.append(
        .init(
          id: ID(at: start), name: "M\(number)", weight: 1, createdAt: start,
          removedAt: number < present ? nil : start))
    }
    file.members.sort { $0.id < $1.id }
    return file
  }

  /// The text of the file, without the line breaks of an export.
  func json() throws -> String { String(decoding: try JSON.encode(self), as: UTF8.self) }
}
