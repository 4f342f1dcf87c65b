import KittyShared
import Sodium
import Testing

@testable import KittyServer

/// Names and passwords in several forms of Unicode, and names that look alike.
@Suite struct LookalikeTests {
  @Test(arguments: Backend.available) func memberThatLooksLikeAnotherIsRefused(backend: Backend) async throws
  {
    try await GroupFixture.run(on: backend, guests: ["Jos\u{e9}", "Carl"]) { books in
      let names = [
        "Jose\u{301}", "JOS\u{c9}", "Jos\u{e9}\u{3164}", "Ｊos\u{e9}", "Jo\u{455}\u{e9}", "C\u{430}rl",
        "Carl\u{200b}", "Ca\u{ad}rl", "Carl\u{2060}", "C\u{34f}arl", "Carl\u{fe0f}", "\u{421}arl",
      ]
      for name in names {
        try expectFirstError(
          try await books.send("POST", "/members", #"{"name": "\#(name)"}"#), 409, "name_taken", field: "name"
        )
        let renamed = try await books.send(
          "PATCH", "/members/\(books.anna)", #"{"name": "\#(name)"}"#, headers: [("If-Match", "*")])
        try expectFirstError(renamed, 409, "name_taken", field: "name")
      }
      try expectFirstError(
        try await books.send("POST", "/members", #"{"name": "\#u{3164}\#u{2800}"}"#), 422, "blank",
        field: "name")
      // A member can be renamed to another form of the same name.
      let other = try await books.send(
        "PATCH", "/members/\(books.bob)", #"{"name": "JOSE\#u{301}"}"#, headers: [("If-Match", "*")])
      #expect(other.status == 200)
      #expect(Array(try other.decode(Member.self).name.unicodeScalars) == Array("JOS\u{c9}".unicodeScalars))
    }
  }

  /// The file of a group of an older version, which has members whose names look alike or are the same.
  @Test(arguments: Backend.available) func importNumbersNamesThatLookAlike(backend: Backend) async throws {
    try await GroupFixture.run(on: backend, guests: ["Jose", "Carl"]) { books in
      let file = try await books.send("GET", "/export").text
      for name in ["C\u{430}rl", "CARL", "Carl\u{200b}", "Carl"] {
        let copy = try await books.server.makeGroup(books.token, guests: []).group
        let path = "/v1/groups/\(copy.id)"
        // Jose is before Carl in the file, so Carl gets the number.
        let answer = try await books.send(
          "POST", "\(path)/import", file.replacing("\"Jose\"", with: "\"\(name)\""))
        let renamed = try answer.decode(ImportedGroup.self).renamed
        #expect(renamed == [.init(member: books.carl, from: "Carl", to: "Carl (2)")], "\(answer.text)")
        let members = try await books.send("GET", "\(path)/members").decode(Page<Member>.self).items
        #expect(members.first { $0.id == books.carl }?.name == "Carl (2)")
        // What the program writes then is taken as it is.
        let again = try await books.send("GET", "\(path)/export").text
        let last = try await books.server.makeGroup(books.token, guests: []).group
        let imported = try await books.send("POST", "/v1/groups/\(last.id)/import", again)
        #expect(try imported.decode(ImportedGroup.self).renamed == nil)
        #expect(!imported.text.contains("renamed"))
      }
      let copy = try await books.server.makeGroup(books.token, guests: []).group
      let path = "/v1/groups/\(copy.id)"
      #expect(
        try await books.send("POST", "\(path)/import", file.replacing("\"Jose\"", with: "\"Jose\u{301}\""))
          .status
          == 200)
      let members = try await books.send("GET", "\(path)/members").decode(Page<Member>.self).items
      #expect(members.contains { Array($0.name.unicodeScalars) == Array("Jos\u{e9}".unicodeScalars) })
    }
  }

  @Test(arguments: Backend.available) func passwordIsTheSameInEveryForm(backend: Backend) async throws {
    let (one, two) = ("p\u{e4}sswort lang", "pa\u{308}sswort lang")
    try await TestServer.run(on: backend) { (server) async throws in
      func signIn(_ name: String, _ password: String) async throws -> Int {
        try await server.send(
          "POST", "/v1/sessions", json: #"{"name": "\#(name)", "password": "\#(password)"}"#
        ).status
      }
      for (name, password) in [("anna", one), ("bob", two)] {
        let json = #"{"name": "\#(name)", "password": "\#(password)"}"#
        #expect(try await server.send("POST", "/v1/users", json: json).status == 201)
        #expect(try await signIn(name, one) == 201)
        #expect(try await signIn(name, two) == 201)
        #expect(try await signIn(name, "passwort lang") == 401)
      }
      // A hash from the time before the rule, made of the decomposed form.
      let old = try Password.hash(two)
      let database = server.dependencies.database
      for first in [one, two] {
        try await database.transact(
          ["update users set password_hash = \(old) where name = 'anna'"], in: WriteContext())
        #expect(try await signIn("anna", first) == 201)
        let renewed = try await database.read("select password_hash from users where name = 'anna'")[0]
          .decode(
            String.self)
        #expect(renewed != old)
        #expect(try Password.verify(one, hash: renewed))
      }
    }
  }
}
