/// The reason why Redis did not run a command.
package enum RedisError: Error, Equatable, CustomStringConvertible {
  /// The URL is not valid, for this reason.
  case invalidURL(String)
  /// Redis cannot be reached, or the connection broke before the reply.
  case unavailable(String)
  /// Too many commands are waiting.
  case overloaded
  /// Redis refused the command, with this message.
  case refused(String)
  /// The client was closed.
  case closed

  /// A sentence for the log.
  package var description: String {
    switch self {
    case .invalidURL(let why): why
    case .unavailable(let why): "Redis is not available: \(why)"
    case .overloaded: "too many commands wait for Redis"
    case .refused(let why): "Redis refused: \(why)"
    case .closed: "the connection to Redis was closed"
    }
  }
}
