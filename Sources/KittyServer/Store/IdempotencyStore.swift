import KittyShared

/// The rows of idempotency keys: the requests that used them, and their responses.
struct IdempotencyStore: Sendable {
  let database: any Database

  /// Time for which a key is kept.
  static let lifetime: Duration = .seconds(7 * 86_400)

  /// A key that a request has used.
  struct UsedKey: Sendable {
    let fingerprint: String
    /// The id of the resource that the request made.
    let resource: ID
    let createdAt: Instant
    /// `nil` until the response of the request is stored.
    let response: StoredResponse?
  }

  /// Returns a key of a user; `nil` when it was not used.
  func find(_ key: String, of user: ID) async throws -> UsedKey? {
    let rows = try await database.read(
      """
      select fingerprint, made, created_at, status, headers, body from idempotency_keys
      where user_id = \(user) and key = \(key)
      """)
    return try rows.first.map { row in
      let (fingerprint, resource, created, status, headers, body) = try row.decode(
        String.self, ID.self, Instant.self, Int?.self, String?.self, String?.self)
      var response: StoredResponse?
      if let status, let headers, let body {
        response = StoredResponse(status: status, headers: headers, body: body)
      }
      return UsedKey(fingerprint: fingerprint, resource: resource, createdAt: created, response: response)
    }
  }

  /// Stores the response to a request, after its own transaction. Inserts the row of the key if the request wrote nothing.
  func store(_ response: StoredResponse, for claim: IdempotencyClaim) async throws {
    try await database.transact(
      [
        """
        insert into idempotency_keys (user_id, key, fingerprint, made, created_at, status, headers, body)
        values (\(claim.user), \(claim.key), \(claim.fingerprint), \(claim.resource), \(claim.at), \(response.status),
          \(response.headers), \(response.body))
        on conflict (user_id, key) do update
        set status = excluded.status, headers = excluded.headers, body = excluded.body
        where idempotency_keys.fingerprint = excluded.fingerprint
        """
      ], in: WriteContext())
  }

  /// Deletes the key of a request that was refused after its transaction, so that the client can use it again.
  func release(_ claim: IdempotencyClaim) async throws {
    try await database.transact(
      [
        """
        delete from idempotency_keys
        where user_id = \(claim.user) and key = \(claim.key) and made = \(claim.resource) and status is null
        """
      ], in: WriteContext())
  }

  /// Deletes old keys.
  func deleteOld(at now: Instant, _ write: WriteContext) async throws {
    let limit = now.advanced(by: .zero - Self.lifetime)
    try await database.transact(["delete from idempotency_keys where created_at < \(limit)"], in: write)
  }
}

/// A response as it was sent.
struct StoredResponse: Sendable {
  let status: Int
  /// The values of `ETag` and `Location`, each on a line.
  let headers: String
  let body: String
}
