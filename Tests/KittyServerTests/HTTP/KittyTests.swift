import Foundation
import KittyShared
import Testing

@testable import KittyServer

/// The kitty: contributions, payouts, counts and targets.
@Suite struct KittyTests {
  @Test(arguments: Backend.available) func kittyIsFilledCountedAndPaidOut(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (anna, bob) = (books.anna, books.bob)
      let put = try await books.enter("/payments", #"{"from": "\#(anna)", "to": "kitty", "amount": "100"}"#)
      #expect(try await books.get(Entry.self, "/payments/\(put.id)") == put)
      #expect(put.kind == .contribution && put.description == "Contribution")
      #expect(
        try await books.nets()
          == ["Anna EUR": 10_000, "Bob EUR": 0, "Carl EUR": 0, "Kitty EUR": -10_000].withNamesOfServer())
      _ = try await books.enter("/expenses", #"{"description": "Beer", "amount": "60", "payer": "kitty"}"#)
      let group = try await books.get(Group.self, "")
      #expect(group.kitty == [Money(amount: 4000, currency: group.currency)])
      // The counted cash.
      let dry = try await books.send("POST", "/kitty/counts?dryRun=true", #"{"counted": "37.00"}"#)
      #expect(dry.status == 200)
      let count = try await books.enter("/kitty/counts", #"{"counted": "37.00"}"#)
      #expect(
        count.expected == 4000 && count.counted == 3700 && count.shares?.map(\.amount) == [100, 100, 100])
      let exact = try await books.enter("/kitty/counts", #"{"counted": "37.00"}"#)
      #expect(exact.amount == 0)
      let payout = try await books.enter("/payments", #"{"from": "kitty", "to": "\#(bob)", "amount": "7"}"#)
      #expect(payout.kind == .payout)
      let set = try await books.send(
        "PUT", "/kitty/targets",
        #"{"targets": [{"member": "\#(anna)", "amount": "120"}, {"member": "\#(bob)", "amount": "10"}]}"#)
      let kitty = try set.decode(Kitty.self)
      #expect(kitty.holds.map(\.amount) == [3000])
      let targets = kitty.targets.map { [$0.target, $0.contributed, $0.missing] }
      #expect(targets == [[12_000, 10_000, 2000], [1000, -700, 1700]])
      // The count after a deleted one still says what was there; without any the books say it.
      #expect(try await books.send("DELETE", "/entries/\(count.id)").status == 204)
      #expect(try await books.get(Kitty.self, "/kitty").holds.map(\.amount) == [3000])
      #expect(try await books.send("DELETE", "/entries/\(exact.id)").status == 204)
      #expect(try await books.get(Kitty.self, "/kitty").holds.map(\.amount) == [3300])
    }
  }

  @Test(arguments: Backend.available) func payoutBeyondTheKittyIsRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter("/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": "100"}"#)
      let payout = #"{"from": "kitty", "to": "\#(books.bob)", "amount": "AMOUNT"}"#
      let refused = try await books.send("POST", "/payments", payout.replacing("AMOUNT", with: "100.01"))
      try expectFirstError(refused, 409, "not_in_the_pot")
      #expect(refused.text.contains("100.00 EUR"))
      try expectFirstError(
        try await books.send("POST", "/payments?dryRun=true", payout.replacing("AMOUNT", with: "101")), 409,
        "not_in_the_pot")
      let made = try await books.enter("/payments", payout.replacing("AMOUNT", with: "60"))
      let any = [("If-Match", "*")]
      let path = "/payments/\(made.id)"
      try expectFirstError(
        try await books.send("PATCH", path, #"{"amount": "100.01"}"#, headers: any), 409, "not_in_the_pot")
      #expect(try await books.send("PATCH", path, #"{"amount": "100"}"#, headers: any).status == 200)
      // After a late expense of the kitty, a payout can change, but not increase.
      _ = try await books.enter("/expenses", #"{"description": "x", "amount": "5", "payer": "kitty"}"#)
      #expect(try await books.send("PATCH", path, #"{"note": "late"}"#, headers: any).status == 200)
      #expect(try await books.send("PATCH", path, #"{"amount": "99"}"#, headers: any).status == 200)
      #expect(try await books.send("DELETE", path).status == 204)
      try expectFirstError(
        try await books.send("POST", "/entries/\(made.id)/restore"), 409, "not_in_the_pot")
      // Concurrent payouts do not exceed the kitty.
      let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
        for _ in 0..<8 {
          tasks.addTask {
            try await books.send("POST", "/payments", payout.replacing("AMOUNT", with: "30")).status
          }
        }
        return try await tasks.reduce(into: []) { $0.append($1) }
      }
      #expect(statuses.filter { $0 == 201 }.count == 3 && statuses.filter { $0 == 409 }.count == 5)
      #expect(try await books.get(Kitty.self, "/kitty").holds.map(\.amount) == [500])
    }
  }

  @Test(arguments: Backend.available) func countOfAnotherDayIsRefused(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      _ = try await books.enter(
        "/payments", #"{"from": "\#(books.anna)", "to": "kitty", "amount": "100", "date": "2026-06-01"}"#)
      func count(_ day: Day) async throws -> Answer {
        try await books.send("POST", "/kitty/counts", #"{"counted": "90", "date": "\#(day)"}"#)
      }
      let today = Instant.now.day
      for days in [-400, -2, 2] as [Int64] {
        let day = Day(daysSince1970: today.daysSince1970 + days)
        try expectFirstError(try await count(day), 422, "not_today", field: "date")
      }
      #expect(try await count(today).status == 201)
      // Tomorrow is accepted because of time zones.
      #expect(try await count(Day(daysSince1970: today.daysSince1970 + 1)).status == 201)
    }
  }

  @Test(arguments: Backend.available) func targetOfRemovedMemberDisappears(backend: Backend) async throws {
    try await GroupFixture.run(on: backend) { books in
      let (anna, bob) = (books.anna, books.bob)
      func set(_ member: ID, _ amount: Int) async throws -> Answer {
        try await books.send(
          "PUT", "/kitty/targets", #"{"targets": [{"member": "\#(member)", "amount": \#(amount)}]}"#)
      }
      #expect(try await set(bob, 500).status == 200)
      #expect(try await books.send("DELETE", "/members/\(bob)").status == 204)
      #expect(try await books.get(Kitty.self, "/kitty").targets.isEmpty)
      try expectFirstError(try await set(bob, 5), 422, "not_a_member", field: "targets.0.member")
      #expect(try await set(bob, 0).status == 200)
      try expectFirstError(
        try await set(books.group.id, 0), 422, "not_a_member", field: "targets.0.member")
      // Without a target nothing is missing.
      _ = try await books.enter("/payments", #"{"from": "\#(anna)", "to": "kitty", "amount": 700}"#)
      _ = try await books.enter("/payments", #"{"from": "kitty", "to": "\#(books.carl)", "amount": 700}"#)
      let targets = try await books.get(Kitty.self, "/kitty").targets
      #expect(targets.map { [$0.contributed, $0.missing] } == [[700, 0], [-700, 0]])
    }
  }

  @Test(arguments: Backend.available) func concurrentCountsAndContributionsAddUp(backend: Backend)
    async throws
  {
    try await GroupFixture.run(on: backend) { books in
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
        // A count during concurrent payments may get 409 and must be repeated.
        for try await status in tasks { #expect([201, 409].contains(status)) }
      }
      // After every count the kitty holds the counted amount; later contributions add to it.
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
