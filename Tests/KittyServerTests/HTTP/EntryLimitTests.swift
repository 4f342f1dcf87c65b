import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The meaning of an entry has limits: the number of its sharers, and of the shares that are written out.
@Suite struct EntryLimitTests {
  /// Fills the group with members from a file.
  private static func fill(_ books: GroupFixture, present: Int, former: Int = 0) async throws -> GroupFile {
    let text = try await books.send("GET", "/export").text
    let file = GroupFile.filled(
      try JSON.decode(GroupFile.self, from: Data(text.utf8)), present: present, former: former)
    let imported = try await books.send("POST", "/import", try file.json())
    try #require(imported.status == 200, "\(imported.text.prefix(1000))")
    return file
  }

  /// An expense by items that are shared by all.
  private static func expense(items count: Int) -> String {
    let items = Array(repeating: #"{"amount": 100}"#, count: count).joined(separator: ", ")
    return #"""
      {"description": "x", "amount": \#(100 * count), "payer": "kitty",
      "split": {"method": "items", "items": [\#(items)]}}
      """#
  }

  @Test(arguments: Backend.available) func entryOfTooManySharesIsRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let file = try await Self.fill(books, present: 100)
      let most = Self.expense(items: 100)
      // One share more than 10,000: 100 items for all, and one for one member.
      let over = most.replacing("\"amount\": 10000", with: "\"amount\": 10001").replacing(
        "]}}", with: #", {"amount": 1, "members": ["\#(file.owner)"]}]}}"#)
      for path in ["/expenses", "/expenses?dryRun=true"] {
        let refused = try await books.send("POST", path, over)
        try expectFirstError(refused, 422, "too_many_shares", field: "split.items")
        #expect(refused.text.contains("10001 shares"))
      }
      let entry = try await books.enter("/expenses", most)
      #expect(entry.split?.items?.map { $0.members?.count } == Array(repeating: 100, count: 100))
      let dry = try await books.send("POST", "/expenses?dryRun=true", most)
      #expect(dry.status == 200)
      for path in ["/expenses/\(entry.id)", "/expenses/\(entry.id)?dryRun=true"] {
        let refused = try await books.send("PATCH", path, over, headers: [("If-Match", "\"1\"")])
        try expectFirstError(refused, 422, "too_many_shares", field: "split.items")
      }
      // The stored entry and its answers are bounded.
      #expect(try await books.send("GET", "/expenses/\(entry.id)").response.body.count < 500_000)
      #expect(try await books.send("DELETE", "/entries/\(entry.id)").status == 204)
      #expect(try await books.send("POST", "/entries/\(entry.id)/restore").status == 200)
    }
  }

  /// A file may have as many shares as an entry could have before there was a limit, and the entry goes on.
  @Test(arguments: Backend.available) func fileOfTooManySharesIsRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      var file = try await Self.fill(books, present: 502)
      let members = file.members.map(\.id)
      func entry(_ counts: [Int]) throws -> GroupFile.FileEntry {
        let items = counts.map {
          SplitRule.Item(amount: .minorUnits(1), members: Array(members.prefix($0)))
        }
        let (id, eur) = (ID(at: file.createdAt), try #require(Currency(code: "EUR")))
        let amount = Amount(Int64(counts.count), eur)
        let split = SplitRule(.items, items: items)
        let content = EntryContent(
          kind: .expense, description: "x", amount: amount, rate: nil, booked: amount,
          date: file.createdAt.day, note: nil,
          payers: [Payer(.kitty, amount: .minorUnits(amount.minorUnits))], split: split,
          shares: try split.shares(of: amount, booked: amount, seed: id))
        return .init(
          id: id, number: 1,
          revisions: [.init(action: .created, by: file.owner, at: file.createdAt, content: content)],
          comments: [])
      }
      file.lastNumber = 1
      let copy = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
      let path = "/v1/groups/\(try copy.decode(Group.self).id)"
      file.entries = [try entry(Array(repeating: 500, count: 199) + [501])]
      let refused = try await books.send("POST", "\(path)/import", try file.json())
      try expectFirstError(
        refused, 422, "too_many_shares", field: "entries.0.revisions.0.content.split.items")
      file.entries = [try entry(Array(repeating: 500, count: 200))]
      let imported = try await books.send("POST", "\(path)/import", try file.json())
      #expect(imported.status == 200, "\(imported.text.prefix(1000))")
      #expect(try await books.get(GroupFile.self, "\(path)/export") == file)
      #expect(try await books.send("DELETE", "\(path)/entries/1").status == 204)
      #expect(try await books.send("POST", "\(path)/entries/1/restore").status == 200)
      // It does not grow: a change needs a smaller split.
      let any = [("If-Match", "*")]
      let change = #"{"description": "y"}"#
      try expectFirstError(
        try await books.send("PATCH", "\(path)/expenses/1", change, headers: any), 422, "too_many_shares",
        field: "split.items")
      let smaller = #"{"description": "y", "split": {"method": "equally"}}"#
      let changed = try await books.send("PATCH", "\(path)/expenses/1", smaller, headers: any)
      #expect(changed.status == 200, "\(changed.text.prefix(1000))")
    }
  }

  /// Both databases hold the largest change in their statements: all sharers and payers are replaced by others.
  @Test(arguments: Backend.available) func allSharersOfTheLargestEntryAreReplaced(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let count = SplitRule.maxSharers
      var file = try await Self.fill(books, present: count, former: count + 100)
      let former = file.members.filter { $0.removedAt != nil }.map(\.id)
      let eur = try #require(Currency(code: "EUR"))
      let id = ID(at: file.createdAt)
      let content = try Ledger.content(
        for: NewExpense(
          description: "x", amount: .minorUnits(100_000),
          payers: former.suffix(100).map { Payer(.member($0), amount: .minorUnits(1000)) },
          participants: Array(former.prefix(count))),
        seed: id, currency: eur, people: Participants(present: file.members.map { (id: $0.id, weight: 1) }),
        today: file.createdAt.day)
      file.entries = [
        .init(
          id: id, number: 1,
          revisions: [.init(action: .created, by: file.owner, at: file.createdAt, content: content)],
          comments: [])
      ]
      file.lastNumber = 1
      let imported = try await books.send("POST", "/import", try file.json())
      try #require(imported.status == 200, "\(imported.text.prefix(1000))")
      let payers = file.members.filter { $0.removedAt == nil }.prefix(100).map {
        #"{"account": "\#($0.id)", "amount": 1000}"#
      }.joined(separator: ", ")
      let change = #"{"payers": [\#(payers)], "split": {"method": "equally"}}"#
      let changed = try await books.send(
        "PATCH", "/expenses/1", change, headers: [("If-Match", "\"1\"")])
      #expect(changed.status == 200, "\(changed.text.prefix(1000))")
      #expect(try changed.decode(Entry.self).shares?.count == count)
    }
  }
}
