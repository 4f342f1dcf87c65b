import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// The connections of the database are shared between users.
@Suite struct FairDatabaseTests {
  /// Runs `work` for a user while slow reads of another one run.
  private func whileSlowReadsRun(
    on backend: Backend, isLong: Bool, _ work: (TestServer, DatabaseCaller) async throws -> Void
  ) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let database = server.dependencies.database
      let attacker = DatabaseCaller(user: ID(at: .now), isLong: isLong)
      let reads = (0..<40).map { _ in
        Task {
          try await DatabaseCaller.$current.withValue(attacker) {
            try await database.read(SlowStatement.read(backend))
          }
        }
      }
      // Some of them run, and their connections count as slow.
      try await Task.sleep(for: .milliseconds(300))
      let outcome: Result<Void, any Error>
      do {
        outcome = .success(try await work(server, DatabaseCaller(user: ID(at: .now))))
      } catch { outcome = .failure(error) }
      for read in reads { read.cancel() }
      for read in reads { _ = try? await read.value }
      try outcome.get()
    }
  }

  @Test(arguments: Backend.available, [false, true])
  func slowReadsOfAUserHoldUpNoOther(backend: Backend, isLong: Bool) async throws {
    try await whileSlowReadsRun(on: backend, isLong: isLong) { server, victim in
      let database = server.dependencies.database
      for _ in 0..<20 {
        let start = ContinuousClock.now
        let rows = try await DatabaseCaller.$current.withValue(victim) {
          try await database.read("select 1")
        }
        #expect(try rows[0].decode(Int.self) == 1)
        #expect(ContinuousClock.now - start < .seconds(30))
      }
    }
  }

  @Test(arguments: Backend.available) func readsThatCameWithSlowOnesAreAnswered(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      let database = server.dependencies.database
      let (attacker, victim) = (
        DatabaseCaller(user: ID(at: .now)), DatabaseCaller(user: ID(at: .now))
      )
      // At the same moment, so that they share connections before any counts as slow.
      let tasks = (0..<20).map { _ in
        Task {
          try await DatabaseCaller.$current.withValue(attacker) {
            try await database.read(SlowStatement.read(backend))
          }
        }
      }
      let start = ContinuousClock.now
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<3 {
          group.addTask {
            try await DatabaseCaller.$current.withValue(victim) { _ = try await database.read("select 1") }
          }
        }
        try await group.waitForAll()
      }
      #expect(ContinuousClock.now - start < .seconds(30))
      for task in tasks { task.cancel() }
      for task in tasks { _ = try? await task.value }
    }
  }

  @Test(.enabled(if: Backend.postgresURL != nil, "needs PostgreSQL"))
  func writesThatWaitForAGroupLeaveConnectionsToOthers() async throws {
    let location = try await TestServer.DataLocation(on: .postgres)
    defer { location.remove() }
    try await TestServer.run(at: location) { (server) async throws in
      let (token, victim) = (try await server.signUp(), try await server.signUp("victor"))
      let (group, _) = try await server.makeGroup(token)
      let (other, _) = try await server.makeGroup(victim)
      let add = { @Sendable (token: String, group: ID, name: String) in
        try await server.send(
          "POST", "/v1/groups/\(group)/members", token: token, json: #"{"name": "\#(name)"}"#
        ).status
      }
      let statuses = try await BlockingTransaction.run(
        on: server, at: location, "update groups set version = version where id = '\(group.id)'",
        { () async throws -> [Int] in
          try await withThrowingTaskGroup(of: Int.self) { tasks in
            for number in 0..<40 { tasks.addTask { try await add(token, group.id, "G\(number)") } }
            return try await tasks.reduce(into: []) { $0.append($1) }
          }
        },
        whileWaiting: { () async throws in
          let start = ContinuousClock.now
          for number in 0..<10 { #expect(try await add(victim, other.id, "V\(number)") == 201) }
          #expect(ContinuousClock.now - start < .seconds(30))
        })
      // On a busy machine the lock is not released in time for all.
      #expect(statuses.contains(201) && statuses.allSatisfy { [201, 503].contains($0) }, "\(statuses)")
    }
  }

  @Test func aUserWithTooManyWritesIsRefusedBeforeTheBodyIsRead() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let (token, other) = (try await server.signUp(), try await server.signUp("victor"))
      let user = try await server.send("GET", "/v1/me", token: token).decode(User.self).id
      let writes = server.dependencies.shares.database.writes
      let tasks = (0..<192).map { _ in
        Task { try await writes.run(for: user) { try await Task.sleep(for: .seconds(600)) } }
      }
      try await until { writes.isFull(for: user) }
      let group = #"{"name": "Flat", "currency": "EUR"}"#
      for json in [group, "nonsense"] {
        #expect(try await server.send("POST", "/v1/groups", token: token, json: json).status == 503)
      }
      #expect(server.dependencies.shares.database.refused == 2)
      #expect(try await server.send("POST", "/v1/groups", token: other, json: group).status == 201)
      #expect(try await server.send("GET", "/v1/groups", token: token).status == 200)
      for task in tasks { task.cancel() }
      for task in tasks { _ = try? await task.value }
      #expect(try await server.send("POST", "/v1/groups", token: token, json: group).status == 201)
    }
  }
}
