import FoundationEssentials
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Addresses count once they are confirmed with a token from a mail to them.
@Suite struct EmailConfirmationTests {
  private let path = "/v1/me/email/confirmation"

  private func confirm(_ server: TestServer, _ session: String, _ token: String) async throws -> Answer {
    try await server.send("PUT", path, token: session, json: #"{"token": "\#(token)"}"#)
  }

  private func me(_ server: TestServer, _ session: String) async throws -> User {
    try await server.send("GET", "/v1/me", token: session).decode(User.self)
  }

  private func requestReset(_ server: TestServer, _ email: String) async throws {
    let answer = try await server.send("POST", "/v1/password-resets", json: #"{"email": "\#(email)"}"#)
    #expect(answer.status == 202)
    try await server.runJobs()
  }

  @Test(arguments: Backend.available) func newAddressGetsResetsOnlyOnceConfirmed(backend: Backend)
    async throws
  {
    try await TestServer.runWithMail(on: backend) { server, sink in
      let (anna, bob) = (try await server.signUp("anna"), try await server.signUp("bob"))
      #expect(try await server.setEmail("Anna@example.org", anna).emailConfirmedAt == nil)
      try await server.runJobs()
      try #require(sink.messages.count == 1 && sink.messages[0].to == ["<Anna@example.org>"])
      let token = try #require(sink.messages[0].token)
      #expect(token.account == "anna")
      let rows = try await server.dependencies.database.read("select * from email_confirmations")
      #expect(!"\(rows)".contains(token.value) && !"\(rows)".lowercased().contains("anna@"))
      try await requestReset(server, "anna@example.org")
      #expect(sink.messages.count == 1)

      // The token belongs to one account.
      try await server.setEmail("anna@example.org", bob)
      try expectFirstError(try await confirm(server, bob, token.value), 403, "useless_token", field: "token")
      try expectFirstError(try await confirm(server, anna, "x"), 403, "useless_token", field: "token")
      let before = try await me(server, anna)
      let answer = try await confirm(server, anna, token.value)
      let confirmed = try answer.decode(User.self)
      #expect(confirmed.emailConfirmedAt != nil && confirmed.version == before.version + 1)
      #expect(answer.header("ETag") == "\"\(confirmed.version)\"")
      #expect(try await me(server, anna) == confirmed)
      #expect(try await confirm(server, anna, token.value).status == 403)
      try await server.dependencies.database.transact(["delete from jobs"])
      try await requestReset(server, "ANNA@EXAMPLE.ORG")
      #expect(sink.messages.count == 2 && sink.messages[1].token?.account == "anna")
    }
  }

  @Test(arguments: Backend.available) func changedAddressMustBeConfirmedAgain(backend: Backend) async throws {
    try await TestServer.runWithMail(on: backend) { server, sink in
      let anna = try await server.signUp("anna", email: "anna@example.org")
      // Another spelling is the same address.
      #expect(try await server.setEmail("Anna@Example.org", anna).emailConfirmedAt != nil)
      try await server.runJobs()
      #expect(sink.messages.isEmpty)
      #expect(try await server.setEmail("a@example.org", anna).emailConfirmedAt == nil)
      try await server.runJobs()
      // The old address is told of it, the new one gets the token.
      #expect(sink.messages.flatMap(\.to).sorted() == ["<Anna@Example.org>", "<a@example.org>"])
      let message = try #require(sink.messages.first { $0.token != nil })
      let token = try #require(message.token).value
      #expect(message.to == ["<a@example.org>"])
      try await server.setEmail("b@example.org", anna)
      #expect(try await confirm(server, anna, token).status == 403)
      #expect(try await server.setEmail(nil, anna).emailConfirmedAt == nil)
      let none = try await server.send("POST", path, token: anna)
      try expectProblem(none, 409, "no_address")
      // A change that is refused tells no address.
      try await server.setEmail("c@example.org", anna)
      try await server.confirmEmail(of: "anna")
      let stale = try await server.send(
        "PATCH", "/v1/me", token: anna, json: #"{"email": "d@example.org", "password": "a long password"}"#,
        headers: [("If-Match", "\"1\"")])
      #expect(stale.status == 412)
      let count = sink.messages.count
      try await server.runJobs()
      #expect(sink.messages.count == count)
      try expectProblem(try await server.send("POST", path, token: anna), 409, "address_confirmed")
    }
  }

  @Test(arguments: Backend.available) func mailsToUnconfirmedAddressAreLimited(backend: Backend) async throws
  {
    try await TestServer.runWithMail(on: backend) { server, sink in
      // Ten accounts write down a stranger's address; some are deleted.
      for number in 0..<10 {
        let session = try await server.signUp("x\(number)")
        try await server.setEmail("stranger@example.org", session)
        try await server.runJobs()
        if number == 2 {
          let gone = try await server.send(
            "DELETE", "/v1/me", token: session, json: #"{"password": "a long password"}"#)
          #expect(gone.status == 204)
        }
      }
      #expect(sink.messages.count == EmailConfirmations.limit)
      let session = try await server.signIn("x9")
      let refused = try await server.send("POST", path, token: session)
      try expectProblem(refused, 429, "too_many_mails")
      #expect(refused.header("Retry-After") != nil)
      // One account cannot write to many strangers either.
      for number in 0..<10 {
        try await server.setEmail("stranger\(number)@example.org", session)
        try await server.runJobs()
      }
      #expect(sink.messages.count == 2 * EmailConfirmations.limit)
      let store = EmailConfirmationStore(database: server.dependencies.database)
      try await store.deleteExpired(at: .now, WriteContext())
      #expect(try await server.send("POST", path, token: session).status == 429)
      try await store.deleteExpired(at: Instant.now.advanced(by: EmailConfirmations.lifetime), WriteContext())
      #expect(try await server.send("POST", path, token: session).status == 202)
    }
  }

  @Test(arguments: Backend.available) func tokenExpiresAfterADay(backend: Backend) async throws {
    try await TestServer.runWithMail(on: backend) { server, sink in
      let anna = try await server.signUp("anna")
      let user = try await server.setEmail("anna@example.org", anna)
      let confirmations = server.dependencies.emailConfirmations
      let day = EmailConfirmations.lifetime
      for (age, status) in [(day + .seconds(1), 403), (day - .seconds(60), 200)] {
        try await confirmations.write(to: user.id, at: Instant.now.advanced(by: .zero - age), WriteContext())
        let token = try #require(sink.messages.last?.token).value
        #expect(try await confirm(server, anna, token).status == status)
      }
    }
  }

  @Test(arguments: Backend.available) func refusedMailLeavesNoToken(backend: Backend) async throws {
    try await TestServer.runWithMail(on: backend, refusing: 1) { server, sink in
      try await server.setEmail("anna@example.org", try await server.signUp("anna"))
      func count() async throws -> Int {
        try await server.dependencies.database.read("select count(*) from email_confirmations")[0].decode(
          Int.self)
      }
      #expect(try await server.dependencies.worker().runNext())
      #expect(try await count() == 0 && sink.messages.isEmpty)
      #expect(try await server.dependencies.worker().runNext(at: Instant.now.advanced(by: .seconds(60))))
      #expect(try await count() == 1 && sink.messages.count == 1)
    }
  }

  @Test(arguments: Backend.available) func serverWithoutMailAsksForNoConfirmation(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let anna = try await server.signUp("anna")
      #expect(try await server.setEmail("anna@example.org", anna).email == "anna@example.org")
      #expect(try await server.dependencies.database.read("select 1 from jobs").isEmpty)
      try expectProblem(try await server.send("POST", path, token: anna), 409, "no_mail")
      #expect(try await confirm(server, anna, "x").status == 403)
    }
  }

  /// The lines of the mail send the token as it was typed, and no argument of a program has it.
  @Test func linesOfTheMailKeepTheTokenOutOfArguments() async throws {
    try await TestServer.runWithMail(on: .sqlite) { server, sink in
      try await server.setEmail("anna@example.org", try await server.signUp("anna"))
      try await server.runJobs()
      let message = try #require(sink.messages.last)
      let lines = message.text.split(whereSeparator: \.isNewline).filter {
        $0.contains("read -rsp") || $0.contains("curl") || $0.hasPrefix("auth()")
      }
      try #require(lines.count == 3, "\(message.text)")
      let script = """
        curl() { printf 'arguments: %s\\n' "$*"; echo "header: $(cat "${5#@}")"; cat; }
        token=session
        exec <<<"$TYPED"
        \(lines.joined(separator: "\n"))
        """
      let typed = try #require(message.token).value
      let outcome = try await runProgram(
        "/bin/bash", ["-c", script], ["TYPED": typed, "PATH": "/usr/bin:/bin"])
      let arguments = try #require(outcome.output.firstMatch(of: /arguments: (.*)/)).1
      #expect(arguments.hasPrefix("-X PUT https://kitty.example.org\(path) -H @/"), "\(arguments)")
      #expect(
        !arguments.contains("session") && outcome.output.contains("header: Authorization: Bearer session"))
      let body = try #require(outcome.output.firstIndex(of: "{").map { outcome.output[$0...] })
      #expect(try JSON.decode(EmailConfirmation.self, from: Data(body.utf8)).token == typed)
    }
  }

  @Test(arguments: Backend.available) func migrationConfirmsAddressesOfOneAccount(backend: Backend)
    async throws
  {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    let database = try location.openDatabase()
    _ = try await database.migrate(Migration.all.filter { $0.version < Migration.confirmedAddresses.version })
    for (number, email) in ["anna@example.org", nil, "home@example.org", "HOME@example.org"].enumerated() {
      let id = ID(at: Instant(milliseconds: Int64(number)))
      try await database.transact([
        """
        insert into users (id, name, display_name, email, password_hash, created_at)
        values (\(id), \("user\(number)"), 'x', \(email), 'x', \(7 + number))
        """
      ])
    }
    #expect(try await database.migrate(Migration.all).contains(Migration.confirmedAddresses.version))
    let confirmed = try await database.read("select email_confirmed_at from users order by name")
    let instants: [Int?] = try confirmed.map { try $0.decode(Int?.self) }
    #expect(instants == [7, nil, nil, nil])
    await database.close()
  }
}
