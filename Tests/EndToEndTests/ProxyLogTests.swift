import Foundation
import TestSupport
import Testing

/// The logs of nginx: an operator reads them in a terminal, which control characters would steer.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct ProxyLogTests {
  @Test func controlCharactersDoNotReachTheLogs() async throws {
    try await Deployment.run { deployment in
      // Without a server, each forwarded request also has a line in the error log.
      try await deployment.stopServer()
      let requests = [
        "GET /v1/up\u{9b}2Jdown HTTP/1.1\r\nHost: x",
        "GET /v1/up\u{202e}down?a=\u{9b} HTTP/1.1\r\nHost: x",
        "GET /v1/up?query=\u{9d}0;title HTTP/1.1\r\nHost: x",
        "GET /v1/up\u{7f}down HTTP/1.1\r\nHost: x",
        "GET /v1/up HTTP/1.1\r\nHost: \u{9b}31m",
        "GET /v1/up HTTP/1.1\r\nHost: x\r\nReferer: \u{1b}[2J",
        "POST /v1/up HTTP/1.1\r\nHost: x\r\nContent-Length: 99000000\r\nReferer: \u{1b}[2J",
      ]
      for request in requests {
        let connection = try RawConnection(port: deployment.port)
        connection.send(request + "\r\nConnection: close\r\n\r\n")
        let isRefused = try await connection.answers([400], within: 20)
        #expect(
          isRefused && connection.received.contains(#""code":"not_http""#),
          "\(request.debugDescription): \(connection.received)")
      }
      // The method of a request that got an error page, and its whole path.
      _ = try await deployment.curl(#"curl -s -o /dev/null -d x "$KITTY/v1/groups/%1b%5b2J?query=1""#)
      let line = try await wait(for: "the last line") {
        try deployment.log("access.log").split(separator: "\n").first { $0.contains("/v1/groups/%1b%5b2J\"") }
      }
      #expect(line.contains(#""method":"POST""#) && line.contains(#""status":503"#), "\(line)")
      for name in ["access.log", "nginx.log"] {
        let text = try deployment.log(name)
        #expect(text.contains("/v1/"), "\(name) is empty")
        let raw = text.unicodeScalars.filter { $0 != "\n" && !(" "..."~").contains($0) }
        #expect(raw.isEmpty, "\(name): \(text.debugDescription)")
      }
      #expect(try deployment.log("access.log").contains(#""path":"/v1/up(not ASCII)""#))
    }
  }
}
