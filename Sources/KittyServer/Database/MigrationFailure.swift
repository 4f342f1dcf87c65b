import KittyShared

/// The schema cannot be updated.
enum MigrationFailure: Error, CustomStringConvertible {
  /// The database was migrated by a newer server.
  case newer(found: Int, known: Int)
  /// The database has another migration under this number: it belongs to another program, or to a version that was never
  /// released.
  case other(version: Int, found: String, known: String)

  var description: String {
    switch self {
    case .newer(let found, let known):
      """
      The database has schema version \(found), and this server (KittyCash \(KittyCash.version)) knows \
      versions up to \(known). Start a newer server, or restore a backup that was made before the upgrade.
      """
    case .other(let version, let found, let known):
      """
      The database has "\(found)" as version \(version) of its schema, but this server \
      (KittyCash \(KittyCash.version)) has "\(known)". It was made by a version before the first release: \
      use another database or data folder.
      """
    }
  }
}
