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

  init(_ failure: HTTPFailure, server: String) {
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
    }
  }

  /// Whether trying again later may help.
  var isTransient: Bool {
    switch self {
    case .offline: true
    case .problem(let problem): problem.status >= 500 || problem.status == 429
    case .unreadable, .cancelled: false
    }
  }
}
