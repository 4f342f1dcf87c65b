/// Watches a database for changes by processes that did not announce them through Redis: commands, and servers that
/// cannot reach Redis. `PostgresNotices` and `SQLiteChanges` implement it.
protocol ChangeWatch: Sendable {
  /// Looks for changes, where they do not arrive by themselves.
  func catchUp() async
  /// `true` while every change that was committed a second ago or earlier has been reported.
  var isCurrent: Bool { get }
  /// Returns the statement by which a transaction tells the processes that watch; `nil` where they notice it anyway.
  /// - Parameter words: Words without spaces.
  func notice(of words: [String]) -> SQL?
  /// Closes its connection.
  func close() async
}
