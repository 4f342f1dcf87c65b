import CHiredis

/// A reply of Redis.
package enum RedisReply: Sendable, Equatable {
  case string(String)
  /// A status, such as `OK`.
  case status(String)
  case integer(Int64)
  case array([RedisReply])
  /// The value does not exist.
  case null
}

extension RedisReply {
  /// Copies a reply of hiredis.
  /// - Throws: `RedisError.refused` for an error reply.
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
