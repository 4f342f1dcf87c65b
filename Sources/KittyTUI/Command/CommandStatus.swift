import KittyShared

/// How a command ended, for scripts. The numbers never change their meaning.
enum CommandStatus: Int32, CaseIterable, Sendable {
  case done = 0
  case failed = 1
  case usage = 2
  case notSignedIn = 3
  case notFound = 4
  case refused = 5
  case unreachable = 6
  case uncertain = 7

  /// In words, for the help and the documentation.
  var meaning: String {
    switch self {
    case .done: "done"
    case .failed: "something here failed: a file, an answer that is not understood"
    case .usage: "the command, or the line of quick entry, is not understood; or there is no terminal to use"
    case .notSignedIn: "not signed in, or no longer"
    case .notFound: "there is no such group, or nothing by that name that you can see"
    case .refused: "the server refused it; nothing was changed"
    case .unreachable: "the server cannot be reached, or cannot answer just now; nothing was changed"
    case .uncertain: "a change was sent and no answer came; the message says how to repeat it safely"
    }
  }

  /// Every number with its meaning, for `--help`.
  static var table: String {
    allCases.map { "\($0.rawValue)  \($0.meaning)" }.joined(separator: "\n")
  }
}

/// Why a command did not do what it was asked for.
struct CommandFailure: Error, Equatable {
  let status: CommandStatus
  /// One sentence, or a few.
  let sentence: String
  /// Under which id the server's log has it, when a server was asked.
  var requestID: String?
  /// The server's stable word for it.
  private(set) var code: String?

  init(_ status: CommandStatus, _ sentence: String, requestID: String? = nil) {
    self.status = status
    self.sentence = sentence
    self.requestID = requestID
  }

  /// - Parameters:
  ///   - requestID: The id that was sent; an answer may name another one.
  ///   - key: The key of a change, with which it can be repeated.
  init(_ failure: ClientFailure, requestID: String, key: ID? = nil) {
    switch failure {
    case .offline: self.init(.unreachable, failure.message, requestID: requestID)
    case .unreadable, .cancelled, .savedBefore, .madeBefore:
      self.init(.failed, failure.message, requestID: requestID)
    case .uncertain(let why):
      let how = key.map { "Repeat the command with --key \($0): then it is saved once." }
      self.init(
        .uncertain, how.map { "\(why) It may have been saved. \($0)" } ?? failure.message,
        requestID: requestID)
    case .problem(let problem):
      let status: CommandStatus =
        switch problem.status {
        case 401: .notSignedIn
        case 404: .notFound
        case 429, 500...: .unreachable
        default: .refused
        }
      self.init(status, problem.detail, requestID: problem.requestId ?? requestID)
      code = problem.code
    }
  }
}
