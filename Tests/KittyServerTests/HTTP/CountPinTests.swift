import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// A count pins the money in the kitty, whatever is noted before it later.
@Suite struct CountPinTests {
  private static let any = [("If-Match", "*")]

  private func pot(_ books: GroupFixture, at day: Day? = nil) async throws -> Int64 {
    let query = day.map { "?at=\($0)" } ?? ""
    return
      -(try await books.get(Balances.self, "/balances\(query)").balances.first { $0.account == .kitty }?.net
      ?? 0)
  }

  private func day(_ offset: Int) -> Day { Day(daysSince1970: Instant.now.day.daysSince1970 + Int64(offset)) }

  @Test(arguments: Backend.available) func lateReceiptLowersTheDifferenceOfTheCount(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": "100.00"}"#)
      let count = try await books.enter("/kitty/counts", #"{"counted": "40.00"}"#)
      #expect(count.amount == 6000)
      let json =
        #"{"description": "x", "amount": "60.00", "payer": "kitty", "date": "\#(day(-1))", "participants": ["\#(books.bob)"]}"#
      let preview = try await books.send("POST", "/expenses?dryRun=true", json).decode(EntryPreview.self)
      #expect(preview.balances.first { $0.account == .kitty }?.net == -4000)
      let late = try await books.enter("/expenses", json)
      #expect(try await pot(books) == 4000)
      var now = try await books.get(Entry.self, "/entries/\(count.id)")
      #expect(now.amount == 0 && now.expected == 4000 && now.counted == 4000 && now.version == 2)
      let history = try await books.get(History.self, "/entries/\(count.id)/history")
      #expect(history.revisions.map(\.action) == [.created, .adjusted])
      #expect(try await books.nets().byName() == ["Anna": 10000, "Bob": -6000, "Carl": 0, "Kitty": -4000])
      // It is in the changes of a client.
      let page = try await books.get(Page<Entry>.self, "/entries?since=2")
      #expect(page.items.map(\.id).contains(count.id))
      // A change and a deletion are the same; a later entry is not.
      #expect(
        try await books.send("PATCH", "/expenses/\(late.id)", #"{"amount": "50.00"}"#, headers: Self.any)
          .status == 200)
      now = try await books.get(Entry.self, "/entries/\(count.id)")
      #expect(now.amount == 1000)
      #expect(
        try await books.send("PATCH", "/expenses/\(late.id)", #"{"date": "\#(day(0))"}"#, headers: Self.any)
          .status == 200)
      // Its number is higher than that of the count: on the same day it is after it... or before it.
      now = try await books.get(Entry.self, "/entries/\(count.id)")
      #expect(now.amount == 6000)
      #expect(try await pot(books) == -1000)
      #expect(
        try await books.send("PATCH", "/expenses/\(late.id)", #"{"date": "\#(day(-3))"}"#, headers: Self.any)
          .status == 200)
      #expect(try await books.send("DELETE", "/entries/\(late.id)").status == 204)
      now = try await books.get(Entry.self, "/entries/\(count.id)")
      #expect(now.amount == 6000)
      #expect(try await pot(books) == 4000)
      // A restored count counts the same money against the books of now.
      #expect(try await books.send("DELETE", "/entries/\(count.id)").status == 204)
      #expect(try await books.send("POST", "/entries/\(late.id)/restore").status == 200)
      #expect(try await pot(books) == 5000)
      let restored = try await books.send("POST", "/entries/\(count.id)/restore").decode(Entry.self)
      #expect(restored.amount == 1000 && restored.expected == 5000)
      #expect(try await pot(books) == 4000)
      // All of it is in the file, which imports and exports again as it is.
      let file = try await books.send("GET", "/export?format=json")
      let group = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#).decode(
        Group.self)
      let imported = try await books.send("POST", "/v1/groups/\(group.id)/import", file.text)
      #expect(imported.status == 200, "\(imported.text)")
      #expect(try await books.send("GET", "/v1/groups/\(group.id)/export?format=json").text == file.text)
    }
  }

  @Test(arguments: Backend.available) func orderOfNotingDoesNotMatter(backend: Backend) async throws {
    // The entries of the kitty by day; a count has its day too, but can only be entered on it: the days before it are
    // those of the others.
    var random = Seeded(5)
    for _ in 0..<(backend == .sqlite ? 4 : 2) {
      let amounts = (0..<6).map { _ in Int64.random(in: 1...9000, using: &random) }
      var seen: [[String: Int64]] = []
      for _ in 0..<3 {
        var before = Array(amounts.indices)
        before.shuffle(using: &random)
        let place = Int.random(in: 0...before.count, using: &random)
        let ids = amounts.indices.map { ID(at: Instant(milliseconds: 1_700_000_000_000 + Int64($0))) }
        try await GroupFixture.run(on: backend) { books in
          func enter(_ index: Int) async throws {
            let json =
              index % 3 == 0
              ? #"{"id": "\#(ids[index])", "from": "\#(books.anna)", "to": "kitty", "amount": \#(amounts[index]), "date": "\#(day(-1 - index))"}"#
              : #"{"id": "\#(ids[index])", "description": "x", "amount": \#(amounts[index]), "payer": "kitty", "date": "\#(day(-1 - index))"}"#
            _ = try await books.enter(index % 3 == 0 ? "/payments" : "/expenses", json)
          }
          for index in before[..<place] { try await enter(index) }
          _ = try await books.enter("/kitty/counts", #"{"counted": 4711}"#)
          for index in before[place...] { try await enter(index) }
          #expect(try await pot(books) == 4711)
          #expect(try await pot(books, at: day(0)) == 4711)
          let balances = try await books.get(Balances.self, "/balances").balances
          seen.append(
            ["shares": balances.filter { $0.account != .kitty }.reduce(0) { $0 + $1.share }])
        }
      }
      #expect(Set(seen).count == 1, "\(seen)")
    }
  }

  @Test(arguments: Backend.available) func countsFollowEachOther(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter("/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": 1000}"#)
      let first = try await books.enter("/kitty/counts", #"{"counted": 900, "date": "\#(day(-1))"}"#)
      let second = try await books.enter("/kitty/counts", #"{"counted": 700}"#)
      // The contribution is of today, after the first count.
      #expect(first.expected == 0 && first.amount == -900)
      #expect(second.expected == 1900)
      _ = try await books.enter(
        "/expenses", #"{"description": "x", "amount": 50, "payer": "kitty", "date": "\#(day(-2))"}"#)
      var now = try await books.get(Entry.self, "/entries/\(first.id)")
      #expect(now.expected == -50)
      now = try await books.get(Entry.self, "/entries/\(second.id)")
      #expect(now.expected == 1900 && now.version == 1)
      #expect(try await books.send("DELETE", "/entries/\(first.id)").status == 204)
      now = try await books.get(Entry.self, "/entries/\(second.id)")
      #expect(now.expected == 950)
      #expect(try await pot(books) == 700)
      #expect(try await books.send("POST", "/entries/\(first.id)/restore").status == 200)
      now = try await books.get(Entry.self, "/entries/\(second.id)")
      #expect(now.expected == 1900)
      #expect(try await pot(books) == 700)
    }
  }

  /// A count can be of tomorrow where another member is: what is entered for today is after it all the same.
  @Test(arguments: Backend.available) func countsOfOtherTimeZonesFollowEachOther(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
      let ben = try await books.server.signUp("ben")
      _ = try await books.server.join(books.group.id, ben, invitedBy: books.token)
      for (token, zone) in [(books.token, "Pacific/Kiritimati"), (ben, "Etc/GMT+12")] {
        let answer = try await books.server.send(
          "PATCH", "/v1/me", token: token, json: #"{"timeZone": "\#(zone)"}"#, headers: Self.any)
        #expect(answer.status == 200, "\(answer.text)")
      }
      func enter(_ path: String, _ json: String) async throws -> Entry {
        let answer = try await books.send("POST", path, json, token: ben)
        try #require(answer.status == 201, "\(answer.text)")
        return try answer.decode(Entry.self)
      }
      let put = #"{"from": "\#(books.anna)", "to": "kitty", "amount": "20"}"#
      _ = try await books.enter("/payments", put)
      let first = try await books.enter("/kitty/counts", #"{"counted": "20"}"#)
      let today = try await enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "\#(books.bob)", "amount": "1"}"#
      ).date
      #expect(today < first.date)
      let preview = try await books.send("POST", "/payments?dryRun=true", put, token: ben).decode(
        EntryPreview.self)
      #expect(preview.entry.date == first.date)
      #expect(try await enter("/payments", put).date == first.date)
      #expect(try await pot(books) == 4000)
      let second = try await enter("/kitty/counts", #"{"counted": "35"}"#)
      #expect(second.date == first.date && second.expected == 4000 && second.amount == 500)
      #expect(try await pot(books) == 3500)
      let tea = try await enter(
        "/expenses", #"{"description": "Tea", "amount": "6", "payer": "kitty", "date": "\#(today)"}"#)
      #expect(tea.date == first.date)
      #expect(try await pot(books) == 2900)
      let refund = try await enter(
        "/expenses", #"{"description": "Tea", "amount": "-2", "refundOf": "\#(tea.id)"}"#)
      #expect(refund.date == first.date)
      #expect(try await pot(books) == 3100)
      let third = try await enter("/kitty/counts", #"{"counted": "31", "date": "\#(today)"}"#)
      #expect(third.date == first.date && third.amount == 0)
      var now = try await books.get(Entry.self, "/entries/\(first.id)")
      #expect(now.version == 1 && now.expected == 2000)
      // An earlier date is one that is noted late.
      let late = try await enter(
        "/expenses",
        #"{"description": "Milk", "amount": "3", "payer": "kitty", "date": "\#(today.moved(by: -1))"}"#)
      #expect(late.date == today.moved(by: -1))
      now = try await books.get(Entry.self, "/entries/\(first.id)")
      #expect(now.expected == 1700)
      #expect(try await pot(books) == 3100)
    }
  }

  @Test(arguments: Backend.available) func payoutsMovedBehindACountNeedTheMoney(backend: Backend) async throws
  {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": "100"}"#)
      _ = try await books.enter("/kitty/counts", #"{"counted": "100"}"#)
      let payout =
        #"{"from": "kitty", "to": "\#(books.bob)", "amount": "100", "date": "\#(day(-3))"}"#
      let payouts = [try await books.enter("/payments", payout), try await books.enter("/payments", payout)]
      #expect(try await pot(books) == 10000)
      let move = #"{"date": "\#(day(0))"}"#
      let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
        for payout in payouts {
          group.addTask {
            try await books.send("PATCH", "/payments/\(payout.id)", move, headers: Self.any)
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(answers.map(\.status).sorted() == [200, 409])
      let refused = try #require(answers.first { $0.status == 409 })
      #expect(try refused.problem().code == "not_in_the_pot", "\(refused.text)")
      #expect(try await pot(books) == 0)
      for payout in payouts {
        let answer = try await books.send(
          "PATCH", "/payments/\(payout.id)?dryRun=true", move, headers: Self.any)
        #expect(try answer.status == 200 || answer.problem().code == "not_in_the_pot")
      }
      // Back before the count the money is there again.
      for payout in payouts {
        let answer = try await books.send(
          "PATCH", "/payments/\(payout.id)", #"{"date": "\#(day(-2))"}"#, headers: Self.any)
        #expect(answer.status == 200, "\(answer.text)")
      }
      #expect(try await pot(books) == 10000)
    }
  }

  @Test(arguments: Backend.available) func lateNotesAtOnceKeepThePot(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter("/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": 1000}"#)
      _ = try await books.enter("/kitty/counts", #"{"counted": 500}"#)
      let json = #"{"description": "x", "amount": 10, "payer": "kitty", "date": "\#(day(-1))"}"#
      let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<5 { group.addTask { try await books.send("POST", "/expenses", json).status } }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.allSatisfy { [201, 409].contains($0) } && statuses.contains(201), "\(statuses)")
      #expect(try await pot(books) == 500)
    }
  }

  @Test(arguments: Backend.available) func receiptOfACountIsNoAdjustment(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": "10"}"#)
      let count = try await books.enter("/kitty/counts", #"{"counted": "9"}"#)
      let answer = try await books.server.send(
        "PUT", "/v1/groups/\(books.group.id)/entries/\(count.id)/receipts/1", token: books.token,
        body: .bytes(ReceiptSamples.pdf()))
      #expect(answer.status == 200, "\(answer.text)")
      _ = try await books.enter(
        "/expenses", #"{"description": "Late", "amount": "0.40", "payer": "kitty", "date": "2026-01-01"}"#)
      let expected: [Revision.Action] = [.created, .changed, .adjusted]
      let history = try await books.get(History.self, "/entries/\(count.id)/history").revisions
      #expect(history.map(\.action) == expected)
      var paged: [Revision.Action] = []
      var next: String? = "?limit=1"
      while let query = next {
        let page = try await books.get(History.self, "/entries/\(count.id)/history\(query)")
        paged += page.revisions.map(\.action)
        next = page.next.map { "?limit=1&cursor=\($0)" }
      }
      #expect(paged == expected)
      let file = try await books.get(GroupFile.self, "/export")
      #expect(file.entries.first { $0.id == count.id }?.revisions.map(\.action) == expected)
      let made = try await books.send("POST", "/v1/groups", #"{"name": "Copy", "currency": "EUR"}"#)
      let copy = "/v1/groups/\(try made.decode(Group.self).id)"
      let imported = try await books.send(
        "POST", "\(copy)/import", try await books.send("GET", "/export").text)
      #expect(imported.status == 200, "\(imported.text)")
      let kept = try await books.get(History.self, "\(copy)/entries/\(count.id)/history").revisions
      #expect(kept.map(\.action) == expected)
    }
  }
}
