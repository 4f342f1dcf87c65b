import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// Idempotency keys: a repeated request gets the response of the first one.
@Suite struct IdempotencyTests {
  private static func key(_ key: String, _ version: String = "*") -> [(String, String)] {
    [("Idempotency-Key", key), ("If-Match", version)]
  }

  @Test(arguments: Backend.available) func repeatedChangeGetsTheSameAnswer(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let expense = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      let payment = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": 300}"#)
      let group = try await books.send("GET", "")
      let changes = [
        ("/expenses/\(expense.id)", #"{"amount": 600}"#, "\"1\""),
        ("/payments/\(payment.id)", #"{"amount": 600}"#, "\"1\""),
        ("/members/\(books.bob)", #"{"weight": 2}"#, "\"1\""),
        ("", #"{"name": "Flat 2"}"#, group.header("ETag") ?? ""),
      ]
      for (index, (path, json, version)) in changes.enumerated() {
        let headers = Self.key("k\(index)", version)
        let first = try await books.send("PATCH", path, json, headers: headers)
        #expect(first.status == 200, "\(first.text)")
        let again = try await books.send("PATCH", path, json, headers: headers)
        #expect(again.status == 200 && again.text == first.text, "\(again.text)")
        #expect(again.header("ETag") == first.header("ETag"))
        // Another change follows, and the repeated request does not undo it.
        let other =
          path.isEmpty ? #"{"name": "Flat 3"}"# : json.replacing("6", with: "9").replacing("2", with: "3")
        #expect(try await books.send("PATCH", path, other, headers: [("If-Match", "*")]).status == 200)
        let late = try await books.send("PATCH", path, json, headers: headers)
        #expect(late.text == first.text && late.header("ETag") == first.header("ETag"))
        #expect(try await books.send("PATCH", path, json, headers: [("If-Match", version)]).status == 412)
        #expect(
          try await books.send("PATCH", path, other, headers: headers).problem().code == "key_reused")
      }
      #expect(try await books.get(Entry.self, "/entries/1").amount == 900)
      #expect(try await books.get(Entry.self, "/entries/1").version == 3)

      // When the server stopped before it stored the response, the current state is returned.
      try await books.server.dependencies.database.transact([
        "update idempotency_keys set status = null, created_at = 0 where key = 'k0'"
      ])
      let found = try await books.send(
        "PATCH", changes[0].0, changes[0].1, headers: Self.key("k0", "\"1\""))
      #expect(try found.decode(Entry.self).amount == 900 && found.header("ETag") == "\"3\"")

      // A refused request does not use its key up.
      let stale = Self.key("again", "\"1\"")
      #expect(try await books.send("PATCH", changes[0].0, changes[0].1, headers: stale).status == 412)
      let fresh = Self.key("again", "\"3\"")
      #expect(try await books.send("PATCH", changes[0].0, changes[0].1, headers: fresh).status == 200)

      for (index, path) in ["", "/members/\(books.bob)"].enumerated() {
        let headers = Self.key("stale\(index)", "\"99\"")
        let json = path.isEmpty ? #"{"name": "Flat 9"}"# : #"{"weight": 9}"#
        for _ in 1...2 {
          let start = ContinuousClock.now
          #expect(try await books.send("PATCH", path, json, headers: headers).status == 412)
          // The second request does not wait for a response that will not come.
          #expect(.now - start < .seconds(9))
        }
        let fresh = Self.key("stale\(index)")
        #expect(try await books.send("PATCH", path, json, headers: fresh).status == 200)
      }

      // A dry run does not use its key up either.
      let dry = Self.key("dry")
      let preview = try await books.send(
        "PATCH", changes[0].0 + "?dryRun=true", #"{"amount": 700}"#, headers: dry)
      #expect(preview.status == 200)
      #expect(try await books.send("PATCH", changes[0].0, #"{"amount": 700}"#, headers: dry).status == 200)

      // A change without effect writes nothing, and its response is still repeated.
      let same = Self.key("same", "\"5\"")
      let nothing = try await books.send("PATCH", changes[0].0, #"{"amount": 700}"#, headers: same)
      #expect(nothing.header("ETag") == "\"5\"")
      #expect(
        try await books.send("PATCH", changes[0].0, #"{"amount": 800}"#, headers: [("If-Match", "*")]).status
          == 200)
      let repeated = try await books.send("PATCH", changes[0].0, #"{"amount": 700}"#, headers: same)
      #expect(repeated.text == nothing.text && repeated.status == 200)

      // An archived group accepts no new change, but repeats the response of an old one.
      #expect(
        try await books.send("PATCH", "", #"{"archived": true}"#, headers: Self.key("archive")).status == 200)
      #expect(
        try await books.send("PATCH", changes[0].0, #"{"amount": 700}"#, headers: same).text == nothing.text)
      for headers in [[("If-Match", "*")], Self.key("new")] {
        let refused = try await books.send("PATCH", changes[0].0, #"{"amount": 1}"#, headers: headers)
        #expect(try refused.problem().code == "archived")
      }
      #expect(
        try await books.send("PATCH", "", #"{"archived": false}"#, headers: Self.key("back")).status == 200)
    }
  }

  @Test(arguments: Backend.available) func concurrentRepeatsOfChangeApplyOnce(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let expense = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      let answers = try await withThrowingTaskGroup(of: Answer.self) { tasks in
        for _ in 0..<20 {
          tasks.addTask {
            try await books.send(
              "PATCH", "/expenses/\(expense.id)", #"{"amount": 600}"#, headers: Self.key("k", "\"1\""))
          }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.allSatisfy { $0.status == 200 } && Set(answers.map(\.text)).count == 1)
      #expect(try await books.get(Entry.self, "/entries/1").version == 2)
    }
  }

  @Test(arguments: Backend.available) func repeatedImportGetsTheSameAnswer(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: 4, steps: 20)
      let file = try await books.send("GET", "/export").text
      let other = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
        .decode(Group.self)
      let path = "/v1/groups/\(other.id)/import"
      let first = try await books.send("POST", path, file, headers: [("Idempotency-Key", "k")])
      #expect(first.status == 200, "\(first.text)")
      let again = try await books.send("POST", path, file, headers: [("Idempotency-Key", "k")])
      #expect(again.status == 200 && again.text == first.text && again.header("ETag") == first.header("ETag"))
      #expect(try await books.send("POST", path, file).problem().code == "not_empty")
    }
  }

  @Test(arguments: Backend.available) func concurrentRepeatsOfCreateEnterOnce(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let json = #"{"description": "x", "amount": "100", "payer": "\#(books.anna)"}"#
      let key = [("Idempotency-Key", "one-key")]
      let answers = try await withThrowingTaskGroup(of: Answer.self) { tasks in
        for _ in 0..<50 { tasks.addTask { try await books.send("POST", "/expenses", json, headers: key) } }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.allSatisfy { $0.status == 201 })
      #expect(Set(answers.map(\.text)).count == 1)
      #expect(Set(answers.map { "\($0.header("ETag") ?? "-") \($0.header("Location") ?? "-")" }).count == 1)
      #expect(try await books.get(Page<Entry>.self, "/entries").items.count == 1)
      // The response stays the same after the entry is deleted.
      #expect(try await books.send("DELETE", "/entries/1").status == 204)
      #expect(try await books.send("POST", "/expenses", json, headers: key).text == answers[0].text)
      let other = try await books.send("POST", "/expenses", json.replacing("100", with: "99"), headers: key)
      #expect(try other.problem().code == "key_reused")
      // A refused request does not use its key up.
      let second = [("Idempotency-Key", "second")]
      #expect(try await books.send("POST", "/members", #"{"name": "Bob"}"#, headers: second).status == 409)
      #expect(try await books.send("POST", "/members", #"{"name": "Dora"}"#, headers: second).status == 201)
      // When the server stopped between the entry and its response, the entry is found.
      try await books.server.dependencies.database.transact([
        "update idempotency_keys set status = null, created_at = 0 where key = 'one-key'"
      ])
      let found = try await books.send("POST", "/expenses", json, headers: key)
      #expect(try found.decode(Entry.self).number == 1)
      #expect(
        try await books.send("POST", "/expenses", json, headers: [("Idempotency-Key", "a b")]).status == 400)
      // Also in an archived group, which accepts no new entries.
      let archived = try await books.send(
        "PATCH", "/v1/groups/\(books.group.id)", #"{"archived": true}"#, headers: [("If-Match", "*")])
      #expect(archived.status == 200)
      #expect(try await books.send("POST", "/expenses", json, headers: key).text == answers[0].text)
      for headers in [[], [("Idempotency-Key", "new")]] {
        let refused = try await books.send("POST", "/expenses", json, headers: headers)
        #expect(try refused.problem().code == "archived")
      }
    }
  }

  @Test(arguments: Backend.available) func keyIsKnownAfterRestart(backend: Backend) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    var token = ""
    var group = ""
    var sent: [(path: String, json: String, answer: Answer)] = []
    func post(_ server: TestServer, _ path: String, _ json: String) async throws -> Answer {
      try await server.send(
        "POST", path, token: token, json: json,
        headers: [("Idempotency-Key", "once \(path)".replacing(" ", with: "-"))])
    }
    try await TestServer.run(at: location) { server in
      token = try await server.signUp()
      let (made, members) = try await server.makeGroup(token)
      group = "/v1/groups/\(made.id)"
      let (anna, bob) = (members[0].id, members[1].id)
      for (path, json) in [
        ("\(group)/expenses", #"{"description": "x", "amount": "100", "payer": "\#(anna)"}"#),
        ("\(group)/payments", #"{"from": "\#(bob)", "to": "kitty", "amount": "5"}"#),
        ("\(group)/kitty/counts", #"{"counted": "4"}"#), ("\(group)/members", #"{"name": "Dora"}"#),
        ("\(group)/entries/1/comments", #"{"text": "Really?"}"#),
        ("/v1/groups", #"{"name": "Second", "currency": "JPY"}"#),
      ] {
        let answer = try await post(server, path, json)
        #expect(answer.status == 201, "\(answer.text)")
        sent.append((path, json, answer))
      }
    }
    try await TestServer.run(at: location) { server in
      for (path, json, first) in sent {
        let again = try await post(server, path, json)
        #expect(again.status == 201 && again.text == first.text, "\(again.text)")
        #expect(again.header("ETag") == first.header("ETag"))
        #expect(again.header("Location") == first.header("Location"))
        let other = try await post(server, path, json.replacing("}", with: " }"))
        #expect(try other.problem().code == "key_reused")
      }
      let entries = try await server.send("GET", "\(group)/entries", token: token).decode(Page<Entry>.self)
      #expect(entries.items.count == 3)
      try await GroupFixture.expectClean(server)
    }
  }
}
