import Curl
import KittyShared

/// Why an action did not come about, for the person at the keyboard.
enum ClientFailure: Error, Hashable, Sendable {
  /// The server cannot be reached, or is not up. The sentence says how.
  case offline(String)
  /// The server refused.
  case problem(Problem)
  /// The answer is not one that this client understands.
  case unreadable(String)
  /// The person stopped it.
  case cancelled
  /// A change had been sent and no answer came: it may have been made or not. The sentence says why.
  case uncertain(String)
  /// An earlier try with other words came through; this is what it made.
  case savedBefore(Entry)
  /// An earlier try with other words came through, and what it made stays as it is. The sentence says so;
  /// what is sent next is something new.
  case madeBefore(String)

  /// - Parameter isChange: Whether what was sent changes something: then only what surely never arrived is
  ///   said not to be done.
  init(_ failure: HTTPFailure, server: String, isChange: Bool = false) {
    self.init(failure, server: server)
    guard isChange else { return }
    switch failure {
    case .invalidURL, .cannotResolve, .cannotConnect, .tls, .unreadableFile: break
    case .timedOut, .tooLarge, .interrupted, .cancelled: self = .uncertain(message)
    }
  }

  private init(_ failure: HTTPFailure, server: String) {
    switch failure {
    case .invalidURL: self = .unreadable("\(server) is not an address that can be called.")
    case .cannotResolve: self = .offline("Cannot find \(server): its name is not known. Are you online?")
    case .cannotConnect: self = .offline("Cannot reach \(server): nobody answers there.")
    case .timedOut: self = .offline("\(server) did not answer in time.")
    case .tls(let why): self = .offline("No safe connection to \(server): \(why).")
    case .tooLarge: self = .unreadable("The answer of \(server) is too large.")
    case .unreadableFile: self = .unreadable("The file cannot be read.")
    case .interrupted(let why): self = .offline("The connection to \(server) broke: \(why).")
    case .cancelled: self = .cancelled
    }
  }

  /// A sentence.
  var message: String {
    switch self {
    case .offline(let text), .unreadable(let text): text
    case .problem(let problem): problem.detail
    case .cancelled: "Stopped."
    case .uncertain(let why): "\(why) It may have been saved: look before you repeat it."
    case .savedBefore(let entry):
      "Your first version was saved: \"\(entry.description)\", \(Amount(entry.amount, entry.currency)). Save again to change it to this."
    case .madeBefore(let text): text
    }
  }

  /// A sentence that begins with what has not been done, such as "Not saved.", where that is known.
  func message(_ undone: String) -> String { isUndone ? "\(undone) \(message)" : message }

  /// Whether it is certain that nothing was done.
  var isUndone: Bool {
    switch self {
    case .uncertain, .savedBefore, .madeBefore: false
    default: true
    }
  }

  /// Whether the server may have done what was sent as a whole before this happened.
  var mayComeAfterSending: Bool {
    switch self {
    case .offline, .unreadable, .cancelled, .uncertain: true
    case .problem, .savedBefore, .madeBefore: false
    }
  }

  /// Whether trying again later may help.
  var isTransient: Bool {
    switch self {
    case .offline: true
    case .problem(let problem): problem.status >= 500 || problem.status == 429
    case .unreadable, .cancelled, .uncertain, .savedBefore, .madeBefore: false
    }
  }
}

extension ClientFailure {
  /// A request that a rule refused before it was sent: shown as the server's refusal is.
  static func rejected(_ rejection: Rejection) -> ClientFailure { .problem(Problem(rejection)) }
}
