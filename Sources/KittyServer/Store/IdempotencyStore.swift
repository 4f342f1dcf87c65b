import KittyShared

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

  /// Stores the response to a request. Where the request wrote nothing, this inserts the row of its key too.
  ///
  /// Its transaction is not one of the request: it has a context of its own, without the guard.
  func store(_ answer: StoredAnswer, for claim: IdempotencyClaim) async throws {
    try await database.transact(
      [
        """
        insert into idempotency_keys (user_id, key, fingerprint, made, created_at, status, headers, body)
        values (\(claim.user), \(claim.key), \(claim.fingerprint), \(claim.made), \(claim.at), \(answer.status),
          \(answer.headers), \(answer.body))
        on conflict (user_id, key) do update
        set status = excluded.status, headers = excluded.headers, body = excluded.body
        where idempotency_keys.fingerprint = excluded.fingerprint
        """
      ], in: WriteContext())
  }

  /// Removes the key of a request that was refused, so that the client can use it again. Also in a context of its own.
  func release(_ claim: IdempotencyClaim) async throws {
    try await database.transact(
      [
        """
        delete from idempotency_keys
        where user_id = \(claim.user) and key = \(claim.key) and made = \(claim.made) and status is null
        """
      ], in: WriteContext())
  }

  func deleteOld(at now: Instant, _ write: WriteContext) async throws {
    try await database.transact(
      [
        "delete from idempotency_keys where created_at < \(now.advanced(by: .zero - Self.lifetime))"
      ], in: write)
  }
}

/// An answer as it went out.
struct StoredAnswer: Sendable {
  let status: Int
  /// The `ETag` and the `Location`, each on a line.
  let headers: String
  let body: String
}

/// The key of a request that runs. Its statement is the guard of the request's `WriteContext`: the row of the key and
/// what the request writes are committed together or not at all.
struct IdempotencyClaim: Sendable {
  let user: ID
  let key: String
  let fingerprint: String
  let made: ID
  let at: Instant

  /// The statement that inserts the row of the key; it fails when the key was used before.
  var statement: SQL {
    """
    insert into idempotency_keys (user_id, key, fingerprint, made, created_at)
    values (\(user), \(key), \(fingerprint), \(made), \(at))
    """
  }
}
