import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// Two workers that are killed at random moments book each day of a rule exactly once.
@Suite struct KilledWorkersTests {
  private static let days: Int64 = 250
  private static let rounds = 12
  private let program = Bundle.main.bundleURL.appending(path: "kittycash-server").path

  @Test(arguments: Backend.available) func killedWorkersBookEachDayOnce(backend: Backend) async throws {
    let location = try await TestServer.DataLocation(on: backend)
    defer { location.remove() }
    try await TestServer.run(at: location, settings: ["WORKER": "separate"]) { (server) async throws in
      let token = try await server.signUp()
      let (group, members) = try await server.makeGroup(token, guests: ["Bob", "Carl"])
      let books = GroupFixture(server: server, token: token, group: group, members: members)
      let first = Instant.now.day.moved(by: 1 - Self.days)
      let rule = try await RecurringBooksTests.rule(
        "\(RecurringBooksTests.rent(books, amount: 1000)), \"every\": {\"n\": 1, \"unit\": \"day\"}, \"from\": \"\(first)\", \"zone\": \"UTC\"",
        books)
      var random = Seeded(UInt64(bitPattern: Int64(backend == .sqlite ? 9 : 99)))
      let database = server.dependencies.database
      var counts: [Int] = []
      for _ in 0..<Self.rounds {
        // Jobs for both workers, without the lease of those that were killed.
        try await database.transact(
          ["delete from jobs"]
            + (0..<2).map { _ in
              JobStore.enqueue(.bookRecurring, payload: "\(group.id)/\(rule.id)", at: .now)
            })
        let variables = location.databaseURL.map { ["DATABASE_URL=\($0)"] } ?? []
        let workers = try (0..<2).map { _ in
          try BackgroundProgram(
            "/usr/bin/env", variables + [program, "worker", "--data", location.folder])
        }
        let before = counts.last ?? 0
        // Killed while they book, as far as the machine lets it: some time after the first new entry.
        let end = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < end, try await count(database) == before {
          try await Task.sleep(for: .milliseconds(5))
        }
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...120, using: &random)))
        for worker in workers { worker.kill() }
        counts.append(try await count(database))
        if counts.last == Int(Self.days) { break }
      }
      #expect(counts.first != Int(Self.days), "no worker was killed while it booked: \(counts)")
      try await server.dependencies.recurringBooks.bookAll(at: .now)
      let entries = try await RecurringBooksTests.booked(rule, books)
      #expect(entries.map { $0.recurring?.k } == (0..<Self.days).map { $0 }, "\(counts)")
      #expect(entries.map(\.date) == (0..<Self.days).map { first.moved(by: $0) })
      try await GroupFixture.expectClean(server)
    }
  }

  private func count(_ database: any Database) async throws -> Int {
    try await database.read("select count(*) from entries")[0].decode(Int.self)
  }
}
