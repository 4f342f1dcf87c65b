import Curl
import Foundation
import KittyShared
import Testing
import Vips

@testable import KittyServer

/// Claiming and retrying jobs.
@Suite struct JobStoreTests {
  @Test(arguments: Backend.available) func failingJobIsRetriedAndThenDead(backend: Backend)
    async throws
  {
    try await TestServer.run(on: backend) { (server) async throws in
      try await server.dependencies.database.transact([
        "insert into jobs (id, kind, payload, run_at, created_at) values (\(ID(at: .now)), 'unknown', '', 0, 0)"
      ])
      let worker = server.dependencies.worker()
      var now = Instant.now
      for _ in 0..<JobStore.maxAttempts {
        #expect(try await worker.runNext(at: now) == true)
        #expect(try await worker.runNext(at: now) == false)
        now = now.advanced(by: .seconds(3600))
      }
      #expect(try await worker.runNext(at: now) == false)
      let rows = try await server.dependencies.database.read("select attempts, last_error, dead_at from jobs")
      let (attempts, error, dead) = try rows[0].decode(Int.self, String.self, Instant?.self)
      #expect(attempts == JobStore.maxAttempts && error.contains("unknown") && dead != nil)
    }
  }

  @Test(arguments: Backend.available) func concurrentWorkersClaimEachJobOnce(backend: Backend) async throws {
    try await TestServer.run(on: backend) { (server) async throws in
      let jobs = JobStore(database: server.dependencies.database)
      for _ in 0..<20 {
        try await server.dependencies.database.transact([
          "insert into jobs (id, kind, payload, run_at, created_at) values (\(ID(at: .now)), 'photo.remove', '', 0, 0)"
        ])
      }
      let claimed = try await withThrowingTaskGroup(of: [ID].self) { group in
        for _ in 0..<8 {
          group.addTask {
            var mine: [ID] = []
            for _ in 0..<30 { if let job = try await jobs.claim(by: "w", at: .now) { mine.append(job.id) } }
            return mine
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      #expect(claimed.count == 20 && Set(claimed).count == 20)
      // The worker was killed: another one takes over after the lease.
      #expect(try await jobs.claim(by: "w", at: Instant.now.advanced(by: jobs.lease + .seconds(5))) != nil)
    }
  }
}
