import Postgres
import Testing

/// Statements that libpq itself refuses.
extension PostgresTests {
  /// libpq takes at most 65,535 parameters.
  private static let refused = PostgresStatement(
    "select 1 where " + (1...65_536).map { "$\($0)" }.joined(separator: " or "),
    Array(repeating: "true", count: 65_536))

  @Test func statementThatLibpqRefusesFailsItsBatchAlone() async throws {
    let client = try client(connections: 1)
    let table = "wrapper_\(UInt32.random(in: 0...UInt32.max))"
    _ = try await client.run([PostgresStatement("create table \(table) (x integer)")])
    let before = try await client.run([PostgresStatement("select pg_backend_pid()")])
    let outcomes = await withTaskGroup(of: (Int, PostgresError?).self) { group in
      for number in 0..<60 {
        group.addTask {
          let insert = PostgresStatement("insert into \(table) values ($1)", ["\(number)"])
          // Alone, behind a statement that was sent already, and behind many.
          let batch: [PostgresStatement] =
            switch number {
            case 10, 40: [Self.refused]
            case 20, 50: [insert, Self.refused, insert]
            case 30: Array(repeating: insert, count: 40) + [Self.refused]
            default: [PostgresStatement("select pg_sleep(0.01)"), insert]
            }
          do throws(PostgresError) {
            _ = try await client.run(batch)
            return (number, nil)
          } catch { return (number, error) }
        }
      }
      return await group.reduce(into: [Int: PostgresError?]()) { $0[$1.0] = $1.1 }
    }
    for (number, failure) in outcomes {
      if number > 0, number.isMultiple(of: 10) {
        guard case .refused(let why) = failure else {
          Issue.record("\(number): \(String(describing: failure))")
          continue
        }
        #expect(why.contains("parameters"))
      } else {
        #expect(failure == nil, "\(number)")
      }
    }
    let rows = try await client.run([PostgresStatement("select x from \(table) order by x")])
    #expect(
      rows[0].rows.map(\.columns)
        == (0..<60).filter { $0 == 0 || !$0.isMultiple(of: 10) }.map { ["\($0)"] })
    // It is still the same connection.
    #expect(try await client.run([PostgresStatement("select pg_backend_pid()")]) == before)
    _ = try await client.run([PostgresStatement("drop table \(table)")])
    await client.close()
  }

  @Test func sessionGoesOnAfterStatementThatLibpqRefuses() async throws {
    let client = try client()
    try await client.session { session in
      let failure = await #expect(throws: PostgresError.self) {
        try await session.run([PostgresStatement("select 7"), Self.refused])
      }
      if case .refused = failure {} else { Issue.record("\(String(describing: failure))") }
      try await session.script("select 1; select 2")
      #expect(try await session.run([PostgresStatement("select 7")])[0].rows == [.init(columns: ["7"])])
    }
    await client.close()
  }
}
