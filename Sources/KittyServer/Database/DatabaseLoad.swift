/// The current load of a part of the database.
struct DatabaseLoad: Sendable {
  /// `reader` or `writer`.
  let pool: String
  /// The number of open connections, of busy ones among them, and their limit; `nil` where no connections are kept.
  var connections: (open: Int, busy: Int, limit: Int)?
  /// The number of batches that wait.
  let waiting: Int
}
