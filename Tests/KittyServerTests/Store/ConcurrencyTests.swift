import KittyShared
import Testing

@testable import KittyServer

/// Many clients at once on one group.
@Suite struct ConcurrencyTests {
  @Test(arguments: Backend.available) func whoEditsSecondIsTold(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      let made = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      for round in 1...5 {
        let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
          for client in 0..<8 {
            tasks.addTask {
              try await books.send(
                "PATCH", "/expenses/\(made.id)", #"{"amount": \#(round * 1000 + client)}"#,
                headers: [("If-Match", "\"\(round)\"")]
              ).status
            }
          }
          return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.filter { $0 == 200 }.count == 1, "\(statuses)")
        #expect(statuses.filter { $0 == 412 }.count == 7, "\(statuses)")
      }
      #expect(try await books.get(Entry.self, "/entries/1").version == 6)
    }
  }

  @Test(arguments: Backend.available) func deletingAndRestoringAtOnceLosesNothing(backend: Backend)
    async throws
  {
    try await Books.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for client in 0..<24 {
          tasks.addTask {
            client % 2 == 0
              ? try await books.send("DELETE", "/entries/1").status
              : try await books.send("POST", "/entries/1/restore").status
          }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(Set(statuses).isSubset(of: [200, 204]), "\(statuses)")
      let entry = try await books.get(Entry.self, "/entries/1")
      let paid = try await books.server.balances(books.group.id, books.token).map(\.paid).reduce(0, +)
      #expect(paid == (entry.deletedAt == nil ? 300 : 0))
    }
  }

  @Test(arguments: Backend.available) func thePotIsCountedWhileItIsUsed(backend: Backend) async throws {
    try await Books.run(on: backend) { books in
      try await withThrowingTaskGroup(of: Int.self) { tasks in
        for client in 0..<12 {
          tasks.addTask {
            client % 3 == 0
              ? try await books.send("POST", "/kitty/counts", #"{"counted": \#(client * 100)}"#).status
              : try await books.send(
                "POST", "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": 100}"#
              ).status
          }
        }
        // Who counts a pot that others keep using may be told to count again.
        for try await status in tasks { #expect([201, 409].contains(status)) }
      }
      // After every count the books held what was counted: contributions come on top.
      let entries = try await books.get(Page<Entry>.self, "/entries?limit=200").items.sorted {
        $0.number < $1.number
      }
      var holds: Int64 = 0
      for entry in entries {
        if let counted = entry.counted {
          #expect(entry.expected == holds)
          holds = counted
        } else {
          holds += entry.amount
        }
      }
      #expect(try await books.get(Kitty.self, "/kitty").holds.map(\.amount) == [holds])
    }
  }
}
