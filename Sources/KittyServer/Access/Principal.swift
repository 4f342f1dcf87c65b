import KittyShared

/// The caller of a request: a user, by a session or by an API token.
struct Principal: Hashable, Sendable {
  /// The id of the session or of the API token.
  let id: ID
  let user: ID
  /// `nil` when it never expires.
  let expires: Instant?
  /// The hash of the secret that the request carries.
  let secretHash: String
  /// The rights of the API token; `nil` for a session, which has all rights of the user.
  let rights: TokenRights?
  /// The time zone of the account; `nil` for UTC. The sessions and tokens of a user are invalidated when it changes.
  let timeZone: String?
  /// The address of the client, for a session whose requests come from the machine of an ssh gateway.
  var client: String?
}
