import FoundationEssentials
import KittyShared
import Testing

@testable import KittyServer

/// Entries written by many clients at once.
@Suite struct EntryStoreTests {
  // One database after the other: together they would slow down the other tests on a small machine.
  @Test(.serialized, arguments: Backend.available) func concurrentWritersLoseNoEntry(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let path = "/v1/groups/\(group.id)/expenses"
      let writers = 32, each = 63
      let created = try await withThrowingTaskGroup(of: [Entry].self) { tasks in
        for writer in 0..<writers {
          tasks.addTask {
            var mine: [Entry] = []
            for number in 0..<each {
              let payer = members[(writer + number) % members.count].id
              let json =
                #"{"description": "x", "amount": \#(writer * 100 + number + 1), "payer": "\#(payer)"}"#
              let answer = try await server.send("POST", path, token: token, json: json)
              #expect(answer.status == 201, "\(answer.text)")
              mine.append(try answer.decode(Entry.self))
              // Every third one is deleted again.
              if number % 3 == 0, let last = mine.last {
                #expect(try await server.send("DELETE", "\(path)/\(last.id)", token: token).status == 204)
                mine.removeLast()
              }
            }
            return mine
          }
        }
        return try await tasks.reduce(into: []) { $0 += $1 }
      }
      let balances = try await server.balances(group.id, token)
      #expect(balances.reduce(0) { $0 + $1.net } == 0)
      for member in members {
        let paid = created.filter { $0.payers?[0].account == .member(member.id) }.reduce(0) { $0 + $1.amount }
        let share = created.flatMap { $0.shares ?? [] }.filter { $0.member == member.id }.reduce(0) {
          $0 + $1.amount
        }
        #expect(balances.first { $0.member == member.id }.map { [$0.paid, $0.share] } == [paid, share])
      }
      let rows = try await server.dependencies.database.read(
        "select count(distinct number), max(number) from entries where group_id = \(group.id)")
      let (distinct, highest) = try rows[0].decode(Int.self, Int.self)
      #expect(distinct == writers * each && highest == writers * each)
      // The list contains exactly the acknowledged entries, unchanged.
      var listed: [ID: EntryContent] = [:]
      var next: String? = ""
      while let cursor = next {
        let query = cursor.isEmpty ? "" : "&cursor=\(cursor)"
        let page = try await server.send("GET", "\(path)?limit=200\(query)", token: token)
          .decode(Page<Entry>.self)
        for entry in page.items { listed[entry.id] = entry.content }
        next = page.next
      }
      #expect(listed == Dictionary(uniqueKeysWithValues: created.map { ($0.id, $0.content) }))
      try await GroupFixture.expectClean(server)
    }
  }
}
