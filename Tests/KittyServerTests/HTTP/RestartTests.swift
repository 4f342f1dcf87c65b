import KittyShared
import Testing

@testable import KittyServer

/// What one server was told, the next one on the same data knows.
@Suite struct RestartTests {
  @Test(arguments: Backend.available) func aKeyIsKnownToTheNextServer(backend: Backend) async throws {
    let place = try await TestServer.Place(on: backend)
    defer { place.remove() }
    var token = ""
    var group = ""
    var sent: [(path: String, json: String, answer: Answer)] = []
    func post(_ server: TestServer, _ path: String, _ json: String) async throws -> Answer {
      try await server.send(
        "POST", path, token: token, json: json,
        headers: [("Idempotency-Key", "once \(path)".replacing(" ", with: "-"))])
    }
    try await TestServer.run(at: place) { server in
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
    try await TestServer.run(at: place) { server in
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
      try await Books.expectClean(server)
    }
  }
}
