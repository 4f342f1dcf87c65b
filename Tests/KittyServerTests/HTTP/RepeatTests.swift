import KittyShared
import Testing

@testable import KittyServer

/// A change whose answer was lost is asked for again, and answered as it was.
@Suite struct RepeatTests {
  private static func key(_ key: String, _ version: String = "*") -> [(String, String)] {
    [("Idempotency-Key", key), ("If-Match", version)]
  }

  @Test(arguments: Backend.available) func aChangeIsAnsweredAgain(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
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
        // Somebody else goes on from there, and that is not undone.
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

      // A server that ended before it kept its answer says what there is now.
      try await books.server.dependencies.database.transact([
        "update idempotency_keys set status = null, created_at = 0 where key = 'k0'"
      ])
      let found = try await books.send(
        "PATCH", changes[0].0, changes[0].1, headers: Self.key("k0", "\"1\""))
      #expect(try found.decode(Entry.self).amount == 900 && found.header("ETag") == "\"3\"")

      // What was refused has not used its key.
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
          // Nobody waits for an answer that is not to come.
          #expect(.now - start < .seconds(9))
        }
        let fresh = Self.key("stale\(index)")
        #expect(try await books.send("PATCH", path, json, headers: fresh).status == 200)
      }

      // Nor has a dry run.
      let dry = Self.key("dry")
      let preview = try await books.send(
        "PATCH", changes[0].0 + "?dryRun=true", #"{"amount": 700}"#, headers: dry)
      #expect(preview.status == 200)
      #expect(try await books.send("PATCH", changes[0].0, #"{"amount": 700}"#, headers: dry).status == 200)

      // A change of nothing writes nothing, and is answered again all the same.
      let same = Self.key("same", "\"5\"")
      let nothing = try await books.send("PATCH", changes[0].0, #"{"amount": 700}"#, headers: same)
      #expect(nothing.header("ETag") == "\"5\"")
      #expect(
        try await books.send("PATCH", changes[0].0, #"{"amount": 800}"#, headers: [("If-Match", "*")]).status
          == 200)
      let repeated = try await books.send("PATCH", changes[0].0, #"{"amount": 700}"#, headers: same)
      #expect(repeated.text == nothing.text && repeated.status == 200)

      // In an archived group nothing new is taken, and what was done is answered.
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

  @Test(arguments: Backend.available) func theSameChangeManyTimesAtOnceIsOne(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
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

  @Test(arguments: Backend.available) func anImportIsAnsweredAgain(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      try await TransferTests.fill(books, seed: 4, steps: 20)
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
}
