import Postgres
import Testing

@Suite(
  .enabled(if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set: `make test` starts a PostgreSQL"))
struct PostgresTests {
  func client(
    connections: Int = 2, queueLimit: Int = 1024, timeout: Duration = .seconds(10), name: String = "test"
  ) throws -> PostgresClient {
    let url = try #require(Backend.postgresURL)
    return PostgresClient(
      connectionString: "\(url)?application_name=\(name)", connections: connections, queueLimit: queueLimit,
      statementTimeout: timeout)
  }

  @Test func valuesAreReadAsWritten() async throws {
    let client = try client()
    for value in [nil, "", "Zoë's \\ \"quoted\" 井上 🍕", String(repeating: "x", count: 1_000_000)] as [String?]
    {
      let results = try await client.run([PostgresStatement("select $1::text, 7", [value])])
      #expect(results[0].rows == [.init(columns: [value, "7"])])
    }
    await client.close()
    await #expect(throws: PostgresError.closed) { try await client.run([PostgresStatement("select 1")]) }
  }

  @Test func batchIsOneTransactionWithItsOwnError() async throws {
    let client = try client(connections: 1)
    let table = "wrapper_\(UInt32.random(in: 0...UInt32.max))"
    _ = try await client.run([
      PostgresStatement("create table \(table) (x integer constraint \(table)_small check (x < 10))")
    ])
    let outcomes = await withTaskGroup(of: (Int, PostgresError?).self) { group in
      for number in 0..<30 {
        group.addTask {
          do throws(PostgresError) {
            // Every third batch violates the constraint in its second statement.
            let second = number % 3 == 0 ? "99" : "2"
            _ = try await client.run([
              PostgresStatement("insert into \(table) values ($1)", ["1"]),
              PostgresStatement("insert into \(table) values ($1)", [second]),
            ])
            return (number, nil)
          } catch { return (number, error) }
        }
      }
      return await group.reduce(into: [Int: PostgresError?]()) { $0[$1.0] = $1.1 }
    }
    for (number, failure) in outcomes {
      if number % 3 == 0 {
        guard case .server("23514", _, let constraint) = failure else {
          Issue.record("\(number): \(String(describing: failure))")
          continue
        }
        #expect(constraint == "\(table)_small")
      } else {
        #expect(failure == nil)
      }
    }
    let rows = try await client.run([PostgresStatement("select count(*), sum(x) from \(table)")])
    #expect(rows[0].rows[0].columns == ["40", "60"])
    _ = try await client.run([PostgresStatement("drop table \(table)")])
    await client.close()
  }

  @Test func deferredConstraintFailsItsBatch() async throws {
    let client = try client(connections: 1)
    let table = "wrapper_\(UInt32.random(in: 0...UInt32.max))"
    _ = try await client.run([
      PostgresStatement(
        "create table \(table) (x integer primary key, y integer references \(table) deferrable initially deferred)"
      )
    ])
    let failure = await #expect(throws: PostgresError.self) {
      try await client.run([PostgresStatement("insert into \(table) values (1, 2)")])
    }
    if case .server("23503", _, _) = failure {} else { Issue.record("\(String(describing: failure))") }
    let done = try await client.run([
      PostgresStatement("insert into \(table) values (1, 2)"),
      PostgresStatement("insert into \(table) values (2, null)"),
    ])
    #expect(done.map(\.affected) == [1, 1])
    _ = try await client.run([PostgresStatement("drop table \(table)")])
    await client.close()
  }

  @Test func invalidStatementIsReportedEachTime() async throws {
    let client = try client(connections: 1)
    for _ in 0..<3 {
      let failure = await #expect(throws: PostgresError.self) {
        try await client.run([PostgresStatement("selec 1")])
      }
      if case .server("42601", _, _) = failure {} else { Issue.record("\(String(describing: failure))") }
      #expect(try await client.run([PostgresStatement("select 1")])[0].rows.count == 1)
    }
    await client.close()
  }

  @Test func manyAndLargeStatementsSucceed() async throws {
    let client = try client(connections: 4)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<500 {
        group.addTask {
          let results = try await client.run([PostgresStatement("select $1::text", ["\(number)"])])
          #expect(results[0].rows[0].columns == ["\(number)"])
        }
      }
      try await group.waitForAll()
    }
    // 20 MB in each direction in one flush: more than the buffers of the sockets.
    let large = String(repeating: "y", count: 2_000_000)
    let results = try await client.run(
      Array(repeating: PostgresStatement("select $1::text", [large]), count: 10))
    #expect(results.allSatisfy { $0.rows[0].columns[0]?.utf8.count == 2_000_000 })
    await client.close()
  }

  @Test func slowStatementTimesOut() async throws {
    let client = try client(connections: 1, timeout: .milliseconds(200))
    let failure = await #expect(throws: PostgresError.self) {
      try await client.run([PostgresStatement("select pg_sleep(30)")])
    }
    if case .server("57014", _, _) = failure {} else { Issue.record("\(String(describing: failure))") }
    #expect(try await client.run([PostgresStatement("select 1")])[0].rows.count == 1)
    await client.close()
  }

  @Test func cutConnectionIsReplaced() async throws {
    let name = "cut\(UInt32.random(in: 0...UInt32.max))"
    let (client, other) = (try client(connections: 2, name: name), try client(connections: 1))
    _ = try await client.run([PostgresStatement("select 1")])
    _ = try await other.run([
      PostgresStatement(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [name])
    ])
    // The first request after the cut may fail; a later one must succeed, and no call may hang.
    var recovered = false
    for _ in 0..<200 where !recovered {
      do throws(PostgresError) {
        _ = try await client.run([PostgresStatement("select 1")])
        recovered = true
      } catch {
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    #expect(recovered)
    await client.close()
    await other.close()
  }

  @Test func queueIsBoundedAndCancelledStatementsLeaveIt() async throws {
    let name = "queue\(UInt32.random(in: 0...UInt32.max))"
    let client = try client(connections: 1, queueLimit: 3, timeout: .seconds(120), name: name)
    let holder = try self.client(connections: 1)
    let watcher = try self.client(connections: 1)
    try await holder.exclusive(lock: 4712) { session in
      _ = try await session.run([PostgresStatement("select pg_advisory_lock(4712)")])
      // The client's one connection waits for the lock until this closure ends.
      let slow = Task { try await client.run([PostgresStatement("select pg_advisory_xact_lock(4712)")]) }
      func isBusy() async throws -> Bool {
        let rows = try await watcher.run([
          PostgresStatement(
            "select count(*) from pg_stat_activity where application_name = $1 and wait_event_type = 'Lock'",
            [name])
        ])
        return rows[0].rows[0].columns[0] != "0"
      }
      try await until { try await isBusy() }
      let waiting = Task { try await client.run([PostgresStatement("select 1")]) }
      waiting.cancel()
      await #expect(throws: PostgresError.cancelled) { try await waiting.value }
      // At most sixteen are in flight on the connection, and three wait; the others are refused at once.
      let asked = (0..<40).map { _ in
        Task { () async -> PostgresError? in
          do throws(PostgresError) {
            _ = try await client.run([PostgresStatement("select 1")])
            return nil
          } catch { return error }
        }
      }
      var refusal: PostgresError?
      while refusal != .overloaded {
        let probe = Task { () async -> PostgresError? in
          do throws(PostgresError) {
            _ = try await client.run([PostgresStatement("select 1")])
            return nil
          } catch { return error }
        }
        await Task.yield()
        probe.cancel()
        refusal = await probe.value
      }
      // The lock is still held: statements behind it cannot be answered before they are cancelled.
      for task in asked { task.cancel() }
      var refused = 0
      for task in asked {
        let failure = await task.value
        #expect(failure == .cancelled || failure == .overloaded)
        if failure == .overloaded { refused += 1 }
      }
      #expect(refused > 0)
      slow.cancel()
    }
    #expect(try await client.run([PostgresStatement("select 1")])[0].rows.count == 1)
    await client.close()
    await holder.close()
    await watcher.close()
  }

  @Test func unreachableServerFailsQuickly() async throws {
    let client = PostgresClient(connectionString: "postgresql://kitty@127.0.0.1:9/kitty")
    for _ in 0..<5 {
      let failure = await #expect(throws: PostgresError.self) {
        try await client.run([PostgresStatement("select 1")])
      }
      if case .unavailable(_, maybeApplied: false) = failure {
      } else {
        Issue.record("\(String(describing: failure))")
      }
    }
    await client.close()
  }

  @Test func cancelledTaskEndsOnlyItsStatement() async throws {
    let client = try client(connections: 1)
    _ = try await client.run([PostgresStatement("select 1")])
    for _ in 0..<5 {
      let slow = Task { try await client.run([PostgresStatement("select pg_sleep(30)")]) }
      // They wait behind it on the same connection, and are sent again when the cancellation hits them.
      let others = (0..<10).map { number in
        Task { try await client.run([PostgresStatement("select pg_sleep(0.001), $1::text", ["\(number)"])]) }
      }
      try await Task.sleep(for: .milliseconds(30))
      slow.cancel()
      await #expect(throws: PostgresError.cancelled) { try await slow.value }
      for (number, other) in others.enumerated() {
        #expect(try await other.value[0].rows[0].columns[1] == "\(number)")
      }
    }
    await client.close()
  }

  @Test func cutConnectionFailsOnlyItsStatements() async throws {
    let name = "middle\(UInt32.random(in: 0...UInt32.max))"
    let (client, other) = (try client(connections: 1, name: name), try client(connections: 1))
    let table = "wrapper_\(UInt32.random(in: 0...UInt32.max))"
    _ = try await client.run([PostgresStatement("create table \(table) (x integer primary key)")])
    let tasks = (0..<16).map { number in
      Task {
        try await client.run([
          PostgresStatement("insert into \(table) values ($1)", ["\(number)"]),
          PostgresStatement("select pg_sleep(0.01)"),
        ])
      }
    }
    try await Task.sleep(for: .milliseconds(60))
    _ = try await other.run([
      PostgresStatement(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [name])
    ])
    var acknowledged: Set<String> = []
    var failed: Set<String> = []
    for (number, task) in tasks.enumerated() {
      do {
        _ = try await task.value
        acknowledged.insert("\(number)")
      } catch PostgresError.unavailable(_, maybeApplied: true) {
        failed.insert("\(number)")
      } catch PostgresError.server("57P01", _, _) {
        failed.insert("\(number)")
      }
    }
    #expect(!failed.isEmpty && acknowledged.count + failed.count == 16)
    let rows = try await other.run([
      PostgresStatement("select x from \(table)"), PostgresStatement("drop table \(table)"),
    ])
    // All acknowledged rows are stored; of the others at most the one whose answer was in flight.
    let there = Set(rows[0].rows.compactMap { $0.columns[0] })
    #expect(acknowledged.isSubset(of: there) && there.count <= acknowledged.count + 1)
    #expect(try await client.run([PostgresStatement("select 1")])[0].rows.count == 1)
    await client.close()
    await other.close()
  }

  @Test func statementIsPreparedAgainAfterTableChange() async throws {
    let client = try client(connections: 1)
    let table = "wrapper_\(UInt32.random(in: 0...UInt32.max))"
    _ = try await client.run([PostgresStatement("create table \(table) (x integer)")])
    let select = PostgresStatement("select * from \(table)")
    _ = try await client.run([PostgresStatement("insert into \(table) values (1)")])
    #expect(try await client.run([select])[0].rows[0].columns == ["1"])
    _ = try await client.run([PostgresStatement("alter table \(table) add y text default 'new'")])
    #expect(try await client.run([select])[0].rows[0].columns == ["1", "new"])
    _ = try await client.run([PostgresStatement("drop table \(table)")])
    await client.close()
  }

  @Test func deallocatedStatementIsPreparedAgain() async throws {
    let client = try client(connections: 1)
    let statement = PostgresStatement("select 41 + 1")
    _ = try await client.run([statement])
    _ = try await client.run([PostgresStatement("deallocate all")])
    for _ in 0..<2 { #expect(try await client.run([statement])[0].rows[0].columns == ["42"]) }
    await client.close()
  }

  @Test func slowStatementDoesNotBlockOtherConnections() async throws {
    let client = try client(connections: 2)
    let slow = Task { try await client.run([PostgresStatement("select pg_sleep(30)")]) }
    try await Task.sleep(for: .milliseconds(300))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for _ in 0..<40 { tasks.addTask { _ = try await client.run([PostgresStatement("select 1")]) } }
      try await tasks.waitForAll()
    }
    // All are answered while the slow statement still sleeps.
    slow.cancel()
    await #expect(throws: PostgresError.cancelled) { try await slow.value }
    await client.close()
  }

  @Test func longBatchContinuesWhileAnswersArrive() async throws {
    let client = try client(connections: 1, timeout: .seconds(1))
    // In total longer than the six seconds after which a silent connection is closed.
    let results = try await client.run(
      Array(repeating: PostgresStatement("select pg_sleep(0.25)"), count: 32))
    #expect(results.count == 32)
    await client.close()
  }

  @Test func readBatchSeesOneSnapshot() async throws {
    let (client, other) = (
      PostgresClient(connectionString: try #require(Backend.postgresURL), connections: 1, onlyReads: true),
      try self.client()
    )
    let table = "wrapper_\(UInt32.random(in: 0...UInt32.max))"
    _ = try await other.run([PostgresStatement("create table \(table) (x integer)")])
    let count = PostgresStatement("select count(*) from \(table)")
    #expect(try await client.run([count])[0].rows[0].columns == ["0"])
    let reading = Task { try await client.run([count, PostgresStatement("select pg_sleep(1)"), count]) }
    try await Task.sleep(for: .milliseconds(300))
    _ = try await other.run([PostgresStatement("insert into \(table) values (1)")])
    let counts = try await reading.value
    #expect(counts[0].rows == counts[2].rows)
    await #expect(throws: PostgresError.self) {
      try await client.run([PostgresStatement("insert into \(table) values (2)")])
    }
    #expect(try await client.run([count])[0].rows[0].columns == ["1"])
    _ = try await other.run([PostgresStatement("drop table \(table)")])
    for client in [client, other] { await client.close() }
  }
}
