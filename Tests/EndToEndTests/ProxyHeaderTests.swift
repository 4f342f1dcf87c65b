import Foundation
import KittyShared
import TestSupport
import Testing

/// Headers that nginx and the server add, trust and refuse.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct ProxyHeaderTests {
  private func headers(_ deployment: Deployment, _ arguments: String) async throws -> String {
    try await deployment.curl("curl -s -D - -o /dev/null \(arguments)").lowercased()
  }

  @Test func responsesHaveSecurityHeadersAndNoVersions() async throws {
    try await Deployment.run { deployment in
      let always = [
        "x-content-type-options: nosniff", "referrer-policy: no-referrer", "x-frame-options: deny",
        "content-security-policy: default-src 'none'", "frame-ancestors 'none'",
      ]
      func check(_ arguments: String, _ status: Int) async throws -> String {
        let head = try await headers(deployment, arguments)
        #expect(head.hasPrefix("http/1.1 \(status)"), "\(arguments)\n\(head)")
        for line in always {
          #expect(head.components(separatedBy: line).count == 2, "\(arguments) \(line)\n\(head)")
        }
        // No HSTS without TLS.
        #expect(!head.contains("strict-transport-security"))
        #expect(head.firstMatch(of: #/(?m)^server: nginx\r?$/#) != nil, "\(head)")
        for word in ["x-powered-by", "hummingbird", "swift", "nginx/"] {
          #expect(!head.contains(word), "\(head)")
        }
        return head
      }
      _ = try await check(#""$KITTY/health/live""#, 200)
      _ = try await check(#"-H 'Accept: text/html' "$KITTY/""#, 200)
      _ = try await check(#""$KITTY/v1/me""#, 401)
      _ = try await check(#""$KITTY/v1/nothing""#, 404)
      let allowed = "allow: get, head, options"
      #expect(try await check(#"-X PUT "$KITTY/v1/me/balances""#, 405).contains(allowed))
      #expect(try await check(#"-X OPTIONS "$KITTY/v1/me/balances""#, 204).contains(allowed))
      // Responses of nginx itself.
      _ = try await check(#"-X TRACE "$KITTY/v1/me""#, 405)
      _ = try await check(#"-H "X: $(head -c 20000 /dev/zero | tr '\0' a)" "$KITTY/v1/me""#, 431)
      _ = try await check(#"-H 'Content-Length: 30000000' -d x "$KITTY/v1/users""#, 413)
      // The pages of its errors are no pages of a client.
      for path in ["/unavailable/503", "/unavailable/page", "/fallback.html"] {
        let head = try await check(#""$KITTY\#(path)""#, 404)
        #expect(head.contains("application/problem+json") && !head.contains("retry-after"), "\(head)")
      }
      try await deployment.stopServer()
      #expect(try await check(#""$KITTY/v1/me""#, 503).contains("retry-after: 2"))
      _ = try await check(#"-H 'Accept: text/html' "$KITTY/""#, 503)
    }
  }

  /// The files of groups are larger than other bodies.
  @Test func filesOfGroupsPassAndAreCompressed() async throws {
    try await Deployment.run { deployment in
      let sent = try await deployment.curl(
        #"""
        head -c 23000000 /dev/zero >"$DIR/big"
        for path in groups/x/import groups/x/imports imports; do
          curl -s -o /dev/null -H 'Expect:' --data-binary "@$DIR/big" -w '%{http_code} ' "$KITTY/v1/$path"
        done
        """#, ["DIR": deployment.folder])
      // The server refuses them for want of a token, and nginx not for their size.
      #expect(sent == "401 401 401", "\(sent)")
      let heads = try await deployment.curl(
        #"""
        anna='{"name": "anna", "password": "a long password"}'
        curl -sf -o /dev/null --json "$anna" "$KITTY/v1/users"
        auth="Authorization: Bearer $(curl -sf --json "$anna" "$KITTY/v1/sessions" | jq -r .token)"
        g=$KITTY/v1/groups/$(curl -sf -H "$auth" --json '{"name": "Flat", "currency": "EUR"}' "$KITTY/v1/groups" | jq -r .id)
        for name in Bob Carl Dora Eve Finn Gus; do curl -sf -o /dev/null -H "$auth" --json "{\"name\": \"$name\"}" "$g/members"; done
        for path in "export" "export?format=hledger" "export?format=csv" members; do
          curl -sf -H "$auth" -H 'Accept-Encoding: gzip' -o /dev/null -w '%header{content-encoding},%{http_code} ' "$g/$path"
        done
        curl -sf -H "$auth" "$g/export" >"$DIR/plain"
        curl -sf -H "$auth" --compressed "$g/export" | cmp - "$DIR/plain" && echo same
        """#, ["DIR": deployment.folder])
      #expect(heads == "gzip,200 gzip,200 gzip,200 ,200 same", "\(heads)")
    }
  }

  @Test func welcomeShowsTheAddressWithItsPort() async throws {
    try await Deployment.run { deployment in
      let text = try await deployment.curl(#"curl -sf "$KITTY/""#)
      #expect(text.contains("kittycash --server \(deployment.url)\n"), "\(text)")
      // HTTP/1.0 needs no host.
      let old = try await deployment.curl(#"curl -s -o /dev/null -w '%{http_code}' -0 -H Host: "$KITTY/""#)
      #expect(old == "200")
    }
  }

  @Test func clientAddressIsTakenFromNginx() async throws {
    try await Deployment.run { deployment in
      // A forged header through nginx, and a chain as from another proxy.
      _ = try await deployment.curl(
        #"curl -s -o /dev/null -H 'X-Forwarded-For: 192.0.2.66' -H 'X-Request-Id: forged' "$KITTY/v1/me""#)
      _ = try await deployment.curl(
        #"curl -s -o /dev/null -H 'X-Forwarded-For: 192.0.2.66, 192.0.2.7' -H 'X-Request-Id: chain' "$SERVER/v1/me""#,
        ["SERVER": "http://127.0.0.1:\(deployment.serverPort)"])
      #expect(try await deployment.client(of: "forged") == "127.0.0.1")
      #expect(try await deployment.client(of: "chain") == "192.0.2.7")
    }
  }

  @Test func untrustedProxyIsLoggedOnce() async throws {
    try await Deployment.run(settings: ["TRUSTED_PROXIES": ""]) { deployment in
      for _ in 0..<3 { _ = try await deployment.curl(#"curl -s -o /dev/null "$KITTY/v1/me""#) }
      let lines = try deployment.log("server.log").split(separator: "\n").filter {
        $0.contains("TRUSTED_PROXIES")
      }
      #expect(lines.count == 1 && lines[0].contains(#""level":"warning""#), "\(lines)")
    }
  }
}
