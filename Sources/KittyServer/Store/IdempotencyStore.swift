import KittyShared
import Synchronization

/// What was answered to requests with an `Idempotency-Key`.
struct IdempotencyStore: Sendable {
  let database: any Database

  /// How long a key is remembered.
  static let lifetime: Duration = .seconds(7 * 86_400)

  /// A key in use.
  struct Known: Sendable {
    let fingerprint: String
    /// The id of what was made.
    let made: ID
    let createdAt: Instant
    /// `nil` until the first request has its answer.
    let answer: StoredAnswer?
  }

  func find(_ key: String, of user: ID) async throws -> Known? {
    let rows = try await database.read(
      """
      select fingerprint, made, created_at, status, headers, body from idempotency_keys
      where user_id = \(user) and key = \(key)
      """)
    return try rows.first.map { row in
      let (fingerprint, made, created, status, headers, body) = try row.decode(
        String.self, ID.self, Instant.self, Int?.self, String?.self, String?.self)
      var answer: StoredAnswer?
      if let status, let headers, let body {
        answer = StoredAnswer(status: status, headers: headers, body: body)
      }
      return Known(fingerprint: fingerprint, made: made, createdAt: created, answer: answer)
    }
  }

  /// Keeps the answer. Where nothing had to be written, the claim is made here.
  func store(_ answer: StoredAnswer, for claim: IdempotencyClaim) async throws {
    try await database.transact([
      """
      insert into idempotency_keys (user_id, key, fingerprint, made, created_at, status, headers, body)
      values (\(claim.user), \(claim.key), \(claim.fingerprint), \(claim.made), \(claim.at), \(answer.status),
        \(answer.headers), \(answer.body))
      on conflict (user_id, key) do update
      set status = excluded.status, headers = excluded.headers, body = excluded.body
      where idempotency_keys.fingerprint = excluded.fingerprint
      """
    ])
  }

  /// Gives a key back whose request was refused after all, so that a repeated one is looked at anew.
  func release(_ claim: IdempotencyClaim) async throws {
    try await database.transact([
      """
      delete from idempotency_keys
      where user_id = \(claim.user) and key = \(claim.key) and made = \(claim.made) and status is null
      """
    ])
  }

  func deleteOld(at now: Instant) async throws {
    try await database.transact([
      "delete from idempotency_keys where created_at < \(now.advanced(by: .zero - Self.lifetime))"
    ])
  }
}

/// An answer as it went out.
struct StoredAnswer: Sendable {
  let status: Int
  /// The `ETag` and the `Location`, each on a line.
  let headers: String
  let body: String
}

/// A key that the running request holds. What the request writes and the key's row happen together or not
/// at all: `ClaimingDatabase` adds it to the transaction.
struct IdempotencyClaim: Sendable {
  let user: ID
  let key: String
  let fingerprint: String
  let made: ID
  let at: Instant
  /// Set once the key's row is in the database.
  let committed = Flag()

  /// Something that happens once.
  final class Flag: Sendable {
    private let state = Atomic(false)
    var isSet: Bool { state.load(ordering: .acquiring) }
    func set() { state.store(true, ordering: .releasing) }
  }

  @TaskLocal static var current: IdempotencyClaim?

  var statement: SQL {
    """
    insert into idempotency_keys (user_id, key, fingerprint, made, created_at)
    values (\(user), \(key), \(fingerprint), \(made), \(at))
    """
  }
}

/// Whether the running request has written something already: what fails after that must not be answered with
/// "Nothing was changed".
enum WrittenByRequest {
  @TaskLocal static var flag: IdempotencyClaim.Flag?
}

/// Adds the running request's claim to its transaction, and notes that it has written.
struct ClaimingDatabase: Database {
  let database: any Database

  func read(_ statements: [SQL]) async throws -> [[Row]] { try await database.read(statements) }

  func transact(_ statements: [SQL]) async throws -> [[Row]] {
    guard let claim = IdempotencyClaim.current else {
      let rows = try await database.transact(statements)
      WrittenByRequest.flag?.set()
      return rows
    }
    let rows = try await database.transact([claim.statement] + statements)
    claim.committed.set()
    WrittenByRequest.flag?.set()
    return Array(rows.dropFirst())
  }

  func migrate(_ migrations: [Migration]) async throws -> [Int] { try await database.migrate(migrations) }
  var skippingLocked: SQL { database.skippingLocked }
  var isOverloaded: Bool { database.isOverloaded }
  func close() async { await database.close() }
}
