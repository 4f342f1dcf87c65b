import Postgres
import Testing

/// Locks: deadlocks and the lock of `exclusive`.
extension PostgresTests {
  @Test func deadlockIsRetried() async throws {
    let client = try client(connections: 8)
    let table = "wrapper_\(UInt32.random(in: 0...UInt32.max))"
    _ = try await client.run([
      PostgresStatement("create table \(table) (id integer primary key, x integer not null)")
    ])
    _ = try await client.run([PostgresStatement("insert into \(table) values (1, 0), (2, 0)")])
    func add(to id: Int) -> PostgresStatement {
      PostgresStatement("update \(table) set x = x + 1 where id = $1", ["\(id)"])
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<6 {
        let (first, second) = number % 2 == 0 ? (1, 2) : (2, 1)
        group.addTask {
          _ = try await client.run([
            add(to: first), PostgresStatement("select pg_sleep(0.02)"), add(to: second),
          ])
        }
      }
      try await group.waitForAll()
    }
    let rows = try await client.run([
      PostgresStatement("select x from \(table) order by id"), PostgresStatement("drop table \(table)"),
    ])
    #expect(rows[0].rows.map(\.columns) == [["6"], ["6"]])
    await client.close()
  }

  @Test func advisoryLockIsExclusive() async throws {
    let clients = [try client(), try client()]
    let table = "wrapper_\(UInt32.random(in: 0...UInt32.max))"
    _ = try await clients[0].run([PostgresStatement("create table \(table) (x integer)")])
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<8 {
        group.addTask {
          try await clients[number % 2].exclusive(lock: 4711) { session in
            let rows = try await session.run([PostgresStatement("select count(*) from \(table)")])
            let count = rows[0].rows[0].columns[0] ?? ""
            try await session.script("begin; insert into \(table) values (\(count)); commit")
          }
        }
      }
      try await group.waitForAll()
    }
    let rows = try await clients[0].run([
      PostgresStatement("select string_agg(x::text, ',' order by x) from \(table)"),
      PostgresStatement("drop table \(table)"),
    ])
    #expect(rows[0].rows[0].columns == ["0,1,2,3,4,5,6,7"])
    for client in clients { await client.close() }
  }
}
