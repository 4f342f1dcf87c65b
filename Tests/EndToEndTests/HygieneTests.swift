import Foundation
import KittyShared
import TestSupport
import Testing

/// What nginx and the server together let through, say, and write down.
@Suite(.enabled(if: Needs.missing == nil, Needs.comment), .serialized) struct HygieneTests {
  private func headers(_ stack: Stack, _ arguments: String) async throws -> String {
    try await stack.curl("curl -s -D - -o /dev/null \(arguments)").lowercased()
  }

  @Test func everyAnswerIsSafeToShowAndSaysNothingOfItsMakers() async throws {
    try await Stack.run { stack in
      let always = [
        "x-content-type-options: nosniff", "referrer-policy: no-referrer", "x-frame-options: deny",
        "content-security-policy: default-src 'none'", "frame-ancestors 'none'",
      ]
      func check(_ arguments: String, _ status: Int) async throws -> String {
        let head = try await headers(stack, arguments)
        #expect(head.hasPrefix("http/1.1 \(status)"), "\(arguments)\n\(head)")
        for line in always {
          #expect(head.components(separatedBy: line).count == 2, "\(arguments) \(line)\n\(head)")
        }
        // Without TLS there is nothing to be kept.
        #expect(!head.contains("strict-transport-security"))
        #expect(head.firstMatch(of: #/(?m)^server: nginx\r?$/#) != nil, "\(head)")
        for word in ["x-powered-by", "hummingbird", "swift", "nginx/"] {
          #expect(!head.contains(word), "\(head)")
        }
        return head
      }
      _ = try await check(#""$KITTY/health/live""#, 200)
      _ = try await check(#""$KITTY/v1/me""#, 401)
      _ = try await check(#""$KITTY/v1/nothing""#, 404)
      let allowed = "allow: get, head, options"
      #expect(try await check(#"-X PUT "$KITTY/v1/me/balances""#, 405).contains(allowed))
      #expect(try await check(#"-X OPTIONS "$KITTY/v1/me/balances""#, 204).contains(allowed))
      // What nginx says itself.
      _ = try await check(#"-X TRACE "$KITTY/v1/me""#, 405)
      _ = try await check(#"-H "X: $(head -c 20000 /dev/zero | tr '\0' a)" "$KITTY/v1/me""#, 431)
      _ = try await check(#"-H 'Content-Length: 30000000' -d x "$KITTY/v1/users""#, 413)
      try await stack.stopServer()
      #expect(try await check(#""$KITTY/v1/me""#, 502).contains("retry-after: 2"))
      _ = try await check(#"-H 'Accept: text/html' "$KITTY/""#, 502)
    }
  }

  @Test func theClientIsWhoNginxSaysAndNotWhoTheClientSays() async throws {
    try await Stack.run { stack in
      // A forged one through nginx, and a chain as from another proxy.
      _ = try await stack.curl(
        #"curl -s -o /dev/null -H 'X-Forwarded-For: 192.0.2.66' -H 'X-Request-Id: forged' "$KITTY/v1/me""#)
      _ = try await stack.curl(
        #"curl -s -o /dev/null -H 'X-Forwarded-For: 192.0.2.66, 192.0.2.7' -H 'X-Request-Id: chain' "$SERVER/v1/me""#,
        ["SERVER": "http://127.0.0.1:\(stack.serverPort)"])
      func client(_ request: String) async throws -> String {
        try await wait(for: request) {
          let line = try log(stack, "server.log").split(separator: "\n").first {
            $0.contains(#""\#(request)""#)
          }
          return try line.map {
            try JSONDecoder().decode([String: String].self, from: Data($0.utf8))["client"] ?? ""
          }
        }
      }
      #expect(try await client("forged") == "127.0.0.1")
      #expect(try await client("chain") == "192.0.2.7")
    }
  }

  @Test func aProxyThatIsNotTrustedIsNamedOnce() async throws {
    try await Stack.run(settings: ["TRUSTED_PROXIES": ""]) { stack in
      for _ in 0..<3 { _ = try await stack.curl(#"curl -s -o /dev/null "$KITTY/v1/me""#) }
      let lines = try log(stack, "server.log").split(separator: "\n").filter {
        $0.contains("TRUSTED_PROXIES")
      }
      #expect(lines.count == 1 && lines[0].contains(#""level":"warning""#), "\(lines)")
    }
  }

  @Test func oneAddressDoesNotHoldEveryConnection() async throws {
    try await Stack.run { stack in
      var held: [RawConnection] = []
      let status = #"curl -s -D - "$KITTY/v1/me""#
      // As many as the configuration allows, and those that were in use anyhow.
      for _ in 0..<260 {
        let connection = try RawConnection(port: stack.port)
        connection.send(
          "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"
        )
        held.append(connection)
      }
      try await wait(for: "a refusal", seconds: 10) {
        let answer = try await stack.curl(status).lowercased()
        return answer.hasPrefix("http/1.1 429") && answer.contains("retry-after: 2")
          && answer.contains("too_many_requests") ? () : nil
      }
      held = []
      try await wait(for: "room") { try await stack.curl(status).hasPrefix("HTTP/1.1 401") ? () : nil }
    }
  }

  private func log(_ stack: Stack, _ name: String) throws -> String {
    try String(contentsOfFile: stack.folder + "/" + name, encoding: .utf8)
  }

  @Test func whatCouldBeReadInTwoWaysIsRefused() async throws {
    try await Stack.run { stack in
      // All at once: nginx lingers for some seconds before it closes a connection.
      let refused = try AmbiguousRequest.all.map { ($0, try RawConnection(port: stack.port)) }
      for (request, connection) in refused { connection.send(request.text) }
      for (request, connection) in refused {
        #expect(try await connection.isClosed(within: 20), "\(request): left open")
        #expect(
          connection.statuses.count == 1 && connection.statuses.first.map { $0 < 500 } == true,
          "\(request): \(connection.received)")
        #expect(
          connection.received.contains("application/problem+json"), "\(request): \(connection.received)")
      }
      // Read in the one way that there is, and passed on as it should be: two requests, two answers.
      for request in AmbiguousRequest.lenient {
        let connection = try RawConnection(port: stack.port)
        connection.send(request.text)
        _ = try await connection.wait(seconds: 20) { $0.isClosed || $0.statuses.count == 2 }
        let isRefused = connection.isClosed && connection.statuses.count == 1
        #expect(
          isRefused || connection.statuses.count == 2 && connection.statuses.last == 200,
          "\(request): \(connection.received)")
      }
      #expect(try await stack.curl(#"curl -s -o /dev/null -w '%{http_code}' "$KITTY/health/live""#) == "200")
    }
  }

  @Test func whoAsksForAnotherProtocolDoesNotSpoilTheConnectionForOthers() async throws {
    try await Stack.run { stack in
      for _ in 0..<40 {
        let connection = try RawConnection(port: stack.port)
        connection.send(
          "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        #expect(try await connection.answers([200], within: 20))
      }
      // Every connection that nginx keeps to the server is tried.
      let all = try await stack.curl(
        #"for n in $(seq 40); do curl -s -m 5 -o /dev/null -w '%{http_code}\n' "$KITTY/health/live" & done | sort | uniq -c; wait"#
      )
      #expect(all.split(separator: " ").map(String.init) == ["40", "200"], "\(all)")
    }
  }

  @Test func whoDripsIsLetGoThroughNginxToo() async throws {
    try await Stack.run(settings: ["CLIENT_TIMEOUT": "1"]) { stack in
      let connection = try RawConnection(port: stack.port)
      connection.send(
        "POST /v1/users HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"
      )
      let isClosed = try await connection.isClosed(within: 30) { connection.send(" ") }
      #expect(isClosed)
      #expect(
        connection.statuses == [408] && connection.received.contains("too_slow"), "\(connection.received)")
      // A head is nginx's own to judge; the configuration gives it 15 seconds.
      let head = try RawConnection(port: stack.port)
      head.send("GET / HTTP/1.1\r\nX: ")
      let isHeadClosed = try await head.isClosed(within: 40) { head.send("a") }
      #expect(isHeadClosed)
    }
  }

  /// Every route is asked with secrets in every place where one can be, and the logs are searched for them.
  @Test func noSecretIsInAnyLog() async throws {
    let secrets = [
      "password": "correct horse Battery 1", "wrong": "not the Battery 2", "key": "key-4f1c-secret",
      "note": "a note about Money 3", "name": "Secret Dinner 4", "database": "database-secret-5",
      "redis": "redis-secret-6", "query": "query-secret-7", "forged": "kitty_forged-secret-8",
    ]
    let database = try #require(Needs.postgres).replacingOccurrences(
      of: "://kitty@", with: "://kitty:\(try #require(secrets["database"]))@")
    let redis = try #require(Needs.redis).replacingOccurrences(
      of: "redis://", with: "redis://:\(try #require(secrets["redis"]))@")
    // Redis refuses the password, since it asks for none: what is said about that is searched too.
    let settings = ["REDIS_URL": redis, "LOG_LEVEL": "trace"]
    try await Stack.run(settings: settings, database: database) { stack in
      var values = Dictionary(uniqueKeysWithValues: secrets.map { ("S_" + $0.key.uppercased(), $0.value) })
      let made = try await stack.curl(
        #"""
        curl -sS -o /dev/null "$KITTY/v1/users" --json "{\"name\": \"anna\", \"password\": \"$S_PASSWORD\"}"
        curl -sS -o /dev/null "$KITTY/v1/sessions" --json "{\"name\": \"anna\", \"password\": \"$S_WRONG\"}"
        token=$(curl -sS "$KITTY/v1/sessions" --json "{\"name\": \"anna\", \"password\": \"$S_PASSWORD\"}" | jq -r .token)
        group=$(curl -sS "$KITTY/v1/groups" -H "Authorization: Bearer $token" --json '{"name": "Flat", "currency": "EUR"}')
        me=$(printf %s "$group" | jq -r .me); group=$(printf %s "$group" | jq -r .id)
        entry=$(curl -sS "$KITTY/v1/groups/$group/expenses" -H "Authorization: Bearer $token" \
          -H "Idempotency-Key: $S_KEY" --json "{\"description\": \"$S_NAME\", \"note\": \"$S_NOTE\", \"amount\": 300, \"payer\": \"$me\"}" | jq -r .id)
        echo "$token $group $me $entry"
        """#, values)
      let words = made.split(separator: " ").map(String.init)
      try #require(words.count == 4 && words[0].hasPrefix("kitty_"), "\(made)")
      values["TOKEN"] = words[0]
      let body =
        #"{"name": "\#(secrets["name"] ?? "")", "password": "\#(secrets["password"] ?? "")", "note": "\#(secrets["note"] ?? "")"}"#
      for route in Endpoints.all where route != Endpoints.signOut.route {
        for token in [words[0], secrets["forged"] ?? ""] {
          let path = route.path([words[1], route.path.contains("{member}") ? words[2] : words[3]])
          for suffix in ["", "?token=\(secrets["query"] ?? "")&password=\(secrets["query"] ?? "")"] {
            _ = try await stack.curl(
              #"""
              printf %s "$BODY" | curl -s -m 20 -o /dev/null -X "$METHOD" "$KITTY$TARGET" -H "Authorization: Bearer $T" \
                -H "Idempotency-Key: $S_KEY-$METHOD" -H 'Content-Type: application/json' -H 'If-Match: *' --data-binary @-
              """#,
              values.merging([
                "METHOD": route.method.rawValue, "TARGET": path + suffix, "T": token,
                "BODY": body,
              ]) { $1 })
          }
        }
      }
      // A head that is refused, and one that is cut off.
      let broken = try RawConnection(port: stack.serverPort)
      broken.send("GET /v1/me HTTP/1.1\r\nAuthorization: Bearer \(words[0])\r\n: x\r\n\r\n")
      #expect(try await broken.isClosed(within: 20))
      _ = try await stack.curl(
        #"curl -s -o /dev/null -X DELETE "$KITTY/v1/sessions/current" -H "Authorization: Bearer $TOKEN""#,
        values)

      let logs = ["server.log": try log(stack, "server.log"), "access.log": try log(stack, "access.log")]
      for (name, text) in logs {
        #expect(text.split(separator: "\n").count > 2 * Endpoints.all.count, "\(name) is short")
        for (what, secret) in secrets { #expect(!text.contains(secret), "\(name) holds \(what)") }
        #expect(!text.contains(words[0].dropFirst(6)), "\(name) holds the token")
      }
    }
  }
}
