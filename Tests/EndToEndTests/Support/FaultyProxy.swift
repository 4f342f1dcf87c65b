import Foundation
import Synchronization
import TestSupport
import Testing

/// A proxy between a client and a server that fails as networks and servers do. It takes one request of a connection, and
/// closes it.
final class FaultyProxy: Sendable {
  /// The way in which the answer to a change is spoilt.
  enum Fault: Sendable, CustomTestStringConvertible {
    /// The server never sees the request, and the client no answer.
    case cutBefore
    /// The server does it, and the client sees no answer.
    case cutAfter
    /// The server does it, and the client sees an answer without its end.
    case half
    /// The server does it, and the client sees an answer that is no JSON.
    case broken
    /// The server does it, and the client sees the answer after some seconds.
    case late
    /// The server never sees it, and the client sees another status.
    case status(Int, code: String)
    /// The server does it, and the client sees another status.
    case statusAfter(Int)

    var testDescription: String { "\(self)" }
  }

  let port: Int
  private let listener: Int32
  private let upstream: Int
  /// The fault, and the number of changes that still have it.
  private let plan = Mutex<(fault: Fault, count: Int)?>(nil)

  /// - Parameter upstream: The port of the server.
  init(to upstream: Int) throws {
    self.upstream = upstream
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = Self.address(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    try #require(isBound)
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  /// Accepts connections until `close`.
  func start() {
    Thread.detachNewThread { [self] in
      while true {
        let connection = acceptedConnection(on: listener)
        guard connection >= 0 else { return }
        // A hung server must not hold up the next request.
        Thread.detachNewThread { [self] in
          serve(connection)
          Glibc.close(connection)
        }
      }
    }
  }

  func close() {
    shutdown(listener, Int32(SHUT_RDWR))
    Glibc.close(listener)
  }

  /// Spoils the next changes.
  func fail(_ fault: Fault, times: Int) { plan.withLock { $0 = (fault, times) } }

  /// Returns the fault of a request; `nil` to pass it on.
  private func fault(of head: String) -> Fault? {
    guard head.hasPrefix("POST"), head.prefix(while: { $0 != "\r" }).contains("/expenses") else { return nil }
    return plan.withLock { plan in
      guard let (fault, count) = plan, count > 0 else { return nil }
      plan = (fault, count - 1)
      return fault
    }
  }

  private func serve(_ connection: Int32) {
    guard let request = Self.request(connection) else { return }
    let fault = fault(of: String(decoding: request, as: UTF8.self))
    switch fault {
    case .cutBefore: return
    case .status(let status, let code):
      return Self.write(Self.problem(status, code), to: connection)
    default: break
    }
    let answer = Self.closing(ask(request))
    switch fault {
    case .cutAfter: break
    case .half: Self.write(Array(answer.prefix(answer.count - answer.count / 4)), to: connection)
    case .broken: Self.write(Self.answer(201, "application/json", "{\"kind\": "), to: connection)
    case .statusAfter(let status): Self.write(Self.answer(status, "text/html", "<html>"), to: connection)
    case .late:
      sleep(3)
      Self.write(answer, to: connection)
    default: Self.write(answer, to: connection)
    }
  }

  /// Returns an answer that says that its connection ends: the client must not send its next request over it.
  private static func closing(_ answer: [UInt8]) -> [UInt8] {
    guard let line = answer.firstRange(of: Array("\r\n".utf8)) else { return answer }
    return answer[..<line.upperBound] + Array("Connection: close\r\n".utf8) + answer[line.upperBound...]
  }

  /// Sends a request to the server, and reads its answer to the end.
  private func ask(_ request: [UInt8]) -> [UInt8] {
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { Glibc.close(server) }
    var address = Self.address(UInt16(upstream))
    let isConnected = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard isConnected else { return [] }
    Self.write(request, to: server)
    var answer: [UInt8] = []
    while let bytes = Self.read(server) { answer += bytes }
    return answer
  }

  /// Reads a request with its body; `nil` when the client left. The server is asked to close the connection after it.
  private static func request(_ connection: Int32) -> [UInt8]? {
    var bytes: [UInt8] = []
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let split = bytes.firstRange(of: end) {
        let head = String(decoding: bytes[..<split.lowerBound], as: UTF8.self)
        let length = head.lowercased().components(separatedBy: "\r\ncontent-length: ").dropFirst().first
          .flatMap { Int($0.prefix { $0.isNumber }) }
        if bytes.count >= split.upperBound + (length ?? 0) {
          return Array((head + "\r\nConnection: close\r\n\r\n").utf8) + bytes[split.upperBound...]
        }
      }
      guard let more = read(connection) else { return nil }
      bytes += more
    }
  }

  private static func problem(_ status: Int, _ code: String) -> [UInt8] {
    answer(
      status, "application/problem+json",
      #"{"type":"urn:problem:kittycash:\#(code)","title":"A problem","status":\#(status),"detail":"A problem.","code":"\#(code)","requestId":"0"}"#
    )
  }

  private static func answer(_ status: Int, _ type: String, _ body: String) -> [UInt8] {
    Array(
      "HTTP/1.1 \(status) X\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
        .utf8)
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return address
  }

  private static func read(_ socket: Int32) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(socket, &bytes, bytes.count)
    return count > 0 ? Array(bytes.prefix(count)) : nil
  }

  private static func write(_ bytes: [UInt8], to socket: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      // Without a signal when the client has left.
      let count = rest.withUnsafeBytes {
        send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
