import KittyShared

/// The user and the group for whom statements run. The database is shared fairly between them; jobs and commands have
/// neither.
struct DatabaseCaller: Sendable {
  @TaskLocal static var current = DatabaseCaller()

  var user: ID?
  /// The group whose rows are written. Its transactions wait for each other.
  var group: ID?
  /// `true` for statements that read a whole group. They have connections of their own.
  var isLong = false
}
