import CHiredis
import Foundation
import OpenSSL

/// A blocking connection, for one thread.
struct RedisConnection {
  private let context: UnsafeMutablePointer<redisContext>
  /// `nil` for a connection without TLS, which hiredis reads and writes itself.
  private let secure: SecureChannel?

  /// The bytes between hiredis, which only formats and parses then, and TLS.
  private final class SecureChannel {
    let session: TLSSession
    var output: [UInt8] = []
    init(_ session: TLSSession) { self.session = session }
  }

  /// Connects, signs in and chooses the database.
  /// - Throws: `RedisError.unavailable` or `.refused`.
  init(to address: RedisAddress, timeout: Duration) throws(RedisError) {
    let limit = timeval(timeout)
    guard let context = redisConnectWithTimeout(address.host, address.port, limit) else {
      throw .unavailable("no memory")
    }
    self.context = context
    guard context.pointee.err == 0 else {
      let why = Self.message(of: context)
      redisFree(context)
      throw .unavailable(why)
    }
    redisSetTimeout(context, limit)
    redisEnableKeepAlive(context)
    do throws(TLSSession.Failure) {
      secure = try address.isSecure ? Self.encrypted(context, address) : nil
    } catch {
      redisFree(context)
      throw .unavailable(error.description)
    }
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

  private static func encrypted(
    _ context: UnsafeMutablePointer<redisContext>, _ address: RedisAddress
  ) throws(TLSSession.Failure) -> SecureChannel {
    let session = try TLSSession(authorities: address.authorities)
    try session.connect(socket: context.pointee.fd, host: address.host)
    return SecureChannel(session)
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
      guard let secure else {
        redisAppendCommandArgv(context, Int32(arguments.count), &starts, lengths)
        return
      }
      var text: UnsafeMutablePointer<CChar>?
      let length = Int(redisFormatCommandArgv(&text, Int32(arguments.count), &starts, lengths))
      guard length > 0, let text else { return }
      secure.output.append(contentsOf: UnsafeRawBufferPointer(start: text, count: length))
      redisFreeCommand(text)
    }
  }

  /// Sends the output buffer, and reads the next reply.
  /// - Throws: `RedisError.unavailable` when the connection broke; `.refused` for an error reply.
  func reply() throws(RedisError) -> RedisReply {
    if secure != nil { return try secureReply() }
    var raw: UnsafeMutableRawPointer?
    guard redisGetReply(context, &raw) == REDIS_OK, let raw else { throw .unavailable(message) }
    defer { freeReplyObject(raw) }
    return try RedisReply(raw.assumingMemoryBound(to: redisReply.self).pointee)
  }

  private func secureReply() throws(RedisError) -> RedisReply {
    try flush()
    while true {
      var raw: UnsafeMutableRawPointer?
      guard redisGetReplyFromReader(context, &raw) == REDIS_OK else { throw .unavailable(message) }
      guard let raw else {
        try receive()
        continue
      }
      defer { freeReplyObject(raw) }
      return try RedisReply(raw.assumingMemoryBound(to: redisReply.self).pointee)
    }
  }

  /// Passes the bytes that have arrived to the parser; waits for at least one with TLS.
  private func receive() throws(RedisError) {
    guard let secure else {
      guard redisBufferRead(context) == REDIS_OK else { throw .unavailable(message) }
      return
    }
    let bytes: [UInt8]
    do throws(TLSSession.Failure) { bytes = try secure.session.read() } catch {
      throw .unavailable(error.description)
    }
    let isFed = bytes.withUnsafeBytes { buffer in
      redisReaderFeed(
        context.pointee.reader, buffer.assumingMemoryBound(to: CChar.self).baseAddress, buffer.count)
        == REDIS_OK
    }
    guard isFed else { throw .unavailable("no memory") }
  }

  /// Sends the output buffer.
  /// - Throws: `RedisError.unavailable` when the connection broke.
  func flush() throws(RedisError) {
    if let secure {
      do throws(TLSSession.Failure) { try secure.session.write(secure.output) } catch {
        throw .unavailable(error.description)
      }
      secure.output = []
      return
    }
    var isDone: Int32 = 0
    while isDone == 0 {
      guard redisBufferWrite(context, &isDone) == REDIS_OK else { throw .unavailable(message) }
    }
  }

  /// Waits until bytes arrive, the connection ends, or the time is over.
  /// - Returns: `false` when the time is over.
  func waitForInput(milliseconds: Int32) -> Bool {
    if secure?.session.hasPending == true { return true }
    var entry = pollfd(fd: context.pointee.fd, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, milliseconds) > 0
  }

  /// Reads the replies that have arrived, after `waitForInput`.
  /// - Throws: `RedisError.unavailable` when the connection broke.
  func availableReplies() throws(RedisError) -> [RedisReply] {
    try receive()
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

  private var message: String { Self.message(of: context) }

  private static func message(of context: UnsafeMutablePointer<redisContext>) -> String {
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
