import KittyShared
import Postgres
import TestSupport
import Testing

@testable import KittyServer

/// Leases: which worker may run a job.
@Suite struct LeaseTests {
  @Test(arguments: Backend.available) func concurrentWorkersRunEachJobOnce(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      for _ in 0..<40 { try await queue.enqueue() }
      let recorder = EventRecorder()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<4 {
          group.addTask {
            let worker = queue.worker("w\(number)") { job, _ in
              recorder.record("\(job.id)")
              await Task.yield()
              return .done()
            }
            while try await worker.runNext() {}
          }
        }
        try await group.waitForAll()
      }
      #expect(recorder.events.count == 40 && Set(recorder.events).count == 40)
      #expect(try await queue.count("jobs") == 0)
    }
  }

  @Test(.enabled(if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set: `make test` starts one"))
  func claimSkipsJobLockedByAnotherWorker() async throws {
    try await JobFixture.run(on: .postgres) { queue in
      let first = try await queue.enqueue(due: Instant(milliseconds: 1))
      let second = try await queue.enqueue()
      let client = PostgresClient(connectionString: queue.location.databaseURL ?? "", connections: 1)
      try await client.exclusive(lock: 4714) { session in
        try await session.script("begin; select 1 from jobs where id = '\(first)' for update")
        #expect(try await queue.jobs.claim(by: "b", at: .now)?.id == second)
        #expect(try await queue.jobs.claim(by: "b", at: .now) == nil)
        try await session.script("rollback")
      }
      await client.close()
      #expect(try await queue.jobs.claim(by: "b", at: .now)?.id == first)
    }
  }

  @Test(arguments: Backend.available) func workerWithoutLeaseCannotChangeJob(backend: Backend)
    async throws
  {
    try await JobFixture.run(on: backend) { queue in
      let jobs = queue.jobs
      try await queue.enqueue()
      let now = Instant.now
      let old = try #require(try await jobs.claim(by: "a", at: now))
      // The first worker was killed or hangs.
      #expect(try await jobs.claim(by: "b", at: now.advanced(by: .seconds(60))) == nil)
      let later = now.advanced(by: .seconds(61))
      let new = try #require(try await jobs.claim(by: "b", at: later))
      #expect(new.id == old.id && old.attempts == 1 && new.attempts == 2)
      for isDone in [
        try await jobs.finish(old, at: later), try await jobs.fail(old, error: "x", at: later),
        try await jobs.postpone(old, until: later), try await jobs.release(old),
        try await jobs.renew(old, at: later),
      ] { #expect(!isDone) }
      let state = try #require(try await queue.state())
      #expect(state.attempts == 2 && state.error == nil && state.dead == nil)
      #expect(state.leasedUntil == later.advanced(by: .seconds(60)))
      #expect(try await jobs.renew(new, at: later.advanced(by: .seconds(30))))
      #expect(try await queue.state()?.leasedUntil == later.advanced(by: .seconds(90)))
      #expect(try await jobs.release(new))
      #expect(try await queue.state()?.attempts == 1)
      let last = try #require(try await jobs.claim(by: "c", at: later))
      #expect(try await jobs.finish(last, at: later))
      #expect(try await queue.count("jobs") == 0)
    }
  }

  @Test(arguments: Backend.available) func leaseOfLongJobIsRenewed(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      try await queue.enqueue()
      let worker = queue.worker(lease: .milliseconds(900)) { _, _ in
        let begun = try await queue.state()?.leasedUntil
        // After two lease times the job still belongs to this worker.
        try await until {
          guard let begun, let now = try await queue.state()?.leasedUntil else { return false }
          return now > begun.advanced(by: .milliseconds(1800))
        }
        #expect(try await queue.jobs.claim(by: "b", at: .now) == nil)
        return .done()
      }
      #expect(try await worker.runNext())
      #expect(try await queue.count("jobs") == 0)
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: Backend.available)
  func workerThatLostItsJobStops(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      try await queue.enqueue()
      let worker = queue.worker(lease: .milliseconds(300)) { job, _ in
        // Another worker takes the lease.
        try await queue.database.transact([
          "update jobs set lease = \(ID.first), attempts = 7, worker = 'b' where id = \(job.id)"
        ])
        try await Task.sleep(for: .seconds(3600))
        return .done()
      }
      #expect(try await worker.runNext())
      let state = try #require(try await queue.state())
      #expect(state.attempts == 7 && state.leasedUntil != nil && state.error == nil)
      // A cancelled job stops its worker too.
      try await queue.database.transact(["update jobs set leased_until = null"])
      let other = queue.worker(lease: .milliseconds(300)) { job, _ in
        _ = try await queue.jobs.cancel(job.id)
        try await Task.sleep(for: .seconds(3600))
        return .done()
      }
      #expect(try await other.runNext())
      #expect(try await queue.count("jobs") == 0)
    }
  }

  @Test(arguments: Backend.available) func jobThatKillsItsWorkersIsDead(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      try await queue.enqueue()
      var now = Instant.now
      for attempt in 1...JobStore.maxAttempts {
        #expect(try await queue.jobs.claim(by: "a", at: now)?.attempts == attempt)
        now = now.advanced(by: .seconds(61))
      }
      #expect(try await queue.jobs.claim(by: "a", at: now) == nil)
      let state = try #require(try await queue.state())
      #expect(state.dead == now && state.leasedUntil == nil && state.error?.contains("silent") == true)
    }
  }

  @Test(arguments: Backend.available) func jobBeyondTheTimeLimitFails(backend: Backend) async throws {
    try await JobFixture.run(on: backend) { queue in
      try await queue.enqueue()
      var timing = Worker.Timing()
      timing.timeLimit = .zero
      let worker = queue.worker(timing: timing) { _, _ in
        try await Task.sleep(for: .seconds(3600))
        return .done()
      }
      #expect(try await worker.runNext())
      let state = try #require(try await queue.state())
      #expect(state.attempts == 1 && state.leasedUntil == nil && state.error?.contains("longer than") == true)
    }
  }

  @Test func retryDelaysAreSpread() {
    var random = Seeded(7)
    for attempt in -1...30 {
      let longest = min(5000 * [1, 3, 9, 27, 81, 243, 729, 2187][max(0, min(attempt - 1, 7))], 3_600_000)
      let delays = (0..<300).map { _ in Job.retryDelay(after: attempt, using: &random) }
      #expect(delays.allSatisfy { $0 >= .milliseconds(longest / 2) && $0 <= .milliseconds(longest) })
      #expect(delays.min() ?? .zero < .milliseconds(longest * 6 / 10), "\(attempt)")
      #expect(delays.max() ?? .zero > .milliseconds(longest * 9 / 10), "\(attempt)")
    }
  }
}
