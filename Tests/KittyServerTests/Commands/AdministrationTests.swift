import Foundation
import KittyShared
import Subprocess
import SystemPackage
import Testing

@testable import KittyServer

/// The commands of an administrator, run beside a running server.
@Suite struct AdministrationTests {
  private static let program = Bundle.main.bundleURL.appending(path: "kittycash-server").path

  /// Runs the program and returns its output and errors together.
  private static func run(
    _ arguments: [String], _ variables: [String: String], input: String = ""
  ) async throws -> (status: Int32, output: String) {
    var changes: [Environment.Key: String?] = [:]
    for (name, value) in variables { changes[Environment.Key(stringLiteral: name)] = value }
    let result = try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(arguments), environment: .inherit.updating(changes),
      input: .string(input), output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    let status: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
    return (status, result.standardOutput + result.standardError)
  }

  /// A running server, and the commands on its data.
  private struct CommandFixture {
    let server: TestServer
    let location: TestServer.DataLocation
    let redis: String?

    static func run(on backend: Backend, _ body: (CommandFixture) async throws -> Void) async throws {
      let location = try await TestServer.DataLocation(on: backend)
      defer { location.remove() }
      // The two usual installations: PostgreSQL with Redis, or SQLite without.
      let redis = backend == .postgres ? Backend.redisURL : nil
      try await TestServer.run(at: location, redis: redis, settings: ["SIGN_UP": "invite"]) { server in
        try await body(CommandFixture(server: server, location: location, redis: redis))
      }
    }

    func run(_ arguments: String..., input: String = "") async throws -> (status: Int32, output: String) {
      try await AdministrationTests.run(arguments, variables, input: input)
    }

    func json<Value: Decodable>(_ type: Value.Type, _ arguments: [String]) async throws -> Value {
      let outcome = try await AdministrationTests.run(arguments + ["--json"], variables)
      try #require(outcome.status == 0, "\(outcome.output)")
      return try JSON.decode(type, from: Data(outcome.output.utf8))
    }

    private var variables: [String: String] {
      ["DATA_DIR": location.folder, "DATABASE_URL": location.databaseURL ?? "", "REDIS_URL": redis ?? ""]
    }

    func signIn(_ name: String, _ password: String) async throws -> Answer {
      try await server.send(
        "POST", "/v1/sessions", json: #"{"name": "\#(name)", "password": "\#(password)"}"#)
    }
  }

  @Test(arguments: Backend.available) func userIsAddedAndPasswordIsReset(backend: Backend)
    async throws
  {
    try await CommandFixture.run(on: backend) { commands in
      let made = try await commands.json(
        NewPassword.self, ["user", "add", "Anna", "--display-name", "Anna B.", "--email", "anna@example.org"])
      let first = try #require(made.password)
      #expect(made.name == "anna" && first.count >= 20)
      let session = try await commands.signIn("anna", first).decode(Session.self)
      #expect(session.user.displayName == "Anna B." && session.user.email == "anna@example.org")

      let duplicate = try await commands.run("user", "add", "anna")
      #expect(duplicate.status == 1 && duplicate.output.contains("has the name"))
      let bad = try await commands.run("user", "add", "a b", "--email", "x")
      #expect(bad.status == 1 && bad.output.contains("name:") && bad.output.contains("email:"))

      let reset = try await commands.json(NewPassword.self, ["user", "reset-password", "ANNA"])
      let second = try #require(reset.password)
      #expect(reset.endedSessions == 1 && second != first)
      #expect(try await commands.signIn("anna", first).status == 401)
      #expect(try await commands.signIn("anna", second).status == 201)
      let given = try await commands.run(
        "user", "reset-password", "anna", "--password-stdin", input: "of my own\nx")
      #expect(given.status == 0 && !given.output.contains("of my own"), "\(given.output)")
      #expect(try await commands.signIn("anna", "of my own").status == 201)
      for (input, words) in [("", "8 to 256"), ("short\n", "8 to 256"), ("Password1\n", "most common")] {
        let refused = try await commands.run(
          "user", "reset-password", "anna", "--password-stdin", input: input)
        #expect(refused.status == 1 && refused.output.contains(words), "\(refused.output)")
      }
      let personal = try await commands.run(
        "user", "add", "josephine", "--password-stdin", input: "Josephine1")
      #expect(personal.status == 1 && personal.output.contains("your name"), "\(personal.output)")
      #expect(try await commands.run("user", "reset-password", "zoe").status == 1)
      #expect(try await commands.signIn("anna", "of my own").status == 201)
      // The program prints only passwords that it generated, a new one each time.
      let plain = try await commands.run("user", "reset-password", "anna")
      let printed = try #require(plain.output.firstMatch(of: /The password of anna is (\S+)/)?.1)
      #expect(try await commands.signIn("anna", String(printed)).status == 201)
    }
  }

