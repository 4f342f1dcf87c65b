import Foundation
import TestSupport
import Testing

/// nginx with TLS, HTTP/2 and IPv6.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct TransportTests {
  /// Runs a deployment whose nginx has a certificate of an authority in the file `$CA`.
  private func withTLS(_ body: (_ deployment: Deployment, _ values: [String: String]) async throws -> Void)
    async throws
  {
    try await withTemporaryFolder { folder in
      let made = try await shell(
        #"""
        set -e
        cd "$DIR"
        key='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
        openssl req -x509 $key -days 2 -subj '/CN=Test authority' -keyout ca.key -out ca.pem 2>/dev/null
        openssl req $key -subj /CN=kitty -keyout privkey.pem -out request.pem 2>/dev/null
        printf 'subjectAltName=IP:127.0.0.1\n' >names
        openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names \
          -out fullchain.pem 2>/dev/null
        mkdir -p acme/.well-known/acme-challenge
        echo answer >acme/.well-known/acme-challenge/token
        """#, ["DIR": folder])
      try #require(made.succeeded, "\(made.errors)")
      try await Deployment.run(settings: ["TLS_FOLDER": folder]) { deployment in
        try await body(deployment, ["SECURE": deployment.secureURL, "CA": folder + "/ca.pem"])
      }
    }
  }

  @Test func connectionIsEncryptedAndPlainRequestsAreNotServed() async throws {
    try await withTLS { deployment, values in
      let secure = try await deployment.curl(
        #"curl -s --cacert "$CA" -D - -o /dev/null -w 'version %{http_version}' "$SECURE/v1/me""#, values)
      #expect(secure.hasPrefix("HTTP/2 401") && secure.hasSuffix("version 2"), "\(secure)")
      #expect(secure.contains("strict-transport-security: max-age=31536000"), "\(secure)")
      let old = try await deployment.curl(
        #"curl -s --cacert "$CA" --http1.1 --tls-max 1.2 -o /dev/null -w '%{http_version} %{http_code}' "$SECURE/v1/me""#,
        values)
      #expect(old == "1.1 401")

      let page = try await deployment.curl(#"curl -s -D - -o /dev/null "$KITTY/about?a=b""#, values)
      #expect(page.hasPrefix("HTTP/1.1 308") && page.contains("Location: \(deployment.secureURL)/about?a=b"))
      #expect(!page.lowercased().contains("strict-transport-security"))
      for url in ["$KITTY/v1/users", "http://127.0.0.1:\(deployment.spare)/v1/users"] {
        let refused = try await deployment.curl(#"curl -s -d x -w '%{http_code}' "\#(url)""#, values)
        #expect(refused.contains("https_required") && refused.hasSuffix("403"), "\(refused)")
      }
      #expect(try await deployment.curl(#"curl -s "$KITTY/health/nginx""#) == "ok")
      let challenge = #"curl -s "$KITTY/.well-known/acme-challenge/token""#
      #expect(try await deployment.curl(challenge) == "answer")
      let outside = #"curl -s --path-as-is "$KITTY/.well-known/acme-challenge/../../../ca.key""#
      #expect(try await !deployment.curl(outside).contains("PRIVATE KEY"))
    }
  }

  /// Uploads pass nginx unbuffered with HTTP/2 too, and the client speaks it.
  @Test func clientUsesHTTP2() async throws {
    try await withTLS { deployment, values in
      let output = try await deployment.curl(
        #"""
        set -e
        curl -sSf --cacert "$CA" -o /dev/null "$SECURE/v1/users" --json '{"name": "anna", "password": "a long password"}'
        export KITTYCASH_SERVER=$SECURE KITTYCASH_CA=$CA
        echo 'a long password' | kittycash login --name anna 2>/dev/null
        token=$(jq -r .token "$XDG_STATE_HOME"/kittycash/*.session)
        id=$(curl -sSf --cacert "$CA" -H "Authorization: Bearer $token" "$SECURE/v1/groups" \
          --json '{"name": "Flat", "currency": "EUR"}' | jq -r .id)
        kittycash photo flat "$CAT" --json | jq -r .width
        curl -sSf --cacert "$CA" -T "$CAT" -H "Authorization: Bearer $token" -H 'Content-Type: image/jpeg' \
          -o /dev/null -w '%{http_version} %{http_code}\n' "$SECURE/v1/groups/$id/photo"
        KITTYCASH_TOKEN=$token kittycash groups --plain --server "$KITTY" 2>&1 || echo "ended with $?"
        unset KITTYCASH_CA
        kittycash groups --plain 2>&1 || echo "ended with $?"
        """#,
        values.merging([
          "XDG_STATE_HOME": deployment.folder + "/state", "XDG_CACHE_HOME": deployment.folder + "/cache",
          "XDG_CONFIG_HOME": deployment.folder + "/config",
          "PATH": Deployment.programs + ":/usr/local/bin:/usr/bin:/bin",
        ]) { $1 })
      let lines = output.split(separator: "\n").map(String.init)
      try #require(lines.count == 6, "\(output)")
      #expect(Int(lines[0]) != nil && lines[1].hasPrefix("2 20"), "\(output)")
      #expect(lines[2].contains("Write https:// instead") && lines[3] == "ended with 5", "\(output)")
      #expect(lines[4].contains("--ca FILE") && lines[5] == "ended with 6", "\(output)")
    }
  }

  /// A customer of a provider has all addresses that begin with the same 64 bits.
  @Test func addressesOfOneNetworkShareTheLimitOfConnections() async throws {
    try await Deployment.run(settings: ["REAL_IP_FROM": "127.0.0.1"]) { deployment in
      var held: [RawConnection] = []
      for number in 0..<260 {
        let connection = try RawConnection(port: deployment.port)
        connection.send(
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 2001:db8:1:2::\(String(number, radix: 16))\r\n"
            + "Content-Type: application/json\r\nContent-Length: 50\r\n\r\n")
        held.append(connection)
      }
      func status(_ address: String) async throws -> String {
        try await deployment.curl(
          #"curl -s -o /dev/null -w '%{http_code}' -H "X-Forwarded-For: $ADDRESS" "$KITTY/v1/me""#,
          ["ADDRESS": address])
      }
      try await wait(for: "a refusal", seconds: 10) {
        try await status("2001:db8:1:2:ffff::1") == "429" ? () : nil
      }
      for address in ["2001:db8:1:3::1", "192.0.2.1", "::ffff:192.0.2.2"] {
        #expect(try await status(address) == "401", "\(address)")
      }
      held = []
    }
  }

  @Test(
    .enabled(
      if: (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?.contains("lo") == true,
      "SKIPPED: the loopback has no IPv6"))
  func clientWithIPv6IsSeen() async throws {
    try await Deployment.run { deployment in
      _ = try await deployment.curl(
        #"curl -s -o /dev/null -H 'X-Request-Id: six' -H 'X-Real-IP: 192.0.2.66' "http://[::1]:$PORT/v1/me""#,
        ["PORT": "\(deployment.port)"])
      #expect(try await deployment.client(of: "six") == "::1")
    }
  }

  @Test func schemeIsThatOfTheClientBehindATrustedProxy() async throws {
    try await Deployment.run(settings: ["REAL_IP_FROM": "127.0.0.1"]) { deployment in
      try await deployment.stopServer()
      try await deployment.startProgram(
        "echo",
        #"""
        import http.server, sys
        class Handler(http.server.BaseHTTPRequestHandler):
          def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f'{self.headers["X-Forwarded-Proto"]} {self.headers["X-Real-IP"]}'.encode())
        http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
        """#)
      for (headers, seen) in [
        ("-H 'X-Forwarded-Proto: https' -H 'X-Forwarded-For: 192.0.2.1'", "https 192.0.2.1"),
        ("-H 'X-Forwarded-For: 192.0.2.1'", "http 192.0.2.1"),
        // The proxy that names no client is the client.
        ("-H 'X-Forwarded-Proto: https' -H 'X-Real-IP: 192.0.2.66'", "http 127.0.0.1"),
      ] {
        #expect(try await deployment.curl("curl -s \(headers) \"$KITTY/v1/me\"") == seen)
      }
    }
  }

  @Test func newerNginxGetsTheDirectiveForHTTP2() async throws {
    try await withTemporaryFolder { folder in
      let listen = #"""
        cd "$DIR"
        touch fullchain.pem privkey.pem
        printf '#!/bin/sh\necho "nginx version: nginx/$VERSION" >&2\n' >nginx
        chmod +x nginx
        PATH=$DIR:$PATH TLS_FOLDER=$DIR "$ROOT/nginx/listen"
        """#
      for (version, line, other) in [
        ("1.28.0", "http2 on;", "ssl http2"), ("1.25.1 (Ubuntu)", "http2 on;", "ssl http2"),
        ("1.25.0", "listen 443 ssl http2;", "http2 on"), ("1.9.5", "listen 443 ssl http2;", "http2 on"),
      ] {
        let outcome = try await shell(
          listen, ["DIR": folder, "ROOT": Deployment.root, "VERSION": version])
        #expect(
          outcome.succeeded && outcome.output.contains(line) && !outcome.output.contains(other),
          "\(version) \(outcome)")
      }
      let missing = try await shell(
        #"rm "$DIR/privkey.pem"; TLS_FOLDER=$DIR "$ROOT/nginx/listen""#,
        ["DIR": folder, "ROOT": Deployment.root])
      #expect(missing.succeeded && missing.errors.contains("there is no privkey.pem"), "\(missing)")
      #expect(!missing.output.contains("443 ssl") && missing.output.contains("return 308"), "\(missing)")
    }
  }
}
