import CHiredis
import Foundation

/// A blocking connection, for one thread.
struct RedisConnection {
  private let context: UnsafeMutablePointer<redisContext>

  /// Connects, signs in and chooses the database.
  /// - Throws: `RedisError.unavailable` or `.refused`.
  init(to address: RedisAddress, timeout: Duration) throws(RedisError) {
    let limit = timeval(timeout)
    guard let context = redisConnectWithTimeout(address.host, address.port, limit) else {
      throw .unavailable("no memory")
    }
    self.context = context
    guard context.pointee.err == 0 else {
      let why = message
      close()
      throw .unavailable(why)
    }
    redisSetTimeout(context, limit)
    redisEnableKeepAlive(context)
    var handshake: [[String]] = []
    if let password = address.password {
      handshake.append(["AUTH"] + [address.user, password].compactMap { $0 })
    }
    if address.database != 0 { handshake.append(["SELECT", String(address.database)]) }
    do {
      for command in handshake {
        append(command)
        _ = try reply()
      }
    } catch {
      close()
      throw error
    }
  }

  /// Appends a command to the output buffer.
  func append(_ arguments: [String]) {
    let lengths = arguments.map { $0.utf8.count }
    var bytes: [UInt8] = []
    for argument in arguments { bytes.append(contentsOf: argument.utf8) }
    bytes.withUnsafeBytes { buffer in
      var offset = 0
      var starts = lengths.map { length in
        defer { offset += length }
        return buffer.assumingMemoryBound(to: CChar.self).baseAddress.map { $0 + offset }
      }
      // hiredis copies the arguments.
      redisAppendCommandArgv(context, Int32(arguments.count), &starts, lengths)
    }
  }

  /// Sends the output buffer, and reads the next reply.
  /// - Throws: `RedisError.unavailable` when the connection broke; `.refused` for an error reply.
  func reply() throws(RedisError) -> RedisReply {
    var raw: UnsafeMutableRawPointer?
    guard redisGetReply(context, &raw) == REDIS_OK, let raw else { throw .unavailable(message) }
    defer { freeReplyObject(raw) }
    return try RedisReply(raw.assumingMemoryBound(to: redisReply.self).pointee)
  }

  /// Sends the output buffer.
  /// - Throws: `RedisError.unavailable` when the connection broke.
  func flush() throws(RedisError) {
    var isDone: Int32 = 0
    while isDone == 0 {
      guard redisBufferWrite(context, &isDone) == REDIS_OK else { throw .unavailable(message) }
    }
  }

  /// Waits until bytes arrive, the connection ends, or the time is over.
  /// - Returns: `false` when the time is over.
  func waitForInput(milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: context.pointee.fd, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }

  /// Reads the replies that have arrived, after `waitForInput`.
  /// - Throws: `RedisError.unavailable` when the connection broke.
  func availableReplies() throws(RedisError) -> [RedisReply] {
    guard redisBufferRead(context) == REDIS_OK else { throw .unavailable(message) }
    var replies: [RedisReply] = []
    while true {
      var raw: UnsafeMutableRawPointer?
      guard redisGetReplyFromReader(context, &raw) == REDIS_OK else { throw .unavailable(message) }
      guard let raw else { return replies }
      defer { freeReplyObject(raw) }
      replies.append(try RedisReply(raw.assumingMemoryBound(to: redisReply.self).pointee))
    }
  }

  func close() { redisFree(context) }

  private var message: String {
    withUnsafeBytes(of: context.pointee.errstr) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

extension timeval {
  fileprivate init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
  }
}
