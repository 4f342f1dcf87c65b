import Curl
import FoundationEssentials
import KittyShared

/// The patience of a client with a server that asks to come again later: a command with many requests goes on then.
struct Patience: Sendable {
  /// The longest time that one request waits, in all.
  var seconds = 300
  /// Called before each wait, with its seconds.
  let onWait: @Sendable (_ seconds: Int) -> Void

  /// Returns the time to wait that a response asks for; `nil` when it asks for none, and when the request may have been done.
  static func seconds(askedBy response: HTTPResponse) -> Int? {
    guard [429, 503].contains(response.status) else { return nil }
    let problem = try? JSON.decode(Problem.self, from: Data(response.body))
    guard problem?.code != "outcome_unknown",
      let seconds = response.headers["retry-after"].flatMap({ Int($0) }) ?? problem?.retryAfter
    else { return nil }
    return max(1, seconds)
  }
}
