import KittyShared

/// The sessions, API tokens and memberships that a change of a user has ended: the caches of all servers must drop them.
struct Revocation: Sendable {
  /// The hashes of the secrets of sessions and API tokens that are no longer valid.
  var tokens: [String] = []
  /// The number of ended sessions among them.
  var sessions = 0
  /// The groups that the user is no longer a member of.
  var groups: [ID] = []
}

extension Revocation {
  /// Decodes rows with the hash of a secret each.
  static func tokens(_ rows: [Row]) throws -> [String] { try rows.map { try $0.decode(String.self) } }
}
