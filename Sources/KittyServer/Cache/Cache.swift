/// Short-lived copies of what the database knows. Never the truth: everything works without it, slower.
/// Two real implementations: in process and Redis.
protocol Cache: Sendable {
  /// The value, or `nil` when there is none or the cache is out of reach.
  func value(for key: String) async -> String?
  /// Keeps a value for `ttl`.
  /// - Parameter unlessPresent: Leaves a value that is already there alone.
  func set(_ value: String, for key: String, ttl: Duration, unlessPresent: Bool) async
  /// What is the matter with it, or `nil` when it is well.
  func complaint() async -> String?
  /// Lets go of connections.
  func close() async
}
