import Glibc

/// A connection on which a test sends any bytes, HTTP or not.
package final class RawConnection {
  private let descriptor: Int32
  /// The received bytes.
  public private(set) var received = ""
  /// True if the peer has closed the connection.
  public private(set) var isClosed = false

  /// No server listens on the port.
  package struct Refused: Error {}

  /// Connects to a port of the loopback.
  package init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let isConnected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { throw Refused() }
  }

  deinit { close(descriptor) }

  /// Makes the end of this object abrupt: the peer gets a reset instead of the end of the stream.
  package func resetAtEnd() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// Sends text; a connection that is closed is seen when reading.
  package func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = bytes.withUnsafeBytes {
      Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }

  /// Reads the bytes that have arrived.
  package func read() {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while !isClosed {
      let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      if count > 0 {
        received += String(decoding: bytes.prefix(count), as: UTF8.self)
      } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
        isClosed = true
      } else {
        return
      }
    }
  }

  /// Reads until a condition holds or the time is over.
  /// - Parameter meanwhile: Called twenty times a second.
  /// - Returns: True if the condition holds.
  package func wait(
    seconds: Double, meanwhile: () -> Void = {}, until condition: (RawConnection) -> Bool
  ) async throws -> Bool {
    let end = ContinuousClock.now + .milliseconds(Int(seconds * 1000))
    while true {
      read()
      if condition(self) { return true }
      guard ContinuousClock.now < end else { return false }
      meanwhile()
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  // A closure inside `#expect` can take the place of one outside of it in the same function, so tests call these.

  /// Returns true if the peer closes the connection in time.
  package func isClosed(within seconds: Double, meanwhile: () -> Void = {}) async throws -> Bool {
    try await wait(seconds: seconds, meanwhile: meanwhile) { $0.isClosed }
  }

  /// Returns true if responses with these statuses arrive in time.
  package func answers(_ statuses: [Int], within seconds: Double) async throws -> Bool {
    try await wait(seconds: seconds) { $0.statuses == statuses }
  }

  /// The statuses of the received responses.
  package var statuses: [Int] {
    received.split(separator: "HTTP/1.1 ", omittingEmptySubsequences: false).dropFirst()
      .compactMap { Int($0.prefix(3)) }
  }
}

/// Requests that a server and its proxy could split differently: request smuggling.
package struct AmbiguousRequest: Sendable, CustomStringConvertible {
  /// The defect of the request.
  package let description: String
  /// The bytes, followed by a request that must not be answered.
  package let text: String

  /// A head with a wrong line.
  private init(head description: String, _ lines: String) {
    self.description = description
    text = "POST /v1/users HTTP/1.1\r\nHost: x\r\n\(lines)\r\n\r\n0\r\n\r\n" + Self.smuggled
  }

  /// A wrong chunked body.
  private init(chunks description: String, _ chunks: String) {
    self.description = description
    text =
      "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
      + chunks + Self.smuggled
  }

  /// A head with a wrong host.
  private init(host description: String, _ line: String) {
    self.description = description
    text = "GET /health/live HTTP/1.1\r\n\(line)\r\n" + Self.smuggled
  }

  private static let smuggled = "GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n"

  /// Requests that both the server and nginx reject.
  package static let all = [
    Self(head: "length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"),
    Self(head: "chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 5"),
    Self(head: "two lengths", "Content-Length: 5\r\nContent-Length: 6"),
    Self(head: "a length twice", "Content-Length: 5\r\nContent-Length: 5"),
    Self(head: "a list of lengths", "Content-Length: 5, 5"),
    Self(head: "a length with a sign", "Content-Length: +5"),
    Self(head: "a length below zero", "Content-Length: -5"),
    Self(head: "a length in hexadecimal", "Content-Length: 0x5"),
    Self(head: "a length beyond 64 bits", "Content-Length: 99999999999999999999"),
    Self(head: "another coding", "Transfer-Encoding: identity"),
    Self(head: "nearly chunked", "Transfer-Encoding: xchunked"),
    Self(head: "chunked and then another", "Transfer-Encoding: chunked, identity"),
    Self(head: "packed chunks", "Transfer-Encoding: gzip, chunked"),
    Self(head: "two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
    Self(head: "a coding behind a control character", "Transfer-Encoding: \u{b}chunked"),
    Self(head: "a blank before the colon", "Transfer-Encoding : chunked"),
    Self(head: "a line that goes on", "X: y\r\n Transfer-Encoding: chunked"),
    Self(head: "a line that goes on by a tab", "X: y\r\n\tz"),
    Self(head: "a bare CR", "X: a\rTransfer-Encoding: chunked"),
    Self(head: "a NUL", "X: a\u{0}b"),
    Self(head: "a header without a name", ": y"),
    Self(head: "two hosts", "Host: y"),
    Self(chunks: "a size that is no number", "zz\r\n{}\r\n0\r\n\r\n"),
    Self(chunks: "a size beyond 64 bits", "ffffffffffffffff1\r\n{}\r\n0\r\n\r\n"),
    Self(chunks: "a size with a prefix", "0x2\r\n{}\r\n0\r\n\r\n"),
    Self(chunks: "a chunk that is longer than it says", "2\r\n{}0\r\n\r\n"),
    Self(chunks: "a bare CR in an extension", "2;a\rb\r\n{}\r\n0\r\n\r\n"),
  ]
  /// Requests that nginx normalizes and forwards; the server rejects them.
  package static let lenient = [
    Self(host: "no host", ""), Self(host: "a host with a blank", "Host: a b\r\n"),
    Self(host: "a host with a path", "Host: a/b\r\n"), Self(host: "a host with a user", "Host: a@b\r\n"),
    Self(head: "a bare LF", "X: y\nTransfer-Encoding: chunked"),
    Self(chunks: "bare LFs around chunks", "2\n{}\n0\n\n"),
    Self(chunks: "a bare LF in an extension", "2;\n{}\r\n0\r\n\r\n"),
    Self(chunks: "a blank behind a size", "2 \r\n{}\r\n0\r\n\r\n"),
    Self(chunks: "a length behind the chunks", "2\r\n{}\r\n0\r\nContent-Length: 50\r\n\r\n"),
  ]
}
