import Foundation
import KittyShared
import TestSupport
import Testing

/// Connections through nginx: limits, ambiguous requests, slow clients.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct ProxyConnectionTests {
  @Test func connectionsPerAddressAreLimited() async throws {
    try await Deployment.run { deployment in
      var held: [RawConnection] = []
      let status = #"curl -s -D - "$KITTY/v1/me""#
      // More than the configuration allows.
      for _ in 0..<260 {
        let connection = try RawConnection(port: deployment.port)
        connection.send(
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"
        )
        held.append(connection)
      }
      try await wait(for: "a refusal", seconds: 10) {
        let answer = try await deployment.curl(status).lowercased()
        return answer.hasPrefix("http/1.1 429") && answer.contains("retry-after: 2")
          && answer.contains("too_many_requests") ? () : nil
      }
      held = []
      try await wait(for: "room") { try await deployment.curl(status).hasPrefix("HTTP/1.1 401") ? () : nil }
    }
  }

  @Test func ambiguousRequestIsRefusedThroughNginx() async throws {
    try await Deployment.run { deployment in
      // All at the same time: nginx waits for some seconds before it closes a connection.
      let refused = try AmbiguousRequest.all.map { ($0, try RawConnection(port: deployment.port)) }
      for (request, connection) in refused { connection.send(request.text) }
      for (request, connection) in refused {
        #expect(try await connection.isClosed(within: 20), "\(request): left open")
        #expect(
          connection.statuses.count == 1 && connection.statuses.first.map { $0 < 500 } == true,
          "\(request): \(connection.received)")
        #expect(
          connection.received.contains("application/problem+json"), "\(request): \(connection.received)")
      }
      // Requests that nginx reads in one way and forwards correctly: two requests, two responses.
      for request in AmbiguousRequest.lenient {
        let connection = try RawConnection(port: deployment.port)
        connection.send(request.text)
        _ = try await connection.wait(seconds: 20) { $0.isClosed || $0.statuses.count == 2 }
        let isRefused = connection.isClosed && connection.statuses.count == 1
        #expect(
          isRefused || connection.statuses.count == 2 && connection.statuses.last == 200,
          "\(request): \(connection.received)")
      }
      #expect(
        try await deployment.curl(#"curl -s -o /dev/null -w '%{http_code}' "$KITTY/health/live""#) == "200")
    }
  }

  @Test func upgradeRequestDoesNotBreakSharedConnections() async throws {
    try await Deployment.run { deployment in
      for _ in 0..<40 {
        let connection = try RawConnection(port: deployment.port)
        connection.send(
          "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        #expect(try await connection.answers([200], within: 20))
      }
      // Uses every connection that nginx keeps to the server.
      let all = try await deployment.curl(
        #"for n in $(seq 40); do curl -s -m 5 -o /dev/null -w '%{http_code}\n' "$KITTY/health/live" & done | sort | uniq -c; wait"#
      )
      #expect(all.split(separator: " ").map(String.init) == ["40", "200"], "\(all)")
    }
  }

  @Test func slowClientIsDisconnectedThroughNginx() async throws {
    try await Deployment.run(settings: ["CLIENT_TIMEOUT": "1"]) { deployment in
      let connection = try RawConnection(port: deployment.port)
      connection.send(
        "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"
      )
      let isClosed = try await connection.isClosed(within: 30) { connection.send(" ") }
      #expect(isClosed)
      #expect(
        connection.statuses == [408] && connection.received.contains("too_slow"), "\(connection.received)")
      // nginx itself limits the time of a head, to 15 seconds.
      let head = try RawConnection(port: deployment.port)
      head.send("GET / HTTP/1.1\r\nX: ")
      let isHeadClosed = try await head.isClosed(within: 40) { head.send("a") }
      #expect(isHeadClosed)
    }
  }
}
