import KittyShared

/// The key of a running request. Its statement is the guard of the request's `WriteContext`: the row of the key and the
/// rows that the request writes are committed together or not at all.
struct IdempotencyClaim: Sendable {
  let user: ID
  let key: String
  /// The hash of the request, to recognise another request with the same key.
  let fingerprint: String
  /// The id of the resource that the request makes.
  let resource: ID
  let at: Instant

  /// The statement that inserts the row of the key; it fails when the key was used before.
  var statement: SQL {
    """
    insert into idempotency_keys (user_id, key, fingerprint, made, created_at)
    values (\(user), \(key), \(fingerprint), \(resource), \(at))
    """
  }
}
