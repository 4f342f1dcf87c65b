import Foundation
import KittyShared
import TestSupport
import Testing

/// Secrets stay out of the logs.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct LogPrivacyTests {
  /// Sends secrets in every possible place to every route, and searches the logs for them.
  @Test func secretsAreNotInAnyLog() async throws {
    let secrets = [
      "password": "correct horse Battery 1", "wrong": "not the Battery 2", "key": "key-4f1c-secret",
      "note": "a note about Money 3", "name": "Secret Dinner 4", "database": "database-secret-5",
      "redis": "redis-secret-6", "query": "query-secret-7", "forged": "kitty_forged-secret-8",
    ]
    let database = try #require(DeploymentTools.postgres).replacingOccurrences(
      of: "://kitty@", with: "://kitty:\(try #require(secrets["database"]))@")
    let redis = try #require(DeploymentTools.redis).replacingOccurrences(
      of: "redis://", with: "redis://:\(try #require(secrets["redis"]))@")
    // Redis has no password and refuses this one: the error in the log is searched too.
    let settings = ["REDIS_URL": redis, "LOG_LEVEL": "trace"]
    try await Deployment.run(settings: settings, database: database) { deployment in
      var values = Dictionary(uniqueKeysWithValues: secrets.map { ("S_" + $0.key.uppercased(), $0.value) })
      let made = try await deployment.curl(
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
            _ = try await deployment.curl(
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
      // A head that is refused.
      let broken = try RawConnection(port: deployment.serverPort)
      broken.send("GET /v1/me HTTP/1.1\r\nAuthorization: Bearer \(words[0])\r\n: x\r\n\r\n")
      #expect(try await broken.isClosed(within: 20))
      _ = try await deployment.curl(
        #"curl -s -o /dev/null -X DELETE "$KITTY/v1/sessions/current" -H "Authorization: Bearer $TOKEN""#,
        values)

      let logs = [
        "server.log": try deployment.log("server.log"), "access.log": try deployment.log("access.log"),
      ]
      for (name, text) in logs {
        #expect(text.split(separator: "\n").count > 2 * Endpoints.all.count, "\(name) has too few lines")
        for (what, secret) in secrets { #expect(!text.contains(secret), "\(name) holds \(what)") }
        #expect(!text.contains(words[0].dropFirst(6)), "\(name) holds the token")
      }
    }
  }
}
