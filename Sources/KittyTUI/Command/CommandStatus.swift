/// The exit code of a command. The meaning of a number never changes.
enum CommandStatus: Int32, CaseIterable, Sendable {
  case done = 0
  case failed = 1
  case usage = 2
  case notSignedIn = 3
  case notFound = 4
  case refused = 5
  case unreachable = 6
  case uncertain = 7

  /// The meaning in words, for the help and the documentation.
  var meaning: String {
    switch self {
    case .done: "done"
    case .failed: "a local failure: a file, or an answer that cannot be read"
    case .usage: "invalid command or invalid line of quick entry; or there is no terminal to use"
    case .notSignedIn: "not signed in, or the session has ended"
    case .notFound: "the group, or a thing with this name, does not exist or is not visible to you"
    case .refused: "the server rejected the request; nothing was changed"
    case .unreachable: "the server is unreachable or currently unavailable; nothing was changed"
    case .uncertain: "a change was sent without a response; the message says how to repeat it safely"
    }
  }

  /// All codes with their meanings, for `--help`.
  static var table: String {
    allCases.map { "\($0.rawValue)  \($0.meaning)" }.joined(separator: "\n")
  }
}
