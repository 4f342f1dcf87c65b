import Foundation
import KittyShared
import TestSupport
import Testing

/// Answers of nginx when the server is down, or breaks the connection: they say no more than nginx can know.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct ProxyFailureTests {
  /// Requests as arguments of `curl`.
  private enum Sent: String, CaseIterable {
    case read = #""$KITTY/v1/me""#
    case change = #"-d x "$KITTY/v1/groups/x/expenses""#
    case changeWithKey = #"-d x -H 'Idempotency-Key: a' "$KITTY/v1/groups/x/expenses""#
    case patchWithKey = #"-X PATCH -d x -H 'Idempotency-Key: a' "$KITTY/v1/groups/x/expenses/y""#
    case removal = #"-X DELETE "$KITTY/v1/me/photo""#
    /// The route accepts no key, so the key does not protect it.
    case signUpWithKey = #"-d x -H 'Idempotency-Key: a' "$KITTY/v1/users""#

    /// The words that the detail must have after a broken connection.
    var advice: String {
      switch self {
      case .read: "Try again"
      case .change, .removal, .signUpWithKey: "may have been done: check before you repeat"
      case .changeWithKey, .patchWithKey: "may have been done. Repeat it with the same Idempotency-Key"
      }
    }
  }

  /// A server that reads the begin of each request and closes the connection.
  private static let brokenServer = #"""
    import socket, sys
    server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    while True:
      connection, _ = server.accept()
      connection.recv(65536)
      connection.close()
    """#

  private func problem(_ deployment: Deployment, _ sent: Sent) async throws -> Problem {
    let answer = try await deployment.curl("curl -s -D - \(sent.rawValue)")
    let parts = answer.replacing("\r\n", with: "\n").split(separator: "\n\n", maxSplits: 1)
    try #require(parts.count == 2, "\(sent): \(answer)")
    let head = parts[0].lowercased()
    #expect(head.contains("content-type: application/problem+json"), "\(sent): \(answer)")
    #expect(head.contains("retry-after: 2"), "\(sent): \(head)")
    let problem = try JSONDecoder().decode(Problem.self, from: Data(parts[1].utf8))
    #expect(head.hasPrefix("http/1.1 \(problem.status) "), "\(sent): \(head)")
    #expect(problem.requestId?.isEmpty == false && problem.type.hasSuffix(":\(problem.code)"), "\(problem)")
    return problem
  }

  @Test func stoppedServerMeansThatNothingWasChanged() async throws {
    try await Deployment.run { deployment in
      try await deployment.stopServer()
      for sent in Sent.allCases {
        let problem = try await problem(deployment, sent)
        #expect(problem.status == 503 && problem.code == "unavailable", "\(sent): \(problem)")
        #expect(problem.detail.contains("Nothing was changed"), "\(sent): \(problem)")
      }
      let page = try await deployment.curl(#"curl -s -w '%{http_code}' -H 'Accept: text/html' "$KITTY/""#)
      #expect(page.contains("<h1>") && page.hasSuffix("503"), "\(page)")
    }
  }

  @Test func brokenConnectionMayHideAChange() async throws {
    try await Deployment.run { deployment in
      try await deployment.stopServer()
      try await deployment.startProgram("broken", Self.brokenServer)
      for sent in Sent.allCases {
        let problem = try await problem(deployment, sent)
        #expect(problem.status == 502, "\(sent): \(problem)")
        #expect(problem.code == (sent == .read ? "unavailable" : "outcome_unknown"), "\(sent): \(problem)")
        #expect(problem.detail.contains(sent.advice), "\(sent): \(problem)")
        #expect(!problem.detail.contains("Nothing was changed"), "\(sent): \(problem)")
      }
    }
  }

  /// nginx checks the size of the body again for its error pages.
  @Test func lostLargeImportGetsAProblem() async throws {
    try await Deployment.run { deployment in
      try await deployment.stopServer()
      let send = #"""
        head -c 23000000 /dev/zero >"$DIR/big"
        curl -s -H 'Expect:' -H 'Content-Type: application/json' --data-binary "@$DIR/big" \
          -w '\n%{http_code} %{content_type}' "$KITTY/v1/groups/x/import"
        """#
      let refused = try await deployment.curl(send, ["DIR": deployment.folder])
      #expect(refused.contains("Nothing was changed"), "\(refused)")
      #expect(refused.hasSuffix("503 application/problem+json"), "\(refused)")
      try await deployment.startProgram("broken", Self.brokenServer)
      let lost = try await deployment.curl(send, ["DIR": deployment.folder])
      #expect(lost.contains("outcome_unknown"), "\(lost)")
      #expect(lost.hasSuffix("502 application/problem+json"), "\(lost)")
    }
  }

  @Test func containerCheckNeedsNoServer() async throws {
    try await Deployment.run { deployment in
      try await deployment.stopServer()
      #expect(
        try await deployment.curl(#"curl -s -w '%{http_code}' "$KITTY/health/nginx""#) == "ok\n200")
      #expect(try !deployment.log("access.log").contains("/health/nginx"))
    }
  }
}
