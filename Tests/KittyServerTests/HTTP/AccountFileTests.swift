import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// The small files that clients keep with an account.
@Suite struct AccountFileTests {
  private func write(_ name: String, _ content: String, _ server: TestServer, _ token: String) async throws
    -> Answer
  {
    try await server.send(
      "PUT", "/v1/me/files/\(name)", token: token,
      json: String(decoding: JSON.encode(NewAccountFile(content: content)), as: UTF8.self))
  }

  @Test(arguments: Backend.available) func fileIsWrittenReadAndRemoved(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let (anna, bob) = (try await server.signUp(), try await server.signUp("bob"))
      let text = "Größe\n\"x\" \u{1F431}"
      let written = try await write("draft.1", text, server, anna)
      #expect(written.status == 200, "\(written.text)")
      #expect(try written.decode(AccountFile.self).size == text.utf8.count)
      #expect(try await write("draft.1", text, server, anna).status == 200)
      let path = "/v1/me/files"
      let read = try await server.send("GET", "\(path)/draft.1", token: anna).decode(AccountFile.self)
      #expect(read.content == text && !read.inUse)
      let list = try await server.send("GET", path, token: anna).decode(Page<AccountFile>.self).items
      #expect(list.map(\.name) == ["draft.1"] && list[0].content == nil && list[0].size == text.utf8.count)
      // Another session of the user has it open; another user does not see it.
      let second = try await server.signIn()
      #expect(try await server.send("GET", "\(path)/draft.1", token: second).decode(AccountFile.self).inUse)
      #expect(try await server.send("GET", "\(path)/draft.1", token: bob).status == 404)
      #expect(try await server.send("DELETE", "\(path)/draft.1", token: bob).status == 404)
      // An ended session has nothing open.
      #expect(try await server.send("DELETE", "/v1/sessions/current", token: anna).status == 204)
      #expect(try await !server.send("GET", "\(path)/draft.1", token: second).decode(AccountFile.self).inUse)
      #expect(try await server.send("DELETE", "\(path)/draft.1", token: second).status == 204)
      #expect(try await server.send("DELETE", "\(path)/draft.1", token: second).status == 404)
    }
  }

  @Test(arguments: Backend.available) func numberAndSizeAreLimited(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let anna = try await server.signUp()
      for name in ["A", ".x", "a%20b", "a_b", String(repeating: "a", count: 65)] {
        #expect(try await write(name, "", server, anna).status == 404, "\(name)")
      }
      let large = String(repeating: "x", count: AccountFile.maxBytes)
      #expect(try await write("large", large + "x", server, anna).status == 422)
      #expect(try await write("zero", "a\0b", server, anna).status == 422)
      for number in 0..<32 { #expect(try await write("large.\(number)", large, server, anna).status == 200) }
      try expectProblem(try await write("more", "x", server, anna), 409, "too_many_files")
      // A file that is replaced counts once.
      #expect(try await write("large.1", large, server, anna).status == 200)
      let bob = try await server.signUp("bob")
      for number in 0..<AccountFileStore.limit {
        #expect(try await write("\(number)", "x", server, bob).status == 200)
      }
      try expectProblem(try await write("more", "x", server, bob), 409, "too_many_files")
    }
  }
}
