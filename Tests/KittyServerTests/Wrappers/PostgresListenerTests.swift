import KittyShared
import Postgres
import Synchronization
import Testing

@testable import KittyServer

@Suite(.enabled(if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set"))
struct PostgresListenerTests {
  /// Counts what a listener reports.
  private final class Heard: Sendable {
    let gaps = Mutex(0)
    let notices = Mutex<[String]>([])
  }

  private func run(
    _ body: (PostgresListener, Heard, PostgresClient, _ name: String) async throws -> Void
  ) async throws {
    let url = try #require(Backend.postgresURL)
    let name = "listener_" + "\(ID(at: .now))".filter { $0 != "-" }
    let heard = Heard()
    let listener = PostgresListener(
      connectionString: url + "?application_name=\(name)", channel: name,
      onGap: { heard.gaps.withLock { $0 += 1 } },
      onNotice: { text in heard.notices.withLock { $0.append(text) } })
    let client = PostgresClient(connectionString: url, connections: 1)
    try await until { listener.isCurrent }
    try await body(listener, heard, client, name)
    await client.close()
    await listener.close()
    #expect(!listener.isCurrent)
  }

  @Test func noticesArriveInOrderAndOnlyFromCommits() async throws {
    try await run { listener, heard, client, name in
      for number in 0..<50 {
        let batch = [PostgresStatement("select pg_notify($1, $2)", [name, "\(number)"])]
        _ = try await client.run(batch)
        // This transaction fails, so its notice is never sent.
        await #expect(throws: PostgresError.self) {
          try await client.run(batch + [PostgresStatement("select 1 / 0")])
        }
      }
      try await until { heard.notices.withLock { $0.count } >= 50 }
      #expect(heard.notices.withLock { $0 } == (0..<50).map(String.init))
      #expect(listener.isCurrent && heard.gaps.withLock { $0 } == 1)
    }
  }

  @Test func brokenConnectionIsAGap() async throws {
    try await run { listener, heard, client, name in
      let end = PostgresStatement(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [name])
      #expect(try await client.run([end])[0].rows.count == 1)
      try await until { heard.gaps.withLock { $0 } == 2 && listener.isCurrent }
      _ = try await client.run([PostgresStatement("select pg_notify($1, 'x')", [name])])
      try await until { heard.notices.withLock { $0 } == ["x"] }
    }
  }

  @Test func unreachableServerIsNeverCurrent() async throws {
    let listener = PostgresListener(
      connectionString: "postgresql://kitty@127.0.0.1:\(try freePort())/kitty", channel: "x", onGap: {},
      onNotice: { _ in })
    #expect(!listener.isCurrent)
    await listener.close()
  }
}
