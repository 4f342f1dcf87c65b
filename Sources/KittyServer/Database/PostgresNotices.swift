import Postgres

/// The notices of PostgreSQL (`pg_notify`): a transaction that could not be announced through Redis tells the servers
/// itself. They get its notice if and only if it is committed.
///
/// A transaction with a notice waits for others with one at its commit, so the usual transactions have none.
struct PostgresNotices: ChangeWatch {
  private let listener: PostgresListener

  static let channel = "kittycash_stale"
  /// PostgreSQL refuses a notice of 8000 bytes.
  private static let maxBytes = 7000

  /// - Parameters:
  ///   - onGap: Called when notices may have been missed.
  ///   - onNotice: Called with the words of each notice.
  init(
    url: String, onGap: @escaping @Sendable () -> Void, onNotice: @escaping @Sendable ([Substring]) -> Void
  ) {
    listener = PostgresListener(
      connectionString: url, channel: Self.channel, onGap: onGap,
      onNotice: { onNotice($0.split(separator: " ")) })
  }

  /// Returns the statement that sends a notice.
  /// - Parameter words: Words without spaces; too many become the word `all`.
  static func notice(of words: [String]) -> SQL {
    let text = words.joined(separator: " ")
    return "select pg_notify(\(channel), \(text.utf8.count > maxBytes ? "all" : text))"
  }

  func notice(of words: [String]) -> SQL? { Self.notice(of: words) }
  func catchUp() async {}
  var isCurrent: Bool { listener.isCurrent }
  func close() async { await listener.close() }
}
