import Foundation
import HTTPTypes
import KittyShared
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import TestSupport
import Testing

@testable import KittyServer

/// Connections, byte by byte: ambiguous requests, slow clients, upgrades.
@Suite struct ConnectionTests {
  private func connect(_ server: TestServer) throws -> RawConnection {
    try RawConnection(port: #require(URL(string: server.url)?.port))
  }

  @Test func ambiguousRequestIsRefused() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      for request in AmbiguousRequest.all + AmbiguousRequest.lenient {
        let connection = try connect(server)
        connection.send(request.text)
        #expect(try await connection.isClosed(within: 10), "\(request): left open")
        // One response, whatever followed.
        #expect(connection.statuses == [400], "\(request): \(connection.received)")
        #expect(connection.received.contains(#""code":"not_http""#), "\(request)")
      }
      #expect(try await server.send("GET", "/health/live").status == 200)
    }
  }

  @Test func chunkExtensionIsIgnored() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let connection = try connect(server)
      connection.send(
        "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
          + "2;a=b\r\n{}\r\n0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try await connection.answers([422, 200], within: 10))
    }
  }

  @Test(arguments: [
    ("nothing", "", ""), ("a head that drips", "GET / HTTP/1.1\r\nX: ", "a"),
    ("a name that drips", "GET / HTTP/1.1\r\n", "a"),
    ("a body that drips", Self.head("Content-Length: 5000") + "{", " "),
    ("a body that stops", Self.head("Content-Length: 5000") + "{", ""),
    ("chunks that drip", Self.head("Transfer-Encoding: chunked"), "1\r\n \r\n"),
    ("an extension that drips", Self.head("Transfer-Encoding: chunked") + "2;", "a"),
    ("a trailer that drips", Self.head("Transfer-Encoding: chunked") + "0\r\n", "X: y\r\n"),
  ]) func slowClientIsDisconnected(what: String, start: String, drop: String) async throws {
    try await TestServer.run(on: .sqlite, settings: ["CLIENT_TIMEOUT": "1"]) { (server) async throws in
      let connection = try connect(server)
      connection.send(start)
      #expect(
        try await connection.wait(seconds: 20) {
          connection.send(drop)
        } until: {
          $0.isClosed
        },
        "\(what) keeps the connection")
      if start.hasPrefix("POST") {
        #expect(connection.statuses == [408], "\(connection.received)")
        #expect(connection.received.contains(#""code":"too_slow""#))
      } else {
        #expect(connection.received.isEmpty)
      }
    }
  }

  private static func head(_ length: String) -> String {
    "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\(length)\r\n\r\n"
  }

  /// A channel with its own clock that has received the head of a request.
  private func channel() throws -> EmbeddedChannel {
    let timeout = ConnectionGuard.Timeouts(time: .seconds(10), bytesPerSecond: 100, unread: .seconds(60))
    let channel = EmbeddedChannel(handler: ConnectionGuard(timeout))
    try channel.connect(to: .init(ipAddress: "127.0.0.1", port: 1)).wait()
    let head = HTTPRequest(method: .post, scheme: nil, authority: "x", path: "/")
    try channel.writeInbound(HTTPRequestPart.head(head))
    return channel
  }

  private func send(_ bytes: Int, on channel: EmbeddedChannel) throws {
    try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(repeating: 0, count: bytes)))
  }

  @Test func clientThatLeavesWithinABodyIsNoFault() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let token = try await server.signUp()
      for (line, path) in [
        ("POST /v1/sessions", "/v1/sessions"), ("POST /v1/users", "/v1/users"),
        ("PUT /v1/me/photo", "/v1/me/photo"),
      ] {
        for isReset in [true, false] {
          let before = try await server.metrics()
          var connection: RawConnection? = try connect(server)
          if isReset { connection?.resetAtEnd() }
          let type = path.hasSuffix("photo") ? "image/jpeg" : "application/json"
          connection?.send(
            "\(line) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nContent-Type: \(type)\r\n"
              + "Content-Length: 5000\r\n\r\n{")
          // The request must be in the handler before its client leaves.
          try await until { try await server.metrics()["kittycash_http_requests_in_flight"] == 1 }
          connection = nil
          let name = { (status: Int) in
            let method = line.prefix { $0 != " " }
            return #"kittycash_http_requests_total{method="\#(method)",route="\#(path)",status="\#(status)"}"#
          }
          try await until { try await server.metrics()["kittycash_http_requests_in_flight"] == 0 }
          let after = try await server.metrics()
          #expect(after[name(500)] == nil, "\(line), reset: \(isReset)")
          #expect(after[name(400)] == (before[name(400)] ?? 0) + 1, "\(line), reset: \(isReset)")
        }
      }
    }
  }

  @Test func slowBodyClosesConnection() throws {
    for (bytes, isKept) in [(150, true), (60, false)] {
      let channel = try channel()
      for _ in 0..<40 where channel.isActive {
        channel.read()
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        if channel.isActive { try send(bytes, on: channel) }
      }
      #expect(channel.isActive == isKept, "\(bytes) bytes in a second")
      _ = try channel.finish(acceptAlreadyClosed: true)
    }
  }

  @Test func largeBodyMustBeFaster() throws {
    for (length, isKept) in [(1000, true), (6000, false)] {
      let timeout = ConnectionGuard.Timeouts(
        time: .seconds(10), bytesPerSecond: 100, largeBytesPerSecond: 200, largeBytes: 5000)
      let channel = EmbeddedChannel(handler: ConnectionGuard(timeout))
      try channel.connect(to: .init(ipAddress: "127.0.0.1", port: 1)).wait()
      let head = HTTPRequest(
        method: .post, scheme: nil, authority: "x", path: "/",
        headerFields: [.contentLength: String(length)])
      try channel.writeInbound(HTTPRequestPart.head(head))
      for _ in 0..<14 where channel.isActive {
        channel.read()
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        if channel.isActive { try send(120, on: channel) }
      }
      #expect(channel.isActive == isKept, "\(length) bytes announced")
      _ = try channel.finish(acceptAlreadyClosed: true)
    }
  }

  @Test func clientIsNotSlowWhileServerDoesNotRead() throws {
    let channel = try channel()
    // The server is busy and does not read.
    channel.embeddedEventLoop.advanceTime(by: .hours(1))
    #expect(channel.isActive)
    channel.read()
    channel.embeddedEventLoop.advanceTime(by: .seconds(9))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .seconds(2))
    #expect(!channel.isActive)
    // The response before the close.
    let answer = try #require(try channel.readOutbound(as: HTTPResponsePart.self))
    guard case .head(let head) = answer else { throw MissingHead() }
    #expect(head.status == .requestTimeout)
    _ = try channel.finish(acceptAlreadyClosed: true)
  }

  /// The response does not begin with a head.
  private struct MissingHead: Error {}

  /// A client that is not told sends its next request into a connection that is being closed.
  @Test(arguments: [
    ("GET /v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", [401], true),
    ("GET /v1/me HTTP/1.1\r\nHost: x\r\nConnection: Close, TE\r\n\r\n", [401], true),
    ("GET /v1/me HTTP/1.0\r\nHost: x\r\n\r\n", [401], true),
    ("GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\n", [401], false),
    (
      "GET /v1/me HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/groups HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      [401, 401], true
    ),
    (
      "POST /v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
      [100, 422], true
    ),
  ])
  func lastResponseOfAConnectionSaysSo(requests: String, statuses: [Int], isClosed: Bool) async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let connection = try connect(server)
      connection.send(requests)
      #expect(try await connection.answers(statuses, within: 10), "\(connection.received)")
      let heads = connection.received.components(separatedBy: "HTTP/1.1 ").dropFirst()
      let closing = heads.map { $0.lowercased().contains("\r\nconnection: close\r\n") }
      #expect(closing == heads.indices.map { isClosed && $0 == heads.endIndex - 1 }, "\(connection.received)")
      #expect(try await connection.isClosed(within: isClosed ? 10 : 1) == isClosed)
    }
  }

  @Test func idleKeptConnectionStaysOpen() async throws {
    try await TestServer.run(on: .sqlite, settings: ["CLIENT_TIMEOUT": "1"]) { (server) async throws in
      let connection = try connect(server)
      let request = "GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
      connection.send(request)
      #expect(try await connection.answers([200], within: 10))
      // The connection must stay open: wait for three times the timeout of a first head.
      #expect(try await !connection.isClosed(within: 3))
      connection.send(request)
      #expect(try await connection.answers([200, 200], within: 10))
    }
  }

  @Test func upgradeIsIgnoredAndConnectionClosed() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      for head in [
        "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
        "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n",
      ] {
        let connection = try connect(server)
        connection.send(head + "GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try await connection.isClosed(within: 10), "\(head)")
        #expect(
          connection.statuses.count == 1 && connection.received.lowercased().contains("connection: close"))
      }
    }
  }

  @Test func endlessBodyIsCutOff() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let connection = try connect(server)
      connection.send(Self.head("Transfer-Encoding: chunked"))
      let chunk = "10000\r\n" + String(repeating: " ", count: 0x10000) + "\r\n"
      var sent = 0
      let isClosed = try await connection.wait(seconds: 60) {
        for _ in 0..<64 { connection.send(chunk) }
        sent += 4 << 20
      } until: {
        $0.isClosed
      }
      // More than the largest body and the buffers of the system.
      #expect(isClosed && sent < 128 << 20, "\(sent)")
    }
  }

  @Test func unreadAnswerClosesConnection() throws {
    let channel = EmbeddedChannel(handler: ConnectionGuard(.init(time: .hours(1), unread: .seconds(60))))
    try channel.connect(to: .init(ipAddress: "127.0.0.1", port: 1)).wait()
    func become(_ isWritable: Bool) {
      channel.isWritable = isWritable
      channel.pipeline.fireChannelWritabilityChanged()
    }
    // A client that reads a little from time to time keeps the connection.
    for _ in 0..<3 {
      become(false)
      channel.embeddedEventLoop.advanceTime(by: .seconds(59))
      become(true)
      channel.embeddedEventLoop.advanceTime(by: .seconds(59))
    }
    #expect(channel.isActive)
    become(false)
    channel.embeddedEventLoop.advanceTime(by: .seconds(61))
    #expect(!channel.isActive)
    _ = try channel.finish(acceptAlreadyClosed: true)
  }

  /// A request of HTTP/1.0 without `keep-alive` ends its connection, and so does `close` in any case of its letters.
  @Test func connectionEndsAsTheRequestSays() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      let cases = [
        ("1.0", "", true), ("1.0", "Connection: keep-alive\r\n", false), ("1.1", "", false),
        ("1.1", "Connection: close\r\n", true), ("1.1", "Connection: Close\r\n", true),
        ("1.1", "Connection: close, x\r\n", true),
      ]
      for (version, field, isClosed) in cases {
        let connection = try connect(server)
        let request = "GET /health/live HTTP/\(version)\r\nHost: x\r\n\(field)\r\n"
        connection.send(request)
        #expect(try await connection.answers([200], within: 10))
        if isClosed {
          #expect(try await connection.isClosed(within: 10), "HTTP/\(version) \(field)")
        } else {
          connection.send(request)
          #expect(try await connection.answers([200, 200], within: 10), "HTTP/\(version) \(field)")
        }
      }
    }
  }

  @Test func responseHasNoServerHeader() async throws {
    try await TestServer.run(on: .sqlite) { (server) async throws in
      for path in ["/health/live", "/v1/nothing", "/v1/me"] {
        let answer = try await server.send("GET", path)
        for name in ["Server", "X-Powered-By", "Via"] { #expect(answer.header(name) == nil) }
        #expect(answer.header("X-Content-Type-Options") == "nosniff")
      }
    }
  }
}
