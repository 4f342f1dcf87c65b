import Foundation

/// A server of a few lines: it answers every request as the test says.
final class FakeServer: Sendable {
  struct Request: Sendable {
    let line: String
    let head: String
  }

  let port: UInt16
  private let listener: Int32

  /// - Parameter answer: The status and the body; `nil` closes the connection without an answer.
  init(_ answer: @escaping @Sendable (Request) -> (status: Int, body: String)?) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 8) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    guard isBound else { throw CocoaError(.fileNoSuchFile) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        Self.serve(connection, answer)
        close(connection)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private static func serve(_ connection: Int32, _ answer: (Request) -> (status: Int, body: String)?) {
    var text = ""
    var bytes = [UInt8](repeating: 0, count: 65_536)
    while !text.contains("\r\n\r\n") {
      let count = read(connection, &bytes, bytes.count)
      guard count > 0 else { return }
      text += String(decoding: bytes.prefix(count), as: UTF8.self)
    }
    let head = text.components(separatedBy: "\r\n\r\n")[0]
    let line = head.components(separatedBy: "\r\n")[0]
    guard let (status, body) = answer(Request(line: line, head: head)) else { return }
    let reply =
      "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nConnection: close\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    _ = Array(reply.utf8).withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
  }
}