  @Test func commandIsInTheLogFileOnly() async throws {
    try await CommandFixture.run(on: .sqlite) { commands in
      let path = commands.server.folder + "/operator.log"
      let added = try await commands.run("user", "add", "anna", "--log-file", path)
      #expect(added.status == 0 && !added.output.contains("operator.command"), "\(added.output)")
      #expect(try await commands.run("user", "disable", "zoe", "--log-file", path).status == 1)
      let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
      let fields = try lines.map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) }
      #expect(fields.map { $0["event"] } == ["operator.command"] && fields[0]["command"] == "user add anna")
      let password = try #require(added.output.firstMatch(of: /the password (\S+)/)?.1)
      #expect(!lines[0].contains(password))
    }
  }

  @Test(arguments: Backend.available) func disabledUserIsSignedOutAtOnce(backend: Backend) async throws {
    try await CommandFixture.run(on: backend) { commands in
      let password = try #require(await commands.json(NewPassword.self, ["user", "add", "anna"]).password)
      let token = try await commands.signIn("anna", password).decode(Session.self).token
      #expect(try await commands.server.send("GET", "/v1/me", token: token).status == 200)
      let state = try await commands.json(UserState.self, ["user", "disable", "anna"])
      #expect(state.disabled && state.endedSessions == 1)
      try await until { try await commands.server.send("GET", "/v1/me", token: token).status == 401 }
      #expect(try await commands.signIn("anna", password).status == 401)
      #expect(try await commands.json([UserRow].self, ["user", "list"]).first?.disabledAt != nil)
      #expect(try await commands.run("user", "list").output.contains("disabled"))
      #expect(try await commands.run("user", "disable", "anna").status == 0)
      #expect(try await commands.json(UserState.self, ["user", "enable", "anna"]).disabled == false)
      #expect(try await commands.server.send("GET", "/v1/me", token: token).status == 401)
      #expect(try await commands.signIn("anna", password).status == 201)
      let unknown = try await commands.run("user", "disable", "zoe")
      #expect(unknown.status == 1 && unknown.output.contains("no user \"zoe\""))
    }
  }

  @Test(arguments: Backend.available) func inviteAllowsSignUp(backend: Backend) async throws {
    try await CommandFixture.run(on: backend) { commands in
      let before = Instant.now
      let invite = try await commands.json(PrintedInvite.self, ["user", "invite", "--days", "3"])
      #expect(invite.expiresAt >= before.advanced(by: .seconds(3 * 86_400)))
      #expect(invite.expiresAt <= Instant.now.advanced(by: .seconds(3 * 86_400)))
      let json = #"{"name": "anna", "password": "a long password", "invite": "\#(invite.code)"}"#
      #expect(try await commands.server.send("POST", "/v1/users", json: json).status == 201)
      let plain = try await commands.run("user", "invite").output.split(separator: "\n")
      let other = #"{"name": "bob", "password": "a long password", "invite": "\#(plain[0])"}"#
      #expect(try await commands.server.send("POST", "/v1/users", json: other).status == 201)
      #expect(try await commands.run("user", "invite", "--days", "0").status == 64)
    }
  }

  @Test(arguments: Backend.available) func groupsAreListedAndShown(backend: Backend) async throws {
    try await CommandFixture.run(on: backend) { commands in
      let server = commands.server
      let password = try #require(await commands.json(NewPassword.self, ["user", "add", "anna"]).password)
      let token = try await commands.signIn("anna", password).decode(Session.self).token
      let (group, members) = try await server.makeGroup(token)
      let (gone, _) = try await server.makeGroup(token, guests: [])
      #expect(try await server.send("DELETE", "/v1/groups/\(gone.id)", token: token).status == 204)
      let entered = try await server.send(
        "POST", "/v1/groups/\(group.id)/expenses", token: token,
        json: #"{"description": "Dinner", "amount": "3", "payer": "\#(group.me)"}"#)
      #expect(entered.status == 201)
      let paid = try await server.send(
        "POST", "/v1/groups/\(group.id)/payments", token: token,
        json: #"{"from": "\#(members[1].id)", "to": "\#(group.me)", "amount": "0.25"}"#)
      #expect(paid.status == 201)
      let list = try await commands.json([GroupOverview].self, ["group", "list"])
      #expect(list.map(\.id) == [group.id, gone.id] && list[1].deletedAt != nil)
      #expect(list[0].owners == ["anna"] && list[0].memberCount == 3 && list[0].entryCount == 2)
      let details = try await commands.json(GroupDetails.self, ["group", "show", "\(group.id)"])
      #expect(details.members.map(\.id) == members.map(\.id))
      #expect(details.balances.map(\.net) == [175, -75, -100])
      let plain = try await commands.run("group", "show", "\(group.id)").output
      #expect(plain.contains("owner: anna") && plain.contains("1.75 EUR"), "\(plain)")
      // The printed columns of a member add up.
      let line = try #require(plain.split(separator: "\n").first { $0.hasPrefix("-0.75 EUR") })
      #expect(
        line.matches(of: /-?\d+\.\d\d/).map { String($0.output) } == [
          "-0.75", "0.00", "1.00", "0.25", "0.00",
        ])
      #expect(plain.contains(/NET +PAID +SHARE +SENT +RECEIVED +NAME/), "\(plain)")
      #expect(try await commands.run("group", "list").output.contains("deleted"))
      for id in ["x", "\(ID.last)"] { #expect(try await commands.run("group", "show", id).status == 1) }
    }
  }

  @Test func userCommandCreatesNoDatabase() async throws {
    let folder = NSTemporaryDirectory() + "kitty-test-\(ID(at: .now))"
    let outcome = try await Self.run(["user", "add", "anna", "--data", folder], [:])
    #expect(outcome.status == 1 && outcome.output.contains("no KittyCash data"))
    #expect(!FileManager.default.fileExists(atPath: folder))
  }

  @Test func unreachableDatabaseIsReportedInASentence() async throws {
    let folder = NSTemporaryDirectory() + "kitty-test-\(ID(at: .now))"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let outcome = try await Self.run(
      ["migrate", "--data", folder], ["DATABASE_URL": "postgresql://kitty:hidden@127.0.0.1:1/kitty"])
    #expect(outcome.status == 1, "\(outcome.output)")
    let sentence = try #require(outcome.output.split(separator: "\n").last { !$0.hasPrefix("{") })
    #expect(
      sentence.contains("The database cannot be reached: ") && sentence.contains("DATABASE_URL"),
      "\(sentence)")
    for word in ["maybeApplied", "unavailable(", "hidden", "\t"] {
      #expect(!sentence.contains(word), "\(sentence)")
    }
  }

  @Test(arguments: ["disable", "reset-password"]) func helpStatesTheMomentOfSessionEnd(command: String)
    async throws
  {
    let help = try await Self.run(["user", command, "--help"], [:]).output
    #expect(help.contains("at once"), "\(help)")
  }

  @Test func tableColumnsFitTheirContent() {
    let table = TextTable.text(["A", "NAME"], [["long", "x"], ["1", ""]])
    #expect(table == "A     NAME\nlong  x\n1")
  }
}
