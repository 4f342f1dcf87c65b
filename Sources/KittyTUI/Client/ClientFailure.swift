import Curl
import KittyShared

/// The reason why a request failed, in words for the user.
enum ClientFailure: Error, Hashable, Sendable {
  /// The server cannot be reached, or is not running. The text is the reason.
  case offline(String)
  /// The server refused the request.
  case problem(Problem)
  /// This client does not understand the response.
  case unreadable(String)
  /// Another change is under way, so the request was not sent.
  case busy
  /// The user cancelled the request.
  case cancelled
  /// A change was sent and there was no response, so it may have been made. The text is the reason.
  case uncertain(String)
  /// An earlier attempt with other content succeeded; this entry was created by it.
  case savedBefore(Entry)
  /// An earlier attempt with other content succeeded, and its result stays as it is. The next request must
  /// create a new resource.
  case madeBefore(String)

  /// - Parameters:
  ///   - authorities: Those that may sign the certificate of the server.
  ///   - isChange: `true` when the request changes something: then its outcome is uncertain unless it certainly never
  ///     reached the server.
  init(
    _ failure: HTTPFailure, server: String, authorities: Authorities = .system(),
    isChange: Bool = false
  ) {
    self.init(failure, server, authorities)
    guard isChange else { return }
    switch failure {
    case .invalidURL, .cannotResolve, .cannotConnect, .tls, .unreadableFile: break
    case .timedOut, .tooLarge, .interrupted, .cancelled: self = .uncertain(message)
    }
  }

  private init(_ failure: HTTPFailure, _ server: String, _ authorities: Authorities) {
    switch failure {
    case .invalidURL: self = .unreadable("\(server) is not a valid server address.")
    case .cannotResolve: self = .offline("Cannot find \(server): the host name is unknown. Are you online?")
    case .cannotConnect: self = .offline("Cannot reach \(server): there is no server at this address.")
    case .timedOut: self = .offline("\(server) did not answer in time.")
    case .tls(let why): self = .offline(why.words(server: server, authorities: authorities))
    case .tooLarge: self = .unreadable("The response of \(server) is too large.")
    case .unreadableFile: self = .unreadable("The file cannot be read.")
    case .interrupted(let why): self = .offline("The connection to \(server) was lost: \(why).")
    case .cancelled: self = .cancelled
    }
  }

  /// The message for the user.
  var message: String {
    switch self {
    case .offline(let text), .unreadable(let text): text
    case .problem(let problem): problem.words
    case .busy: "Another change is still being saved. Try again when it is done."
    case .cancelled: "Stopped."
    case .uncertain(let why): "\(why) It may have been done: look before you repeat it."
    case .savedBefore(let entry):
      "Your first version was saved: \"\(entry.description)\", \(Amount(entry.amount, entry.currency)). Save again to change it to this."
    case .madeBefore(let text): text
    }
  }

  /// The message after a prefix such as "Not saved.", which is left out if the outcome is unknown.
  func message(_ undone: String) -> String { isUndone ? "\(undone) \(message)" : message }

  /// `true` when certainly nothing was changed.
  var isUndone: Bool {
    switch self {
    case .uncertain, .savedBefore, .madeBefore: false
    default: true
    }
  }

  /// `true` when the id was used before with other content: an earlier attempt succeeded.
  var isTaken: Bool {
    if case .problem(let problem) = self { return ["id_taken", "key_reused"].contains(problem.code) }
    return false
  }

  /// `true` when the server refused the request: repeated as it is, it will be refused again.
  var isRefusal: Bool {
    guard case .problem(let problem) = self else { return false }
    return (400..<500).contains(problem.status) && ![401, 404, 429].contains(problem.status)
  }

  /// `true` when the server may have received the whole request before the failure.
  var mayComeAfterSending: Bool {
    switch self {
    case .offline, .unreadable, .cancelled, .uncertain: true
    case .problem, .busy, .savedBefore, .madeBefore: false
    }
  }

  /// `true` when a later retry may succeed.
  var isTransient: Bool {
    switch self {
    case .offline: true
    case .problem(let problem): problem.status >= 500 || problem.status == 429
    case .unreadable, .busy, .cancelled, .uncertain, .savedBefore, .madeBefore: false
    }
  }
}

extension Problem {
  /// `true` when the change names a version that is no longer the present one.
  var isStale: Bool { code == Rejection.stale.code }
}

extension ClientFailure {
  /// A request that was rejected before it was sent. It is shown like a refusal of the server.
  static func rejected(_ rejection: Rejection) -> ClientFailure { .problem(Problem(rejection)) }
}
