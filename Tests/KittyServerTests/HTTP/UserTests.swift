import KittyShared
import Sodium
import Testing

@testable import KittyServer

/// Users: profile, password, deletion.
@Suite struct UserTests {
  private func change(
    _ server: TestServer, _ token: String, _ json: String, version: String? = "*"
  ) async throws -> Answer {
    try await server.send(
      "PATCH", "/v1/me", token: token, json: json, headers: version.map { [("If-Match", $0)] } ?? [])
  }

  private func signIn(
    _ server: TestServer, _ name: String = "anna", _ password: String = "a long password"
  ) async throws -> Answer {
    try await server.send("POST", "/v1/sessions", json: #"{"name": "\#(name)", "password": "\#(password)"}"#)
  }

  private func setPassword(
    _ server: TestServer, _ token: String, from old: String = "a long password",
    to new: String = "another password"
  ) async throws -> Answer {
    try await server.send(
      "PUT", "/v1/me/password", token: token, json: #"{"current": "\#(old)", "new": "\#(new)"}"#)
  }

  private func delete(
    _ server: TestServer, _ token: String, _ password: String = "a long password"
  ) async throws -> Answer {
    try await server.send("DELETE", "/v1/me", token: token, json: #"{"password": "\#(password)"}"#)
  }

  // MARK: Profile

  @Test(arguments: Backend.available) func profileIsChangedWithItsVersion(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      #expect(try await change(server, token, #"{"displayName": "Anna"}"#, version: nil).status == 428)
      let json = """
        {"displayName": " Anna B. ", "email": "Anna@Example.org", "defaultCurrency": "JPY",
         "timeZone": "Europe/Berlin", "password": "a long password"}
        """
      let answer = try await change(server, token, json, version: "\"1\"")
      #expect(answer.status == 200 && answer.header("ETag") == "\"2\"", "\(answer.text)")
      let me = try await server.send("GET", "/v1/me", token: token)
      #expect(me.text == answer.text && me.header("ETag") == "\"2\"")
      let user = try me.decode(User.self)
      #expect(user.displayName == "Anna B." && user.email == "Anna@Example.org" && user.version == 2)
      #expect(user.defaultCurrency?.code == "JPY" && user.timeZone == "Europe/Berlin")
      let stale = try await change(server, token, #"{"displayName": "A"}"#, version: "\"1\"")
      #expect(stale.status == 412 && stale.header("ETag") == "\"2\"")
      // Missing fields stay; null clears a field.
      let cleared = try await change(
        server, token, #"{"email": null, "timeZone": null, "password": "a long password"}"#
      ).decode(User.self)
      #expect(cleared.displayName == "Anna B." && cleared.defaultCurrency?.code == "JPY")
      #expect(cleared.email == nil && cleared.timeZone == nil && cleared.version == 3)
    }
  }

  @Test(arguments: Backend.available) func emailIsChangedOnlyWithPassword(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let without = try await change(server, token, #"{"email": "x@example.org"}"#)
      #expect(try without.problem().errors?.first?.code == "password_needed")
      let wrong = try await change(server, token, #"{"email": "x@example.org", "password": "wrong"}"#)
      #expect(wrong.status == 403)
      #expect(try wrong.problem().code == "wrong_password")
      #expect(try await server.send("GET", "/v1/me", token: token).decode(User.self).email == nil)
      // Two users may share an address, since an error would reveal that it is known.
      let bob = try await server.signUp("bob")
      for token in [token, bob] {
        let json = #"{"email": "home@example.org", "password": "a long password"}"#
        #expect(try await change(server, token, json).status == 200)
      }
    }
  }

  @Test func unknownTimeZoneIsRefused() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      for zone in ["Europe/Atlantis", "Europe", "Etc"] {
        let answer = try await change(server, token, #"{"timeZone": "\#(zone)"}"#)
        #expect(try answer.problem().errors?.first?.code == "not_a_time_zone", "\(zone)")
      }
      for zone in ["UTC", "Etc/GMT+1", "America/Argentina/Buenos_Aires"] {
        #expect(try await change(server, token, #"{"timeZone": "\#(zone)"}"#).status == 200, "\(zone)")
      }
    }
  }

  @Test(arguments: Backend.available) func newGroupHasTheDefaultCurrencyOfItsCreator(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let missing = try await server.send("POST", "/v1/groups", token: token, json: #"{"name": "Flat"}"#)
      #expect(try missing.problem().errors?.map(\.field) == ["currency"])
      #expect(try await change(server, token, #"{"defaultCurrency": "KWD"}"#).status == 200)
      let made = try await server.send("POST", "/v1/groups", token: token, json: #"{"name": "Flat"}"#)
      #expect(try made.decode(Group.self).currency.code == "KWD")
    }
  }

  // MARK: Passwords

  @Test(arguments: Backend.available) func newPasswordEndsOtherSessions(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let others = [
        try await signIn(server).decode(Session.self).token,
        try await signIn(server).decode(Session.self).token,
      ]
      let bob = try await server.signUp("bob")
      for other in others { #expect(try await server.send("GET", "/v1/me", token: other).status == 200) }
      let wrong = try await setPassword(server, token, from: "wrong")
      #expect(try wrong.problem().errors?.map(\.field) == ["current"])
      #expect(wrong.status == 403)
      #expect(try await setPassword(server, token, to: "short").status == 422)
      for other in others { #expect(try await server.send("GET", "/v1/me", token: other).status == 200) }
      let answer = try await setPassword(server, token)
      #expect(answer.text == #"{"endedSessions":2}"#)
      for other in others { #expect(try await server.send("GET", "/v1/me", token: other).status == 401) }
      for token in [token, bob] {
        #expect(try await server.send("GET", "/v1/me", token: token).status == 200)
      }
      #expect(try await signIn(server).status == 401)
      #expect(try await signIn(server, "anna", "another password").status == 201)
    }
  }

  @Test(arguments: Backend.available) func concurrentPasswordChangesSucceedOnce(backend: Backend) async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      async let one = setPassword(server, token, to: "password one")
      async let two = setPassword(server, token, to: "password two")
      let statuses = try await [one.status, two.status]
      #expect(statuses.sorted() == [200, 403])
      let won = statuses[0] == 200 ? "password one" : "password two"
      #expect(try await signIn(server, "anna", won).status == 201)
    }
  }

  /// A sign-in begins no session when the password was changed, or the user disabled, after the password was checked.
  @Test(arguments: Backend.available) func signInWithChangedPasswordBeginsNoSession(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let users = UserStore(database: server.dependencies.database)
      let before = try #require(try await users.find(name: "anna"))
      #expect(try await setPassword(server, token).status == 200)
      #expect(
        try await server.dependencies.sessions.begin(
          for: before, device: nil, renewedHash: nil, deviceToken: "d", WriteContext())
          == nil)
      #expect(
        try await server.dependencies.sessions.begin(
          for: before, device: nil, renewedHash: "another hash", deviceToken: "d", WriteContext()) == nil
      )
      let after = try #require(try await users.find(name: "anna"))
      #expect(
        try await server.dependencies.sessions.begin(
          for: after, device: nil, renewedHash: nil, deviceToken: "d", WriteContext())
          != nil)
      _ = try await users.setDisabled(true, name: "anna", at: .now, WriteContext())
      #expect(
        try await server.dependencies.sessions.begin(
          for: after, device: nil, renewedHash: nil, deviceToken: "d", WriteContext())
          == nil)
      let rows = try await server.dependencies.database.read("select count(*) from sessions")
      #expect(try rows[0].decode(Int.self) == 0)
    }
  }

  @Test(arguments: Backend.available) func hashOfAnotherCostIsRenewedAtSignIn(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      _ = try await server.signUp()
      let cheap = try Password.hash("a long password", cost: .init(memory: 64 * 1024, passes: 1))
      let database = server.dependencies.database
      func hash() async throws -> String {
        try await database.read("select password_hash from users")[0].decode(String.self)
      }
      try await database.transact(["update users set password_hash = \(cheap)"])
      #expect(try await signIn(server, "anna", "wrong").status == 401)
      #expect(try await hash() == cheap)
      #expect(try await signIn(server).status == 201)
      let renewed = try await hash()
      #expect(renewed.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
      #expect(try await signIn(server).status == 201)
      #expect(try await hash() == renewed)
    }
  }

  /// An unknown and a disabled user get the same response, after the same work, as a wrong password.
  @Test(arguments: Backend.available) func wrongPasswordAndUnknownUserGetSameAnswer(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      for name in ["anna", "bob"] { _ = try await server.signUp(name) }
      _ = try await UserStore(database: server.dependencies.database).setDisabled(
        true, name: "bob", at: .now, WriteContext())
      var seen: Set<String> = []
      for (name, password) in [
        ("anna", "wrong"), ("zoe", "wrong"), ("zoe", "a long password"), ("bob", "wrong"),
        ("bob", "a long password"),
      ] {
        let before = server.dependencies.passwords.checks
        let answer = try await signIn(server, name, password)
        #expect(server.dependencies.passwords.checks == before + 1, "\(name), \(password)")
        #expect(answer.status == 401)
        var problem = try answer.problem()
        problem.requestId = nil
        let headers = answer.response.headers.filter { !["x-request-id", "date"].contains($0.key) }
        seen.insert("\(problem) \(headers.sorted { $0.key < $1.key })")
      }
      #expect(seen.count == 1, "\(seen)")
    }
  }

  // MARK: Deletion

  @Test(arguments: Backend.available) func ownerOfManyGroupsIsToldTheirNumber(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      for _ in 1...14 { _ = try await server.makeGroup(token, guests: ["Bob"]) }
      let problem = try await delete(server, token).problem()
      #expect(problem.code == "owns_groups")
      #expect(problem.detail.contains(#""Flat" and 3 more with other members"#), "\(problem.detail)")
    }
  }

  @Test(arguments: Backend.available) func ownerOfSharedGroupCannotBeDeleted(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, _) = try await server.makeGroup(token, guests: ["Bob"])
      _ = try await server.makeGroup(token, guests: [])
      let refused = try await delete(server, token)
      #expect(refused.status == 409)
      let problem = try refused.problem()
      #expect(problem.code == "owns_groups" && problem.detail.contains(#""Flat""#))
      #expect(try await server.send("GET", "/v1/me", token: token).status == 200)
      #expect(try await signIn(server).status == 201)
      #expect(try await delete(server, token, "wrong").problem().code == "wrong_password")
      #expect(try await server.send("DELETE", "/v1/groups/\(group.id)", token: token).status == 204)
      #expect(try await delete(server, token).status == 204)
      // The group without other members was deleted too.
      let rows = try await server.dependencies.database.read(
        "select count(*) from groups where deleted_at is null")
      #expect(try rows[0].decode(Int.self) == 0)
    }
  }

  @Test(arguments: Backend.available) func nameOfDeletedUserStaysInTheBooks(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let server = books.server
      let token = try await server.signUp("bob")
      let database = server.dependencies.database
      let user = try await server.send("GET", "/v1/me", token: token).decode(User.self)
      // Bob is a member of Anna's group and a former member of another one.
      try await database.transact([
        "update accounts set user_id = \(user.id), role = 'member' where group_id = \(books.group.id) and id = \(books.bob)"
      ])
      _ = try await books.enter(
        "/expenses", #"{"description": "Dinner", "amount": 300, "payer": "\#(books.bob)"}"#)
      let (left, leftMembers) = try await server.makeGroup(books.token, guests: ["Bob"])
      try await database.transact([
        """
        update accounts set user_id = \(user.id), role = 'member', removed_at = \(Instant.now)
        where group_id = \(left.id) and id = \(leftMembers[1].id)
        """
      ])
      // With an idempotency key, which must be deleted too.
      let made = try await server.send(
        "POST", "/v1/groups", token: token, json: #"{"name": "Own", "currency": "EUR"}"#,
        headers: [("Idempotency-Key", "k")])
      #expect(made.status == 201)
      let path = "/v1/groups/\(books.group.id)"
      let before = try await server.send("GET", path + "/members/\(books.bob)", token: books.token).decode(
        Member.self)
      #expect(before.user == user.id)
      let photo = String(repeating: "ab", count: 32)
      try await database.transact([
        "update users set photo_hash = \(photo), photo_width = 1, photo_height = 1 where id = \(user.id)"
      ])
      let second = try await signIn(server, "bob").decode(Session.self).token
      for token in [token, second] { #expect(try await server.send("GET", path, token: token).status == 200) }

      #expect(try await delete(server, token).status == 204)

      for token in [token, second] { #expect(try await server.send("GET", path, token: token).status == 401) }
      #expect(try await signIn(server, "bob").status == 401)
      let member = try await server.send("GET", path + "/members/\(books.bob)", token: books.token).decode(
        Member.self)
      #expect(member.name == "Bob" && member.user == nil && member.role == .guest)
      #expect(try await server.balances(books.group.id, books.token).map(\.net) == [-100, 200, -100])
      let jobs = try await database.read("select payload from jobs where kind = 'photo.remove'")
      #expect(try jobs.map { try $0.decode(String.self) as String } == [photo])
      for table in ["users", "sessions"] {
        let rows = try await database.read(
          table == "users" ? "select id from users" : "select id from sessions")
        #expect(rows.count == 1, "\(table)")
      }
      // The name is free again, for a new user without groups.
      let again = try await server.signUp("bob")
      #expect(try await server.send("GET", "/v1/groups", token: again).decode(Page<Group>.self).items.isEmpty)
    }
  }
}
