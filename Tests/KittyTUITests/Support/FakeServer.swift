import Foundation
import TestSupport

/// A minimal HTTP server whose responses the test chooses.
final class FakeServer: Sendable {
  struct Request: Sendable {
    let line: String
    let head: String
    var body = ""

    /// The value of a header.
    func header(_ name: String) -> String? {
      let start = name.lowercased() + ": "
      return head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(start) }
        .map { String($0.dropFirst(start.count)) }
    }
  }

  let port: UInt16
  private let listener: Int32

  /// - Parameters:
  ///   - missing: The bytes at the end of each body that are announced and never sent.
  ///   - retryAfter: The value of `Retry-After` in each answer with 429 or 503.
  ///   - answer: The status and the body; `nil` closes the connection without an answer.
  init(
    missing: Int = 0, retryAfter: Int? = nil,
    _ answer: @escaping @Sendable (Request) -> (status: Int, body: String)?
  ) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
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
        let connection = acceptedConnection(on: listener)
        // Closed here alone: another server could get the number while this thread still uses it.
        guard connection >= 0 else {
          close(listener)
          return
        }
        Self.serve(connection, missing, retryAfter, answer)
        close(connection)
      }
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  private static func serve(
    _ connection: Int32, _ missing: Int, _ retryAfter: Int?,
    _ answer: (Request) -> (status: Int, body: String)?
  ) {
    var text = ""
    var bytes = [UInt8](repeating: 0, count: 65_536)
    func more() -> Bool {
      let count = read(connection, &bytes, bytes.count)
      text += String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      return count > 0
    }
    while !text.contains("\r\n\r\n") { guard more() else { return } }
    let head = text.components(separatedBy: "\r\n\r\n")[0]
    let line = head.components(separatedBy: "\r\n")[0]
    var request = Request(line: line, head: head)
    let size = request.header("Content-Length").flatMap { Int($0) } ?? 0
    // A picture is no text; what counts is that it was read.
    while text.utf8.count - head.utf8.count - 4 < size { guard more() else { return } }
    request.body = String(text.dropFirst(head.count).drop { $0 == "\r\n" })
    guard let (status, body) = answer(request) else { return }
    let type = body.isEmpty || "{[\"".contains(body.first ?? "{") ? "application/json" : "text/plain"
    let wait = [429, 503].contains(status) ? retryAfter.map { "Retry-After: \($0)\r\n" } ?? "" : ""
    let reply =
      "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\nConnection: close\r\n\(wait)"
      + "Content-Length: \(body.utf8.count + missing)\r\n\r\n\(body)"
    _ = Array(reply.utf8).withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
  }
}
