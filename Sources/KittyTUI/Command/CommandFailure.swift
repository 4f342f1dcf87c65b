import KittyShared

/// The reason why a command failed.
struct CommandFailure: Error, Equatable {
  let status: CommandStatus
  /// The message for the user.
  private(set) var message: String
  /// The id of the request in the server's log, if a request was sent.
  var requestID: String?
  /// The error code of the server.
  private(set) var code: String?

  init(_ status: CommandStatus, _ message: String, requestID: String? = nil) {
    self.status = status
    self.message = message
    self.requestID = requestID
  }

  /// - Parameters:
  ///   - requestID: The id that was sent. The response may have another one, which is used instead.
  ///   - key: The idempotency key of a change, with which the user can repeat it.
  init(_ failure: ClientFailure, requestID: String, key: ID? = nil) {
    switch failure {
    case .offline: self.init(.unreachable, failure.message, requestID: requestID)
    case .unreadable, .busy, .cancelled, .savedBefore, .madeBefore:
      self.init(.failed, failure.message, requestID: requestID)
    case .uncertain(let why):
      let advice = key.map { "Repeat the command with --key \($0): it is saved only once." }
      self.init(
        .uncertain, advice.map { "\(why) It may have been saved. \($0)" } ?? failure.message,
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

  /// The same failure with another message.
  func saying(_ message: String) -> CommandFailure {
    var failure = self
    failure.message = message
    return failure
  }
}
