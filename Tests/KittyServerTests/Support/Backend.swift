import FoundationEssentials
import KittyShared
import Postgres
import Testing

@testable import KittyServer

/// The databases that every server test runs on.
enum Backend: String, CaseIterable, CustomTestStringConvertible {
  case sqlite, postgres

  var testDescription: String { rawValue }

  static let postgresURL = ProcessInfo.processInfo.environment["KITTY_TEST_POSTGRES"]
  static let redisURL = ProcessInfo.processInfo.environment["KITTY_TEST_REDIS"]

  /// Both databases, or SQLite alone without KITTY_TEST_POSTGRES; `BackendTests` reports that as skipped tests.
  static let available: [Backend] = postgresURL == nil ? [.sqlite] : [.sqlite, .postgres]

  /// Creates an empty database and returns its URL for `DATABASE_URL`; `nil` stands for SQLite in the data folder.
  func freshURL() async throws -> String? {
    guard self == .postgres, let url = Self.postgresURL else { return nil }
    let schema = "test_" + ID(at: .now).description.filter { $0 != "-" }
    let client = PostgresClient(connectionString: url, connections: 1)
    _ = try await client.run([PostgresStatement("create schema \(schema)")])
    await client.close()
    return "\(url)?connect_timeout=30&options=-csearch_path%3D\(schema)"
  }
}

struct BackendTests {
  @Test(
    .enabled(
      if: Backend.postgresURL != nil, "KITTY_TEST_POSTGRES is not set: `make test` starts a PostgreSQL"))
  func postgresIsAvailable() { #expect(Backend.available.contains(.postgres)) }

  @Test(.enabled(if: Backend.redisURL != nil, "KITTY_TEST_REDIS is not set: `make test` starts a Redis"))
  func redisIsAvailable() { #expect(Backend.redisURL?.hasPrefix("redis://") == true) }
}
