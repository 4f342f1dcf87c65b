import KittyShared
import Testing

@testable import KittyServer

/// The lists of changes with `since`: complete, without duplicates, in the order of the changes.
@Suite struct ChangeFeedTests {
  /// Reads all pages of the changes of a list.
  /// - Parameter byCursor: `true` to continue with the cursor, `false` with the `sequence` of each page.
  private func follow<Item: Codable & Sendable>(
    _ books: GroupFixture, _ list: String, since: Int64, limit: Int = 2, byCursor: Bool = true
  ) async throws -> (items: [Item], sequence: Int64) {
    var (items, since, cursor): ([Item], Int64, String) = ([], since, "")
    while true {
      let answer = try await books.send("GET", "\(list)?since=\(since)&limit=\(limit)\(cursor)")
      let page = try answer.decode(Page<Item>.self)
      items += page.items
      let sequence = try #require(page.sequence)
      #expect((page.next != nil) == (answer.header("Link") != nil))
      guard let next = page.next else { return (items, sequence) }
      if byCursor { cursor = "&cursor=\(next)" } else { since = sequence }
    }
  }

  @Test(arguments: Backend.available, [true, false])
  func changedEntriesAreListedInOrder(backend: Backend, byCursor: Bool) async throws {
    try await GroupFixture.run(on: backend) { books in
      func entries(_ since: Int64) async throws -> (items: [Entry], sequence: Int64) {
        try await follow(books, "/entries", since: since, byCursor: byCursor)
      }
      let json = #"{"description": "x", "amount": 300, "payer": "\#(books.anna)", "date": "2026-01-01"}"#
      for _ in 1...5 { _ = try await books.enter("/expenses", json) }
      _ = try await books.enter("/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": 100}"#)
      #expect(try await books.send("DELETE", "/entries/2").status == 204)

      let first = try await entries(0)
      #expect(first.items.map(\.number) == [1, 3, 4, 5, 6, 2] && first.items[5].deletedAt != nil)
      let nothing = try await entries(first.sequence)
      #expect(nothing.items.isEmpty && nothing.sequence == first.sequence)

      let any = [("If-Match", "*")]
      let id = first.items[0].id
      #expect(
        try await books.send("PATCH", "/expenses/\(id)", #"{"amount": 600}"#, headers: any).status == 200)
      #expect(try await books.send("POST", "/entries/2/restore").status == 200)
      #expect(try await books.send("POST", "/entries/6/comments", #"{"text": "x"}"#).status == 201)
      #expect(
        try await books.send("PATCH", "/expenses/\(id)", #"{"amount": 900}"#, headers: any).status == 200)
      #expect(try await books.send("DELETE", "/entries/5").status == 204)
      _ = try await books.enter("/expenses", json)

      let then = try await entries(first.sequence)
      #expect(then.items.map(\.number) == [2, 6, 1, 5, 7])
      #expect(then.items[0].deletedAt == nil && then.items[1].commentCount == 1)
      #expect(then.items[2].amount == 900 && then.items[3].deletedAt != nil)
      #expect(then.sequence == (try await books.get(Group.self, "").sequence))
      let expenses: [Entry] = try await follow(
        books, "/expenses", since: first.sequence, byCursor: byCursor
      ).items
      #expect(expenses.map(\.number) == [2, 1, 5, 7])
      let payments: [Entry] = try await follow(books, "/payments", since: 0, byCursor: byCursor).items
      #expect(payments.map(\.number) == [6])
    }
  }

  @Test(arguments: Backend.available, [true, false])
  func changedMembersAreListedInOrder(backend: Backend, byCursor: Bool) async throws {
    try await GroupFixture.run(on: backend) { books in
      func members(_ since: Int64) async throws -> (items: [Member], sequence: Int64) {
        try await follow(books, "/members", since: since, byCursor: byCursor)
      }
      let first = try await members(0)
      #expect(first.items == books.members)
      #expect(
        try await books.send(
          "PATCH", "/members/\(books.anna)", #"{"weight": 3}"#, headers: [("If-Match", "*")]
        ).status == 200)
      #expect(try await books.send("POST", "/members", #"{"name": "Dora"}"#).status == 201)
      #expect(try await books.send("DELETE", "/members/\(books.bob)").status == 204)
      let then = try await members(first.sequence)
      #expect(then.items.map(\.name) == [books.members[0].name, "Dora", "Bob"])
      #expect(then.items[0].weight == 3 && then.items[2].removedAt != nil)
      #expect(try await members(then.sequence).items.isEmpty)
    }
  }

  /// A list is read in pages while other clients write; the changes since its sequence complete it.
  @Test(arguments: Backend.available) func changesAreFollowedFromTheFirstPage(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      func json(_ day: Int) -> String {
        #"{"description": "x", "amount": 300, "payer": "kitty", "participants": ["\#(books.anna)"], "date": "2026-01-\#(day)"}"#
      }
      for day in 11...14 { _ = try await books.enter("/expenses", json(day)) }
      let first = try await books.get(Page<Entry>.self, "/expenses?limit=2")
      #expect(first.items.map(\.number) == [4, 3])
      // Moves from the second page to the first, and is missing in both.
      let answer = try await books.send(
        "PATCH", "/expenses/\(try await books.get(Entry.self, "/entries/1").id)", #"{"date": "2026-01-20"}"#,
        headers: [("If-Match", "*")])
      #expect(answer.status == 200)
      let second = try await books.get(
        Page<Entry>.self, "/expenses?limit=2&cursor=\(try #require(first.next))")
      #expect(second.items.map(\.number) == [2] && second.next == nil)
      let sequence = try #require(second.sequence)
      #expect(sequence == first.sequence)
      let missed: [Entry] = try await follow(books, "/expenses", since: sequence).items
      #expect(missed.map(\.number) == [1])

      let members = try await books.get(Page<Member>.self, "/members?limit=2")
      #expect(try await books.send("DELETE", "/members/\(members.items[1].id)").status == 204)
      let rest = try await books.get(
        Page<Member>.self, "/members?limit=2&cursor=\(try #require(members.next))")
      #expect(rest.items.map(\.name) == ["Carl"] && rest.sequence == members.sequence)
      let left: [Member] = try await follow(books, "/members", since: try #require(rest.sequence)).items
      #expect(left.map(\.name) == ["Bob"])
    }
  }

  @Test(arguments: Backend.available) func invalidSequenceIsRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#)
      let now = try await books.get(Group.self, "").sequence
      for list in ["entries", "expenses", "payments", "members"] {
        for wrong in ["-1", "x", "", "1.5", "99999999999999999999"] {
          let answer = try await books.send("GET", "/\(list)?since=\(wrong)")
          #expect(try answer.problem().errors?.map(\.code) == ["not_a_sequence"], "\(list) \(wrong)")
        }
        let ahead = try await books.send("GET", "/\(list)?since=\(now + 1)").problem()
        #expect(ahead.status == 410 && ahead.code == "start_anew")
        #expect(ahead.detail.contains("\(now)") && ahead.detail.contains("since=0"))
        #expect(try await books.send("GET", "/\(list)?since=\(now)").status == 200)
        // The cursor of a list is not valid for its changes, and the other way round.
        let cursor = try await books.get(Page<Member>.self, "/members?limit=1").next ?? ""
        let crossed = try await books.send("GET", "/\(list)?since=0&cursor=\(cursor)")
        #expect(try crossed.problem().errors?.map(\.field) == ["cursor"])
        let changes = try await books.get(Page<Member>.self, "/members?since=0&limit=1").next ?? ""
        let back = try await books.send("GET", "/\(list)?cursor=\(changes)")
        #expect(try back.problem().errors?.map(\.field) == ["cursor"])
      }
      for filter in [
        "kind=expense", "member=\(books.anna)", "from=2026-01-01", "to=2026-01-01", "deleted=true",
      ] {
        let answer = try await books.send("GET", "/entries?since=0&\(filter)")
        let name = String(filter.prefix { $0 != "=" })
        #expect(try answer.problem().errors?.map(\.field) == [name], "\(filter)")
        #expect(try answer.problem().errors?.map(\.code) == ["not_with_since"], "\(filter)")
      }
      #expect(try await books.send("GET", "/members?since=0&removed=true").status == 422)
    }
  }

  @Test(arguments: Backend.available) func importRequiresNewStart(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      try await books.fill(seed: 3, steps: 20)
      let file = try await books.send("GET", "/export").text
      let group = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
        .decode(Group.self)
      #expect(group.sequence > 0)
      let copy = GroupFixture(server: books.server, token: books.token, group: group, members: books.members)
      #expect(try await copy.send("POST", "/import", file).status == 200)
      for list in ["/entries", "/members"] {
        let answer = try await copy.send("GET", "\(list)?since=\(group.sequence)")
        #expect(try answer.problem().code == "start_anew")
      }
      let entries: (items: [Entry], sequence: Int64) = try await follow(copy, "/entries", since: 0, limit: 7)
      let before = try await books.get(Page<Entry>.self, "/entries?deleted=true&limit=200").items
      #expect(entries.items.map(\.number) == before.map(\.number).sorted())
      let members: (items: [Member], sequence: Int64) = try await follow(copy, "/members", since: 0, limit: 1)
      #expect(Set(members.items.map(\.id)) == Set(books.members.map(\.id)))
      #expect(try await copy.send("GET", "/entries?since=\(members.sequence)").status == 200)
      let json = #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#
      let made = try await copy.enter("/expenses", json)
      let then: [Entry] = try await follow(copy, "/entries", since: entries.sequence).items
      #expect(then == [made])
    }
  }

  /// Six clients write while one follows the changes: it gets the final state, and no state twice.
  @Test(arguments: Backend.available) func concurrentWritesAreNotMissed(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let json = #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#
      let writers = Task {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
          for _ in 0..<6 {
            tasks.addTask {
              for round in 0..<12 {
                let entry = try await books.enter("/expenses", json)
                let path = "/expenses/\(entry.id)"
                let any = [("If-Match", "*")]
                switch round % 4 {
                case 0: _ = try await books.send("PATCH", path, #"{"amount": 900}"#, headers: any)
                case 1: _ = try await books.send("DELETE", path)
                case 2: _ = try await books.send("POST", "/entries/\(entry.id)/comments", #"{"text": "x"}"#)
                default: break
                }
              }
            }
          }
          try await tasks.waitForAll()
        }
      }
      let isDone = Task { _ = await writers.result }
      var latest: [ID: Entry] = [:]
      var states: [String] = []
      var sequence: Int64 = 0
      var rounds = 0
      func catchUp() async throws {
        let found: (items: [Entry], sequence: Int64) = try await follow(
          books, "/entries", since: sequence, limit: 5, byCursor: rounds % 2 == 0)
        for entry in found.items {
          latest[entry.id] = entry
          states.append("\(entry.id) \(entry.version) \(entry.commentCount)")
        }
        #expect(found.sequence >= sequence)
        sequence = found.sequence
        rounds += 1
      }
      while latest.count < 72 { try await catchUp() }
      await isDone.value
      try await writers.value
      try await catchUp()
      let all = try await books.get(Page<Entry>.self, "/entries?deleted=true&limit=200").items
      #expect(all.count == 72 && latest.values.sorted { $0.number > $1.number } == all)
      #expect(Set(states).count == states.count)
    }
  }

  /// The second transaction in a group waits for the first, and gets the higher number.
  @Test(.enabled(if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set: `make test` starts one"))
  func laterCommitHasHigherNumber() async throws {
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    try await TestServer.run(at: location) { server in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token)
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      let json = #"{"description": "x", "amount": 300, "payer": "\#(books.anna)"}"#
      let first = try await books.enter("/expenses", json)
      let start = try await books.get(Group.self, "").sequence
      let second = try await BlockingTransaction.run(
        on: server, at: location,
        """
        update groups set sequence = sequence + 1 where id = '\(group.id)';
        update entries set sequence = (select sequence from groups where id = '\(group.id)')
        where group_id = '\(group.id)' and id = '\(first.id)'
        """
      ) {
        try await books.enter("/expenses", json)
      } whileWaiting: {
        let uncommitted: (items: [Entry], sequence: Int64) = try await follow(books, "/entries", since: start)
        #expect(uncommitted.items.isEmpty && uncommitted.sequence == start)
      }
      let then: [Entry] = try await follow(books, "/entries", since: start).items
      #expect(then.map(\.number) == [first.number, second.number])
    }
  }
}
