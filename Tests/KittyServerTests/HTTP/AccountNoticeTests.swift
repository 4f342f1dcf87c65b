import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Users are told by mail of changes of their accounts.
@Suite struct AccountNoticeTests {
  /// Runs the jobs and returns the new mails.
  private func mails(_ server: TestServer, _ sink: SMTPSink) async throws -> [SMTPSink.Message] {
    let count = sink.messages.count
    try await server.runJobs()
    return Array(sink.messages.dropFirst(count))
  }

  @Test(arguments: Backend.available) func userIsToldOfEachChange(backend: Backend) async throws {
    try await TestServer.runWithMail(on: backend) { server, sink in
      let session = try await server.signUp("anna", email: "anna@example.org")
      let user = try await server.send("GET", "/v1/me", token: session).decode(User.self)
      func expectMail(_ words: String, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let mails = try await mails(server, sink)
        #expect(mails.map(\.to) == [["<anna@example.org>"]], sourceLocation: sourceLocation)
        #expect(mails.allSatisfy { $0.text.contains(words) }, "\(mails)", sourceLocation: sourceLocation)
        #expect(mails.allSatisfy { $0.text.contains("Account: anna") }, sourceLocation: sourceLocation)
      }
      func send(_ method: String, _ path: String, _ json: String) async throws -> Answer {
        try await server.send(method, path, token: session, json: json)
      }
      let changed = try await send(
        "PUT", "/v1/me/password", #"{"current": "a long password", "new": "another password"}"#)
      #expect(changed.status == 200)
      try await expectMail("The password was changed")
      let wrong = try await send(
        "PUT", "/v1/me/password", #"{"current": "a long password", "new": "another password"}"#)
      #expect(wrong.status == 403)
      #expect(try await mails(server, sink).isEmpty)

      #expect(try await send("POST", "/v1/me/tokens", #"{"name": "x", "scopes": ["read"]}"#).status == 201)
      try await expectMail("An API token was created")

      let key = try await send("POST", "/v1/me/keys", #"{"key": "\#(SSHKeyPair.anyLine)"}"#)
      #expect(key.status == 201)
      try await expectMail("A public key of ssh was added")
      let id = try key.decode(SSHKey.self).id
      #expect(try await server.send("DELETE", "/v1/me/keys/\(id)", token: session).status == 204)
      #expect(try await mails(server, sink).isEmpty)

      let path = "/v1/me/second-factor"
      #expect(try await send("POST", path, #"{"password": "another password"}"#).status == 201)
      #expect(try await mails(server, sink).isEmpty)
      let store = SecondFactorStore(database: server.dependencies.database)
      let secret = try #require(try await store.find(of: user.id)).secret
      #expect(
        try await store.confirm(secret, of: user.id, step: 1, recoveryHashes: ["x"], at: .now, WriteContext())
      )
      try await expectMail("A second factor was turned on")
      #expect(
        try await !store.confirm(
          secret, of: user.id, step: 2, recoveryHashes: ["y"], at: .now, WriteContext()))
      #expect(try await store.remove(of: user.id, at: .now, WriteContext()))
      try await expectMail("The second factor was turned off")
      #expect(try await !store.remove(of: user.id, at: .now, WriteContext()))
      #expect(try await mails(server, sink).isEmpty)

      let users = UserStore(database: server.dependencies.database)
      _ = try await users.setPassword(of: "anna", to: "x", at: .now, WriteContext())
      try await expectMail("An administrator set a new password")
      try await PasswordResetStore(database: server.dependencies.database).insert(
        .init(user: user.id, hash: "mailed", expires: Instant.now.advanced(by: .seconds(60))), WriteContext())
      _ = try await users.setPassword(token: "mailed", to: "y", at: .now, WriteContext())
      try await expectMail("The password was replaced")
      _ = try await users.setPassword(token: "mailed", to: "z", at: .now, WriteContext())
      #expect(try await mails(server, sink).isEmpty)
    }
  }

  @Test(arguments: Backend.available) func unconfirmedAddressIsToldNothing(backend: Backend) async throws {
    try await TestServer.runWithMail(on: backend) { server, sink in
      let session = try await server.signUp()
      try await server.setEmail("stranger@example.org", session)
      _ = try await mails(server, sink)
      _ = try await server.makeToken(session)
      let changed = try await server.send(
        "PUT", "/v1/me/password", token: session,
        json: #"{"current": "a long password", "new": "another password"}"#)
      #expect(changed.status == 200)
      #expect(try await mails(server, sink).isEmpty)
    }
  }

  @Test(arguments: Backend.available) func noticesOfManyTokensAreLimited(backend: Backend) async throws {
    try await TestServer.runWithMail(on: backend) { server, sink in
      let session = try await server.signUp("anna", email: "anna@example.org")
      for _ in 0..<15 { _ = try await server.makeToken(session) }
      #expect(try await mails(server, sink).count == 10)
      for _ in 0..<15 {
        let json = #"{"key": "\#(SSHKeyPair.anyLine)"}"#
        #expect(try await server.send("POST", "/v1/me/keys", token: session, json: json).status == 201)
      }
      #expect(try await mails(server, sink).count == 10)
    }
  }

  @Test(arguments: Backend.available) func workerWithoutMailDropsNotices(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      _ = try await server.makeToken(try await server.signUp("anna", email: "anna@example.org"))
      try await server.runJobs()
      #expect(try await server.dependencies.database.read("select 1 from jobs").isEmpty)
    }
  }

  @Test func payloadOfNoticeIsParsed() {
    let job = AccountNoticeJob(payload: "token.created 5 anna anna@example.org")
    #expect(job?.notice == .tokenCreated && job?.at == Instant(milliseconds: 5))
    #expect(job?.name == "anna" && job?.address == "anna@example.org")
    for wrong in ["", "token.created 5 anna", "x 5 anna a@example.org", "token.created x anna a@example.org"]
    {
      #expect(AccountNoticeJob(payload: wrong) == nil)
    }
  }
}
