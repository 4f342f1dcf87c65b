import CHiredis

/// What Redis answered.
package enum RedisReply: Sendable, Equatable {
  /// A value.
  case string(String)
  /// A simple word, such as `OK`.
  case status(String)
  /// A number.
  case integer(Int64)
  /// A list.
  case array([RedisReply])
  /// Nothing there.
  case null
}

/// Why Redis did not do what it was asked.
package enum RedisError: Error, Equatable, CustomStringConvertible {
  /// The URL cannot be used; the text says why.
  case invalidURL(String)
  /// Redis cannot be reached, or went away before it answered.
  case unavailable(String)
  /// Too many commands wait already.
  case overloaded
  /// Redis refused the command.
  case refused(String)
  /// The client was closed.
  case closed

  /// A sentence for a log.
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

extension RedisReply {
  /// Copies a reply of hiredis. An error becomes `RedisError.refused`.
  init(_ reply: redisReply) throws(RedisError) {
    func text() -> String {
      guard let start = reply.str else { return "" }
      let bytes = UnsafeRawBufferPointer(start: start, count: reply.len)
      return String(decoding: bytes, as: UTF8.self)
    }
    switch reply.type {
    case REDIS_REPLY_STRING: self = .string(text())
    case REDIS_REPLY_STATUS: self = .status(text())
    case REDIS_REPLY_INTEGER: self = .integer(reply.integer)
    case REDIS_REPLY_ARRAY:
      var elements: [RedisReply] = []
      for index in 0..<reply.elements {
        guard let element = reply.element?[index] else { continue }
        elements.append(try RedisReply(element.pointee))
      }
      self = .array(elements)
    case REDIS_REPLY_ERROR: throw .refused(text())
    default: self = .null
    }
  }
}
