import Foundation
import Testing

/// A group with curl alone, and responses of nginx itself.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized) struct CurlTests {
  @Test func curlEntersAndReadsAGroup() async throws {
    try await Deployment.run { deployment in
      let output = try await deployment.curl(
        #"""
        set -e
        api() { path=$1; shift; curl -sS --fail-with-body ${token:+-H "Authorization: Bearer $token"} "$KITTY$path" "$@"; }
        api /v1/users --json '{"name": "anna", "password": "a long password"}' >/dev/null
        token=$(api /v1/sessions --json '{"name": "anna", "password": "a long password"}' | jq -r .token)
        group=$(api /v1/groups --json '{"name": "Flat 12", "currency": "EUR"}' | jq -r .id)
        for name in Bob Carl; do api "/v1/groups/$group/members" --json "{\"name\": \"$name\"}" >/dev/null; done
        me=$(api "/v1/groups/$group" | jq -r .me)
        api "/v1/groups/$group/expenses" --json "{\"description\": \"Dinner\", \"amount\": \"100.00\", \"payer\": \"$me\"}" |
          jq -c '[.shares[].amount] | sort'
        api "/v1/groups/$group/photo" -T "$CAT" | jq -c '[.width, .height]'
        api "/v1/groups/$group/photo" | head -c 3 | od -An -tx1
        api "/v1/groups/$group/balances" | jq -c '[.balances[].net] | add'
        """#)
      #expect(
        output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } == [
          "[3333,3333,3334]", "[480,360]", "ff d8 ff", "0",
        ])
      // Neither passwords nor tokens are in the logs.
      let logs =
        try String(contentsOfFile: deployment.folder + "/server.log", encoding: .utf8)
        + String(contentsOfFile: deployment.folder + "/access.log", encoding: .utf8)
      #expect(logs.contains("/v1/groups") && !logs.contains("a long password") && !logs.contains("Bearer"))
    }
  }

  @Test func killedServerKeepsAcknowledgedWrites() async throws {
    try await Deployment.run { deployment in
      let setUp = #"""
        set -e
        curl -sSf "$KITTY/v1/users" --json '{"name": "anna", "password": "a long password"}' >/dev/null
        """#
      _ = try await deployment.curl(setUp)
      _ = try await deployment.curl(
        Session.signIn + #"""
          group=$(curl -sSf -H "$auth" "$KITTY/v1/groups" --json '{"name": "Flat", "currency": "EUR"}' | jq -r .id)
          me=$(curl -sSf -H "$auth" "$KITTY/v1/groups/$group" | jq -r .me)
          for n in $(seq 20); do
            curl -sSf -o /dev/null -H "$auth" "$KITTY/v1/groups/$group/expenses" \
              --json "{\"description\": \"Number $n\", \"amount\": $n, \"payer\": \"$me\"}"
          done
          """#, ["NAME": "anna"])
      try await deployment.stopServer("KILL")
      try await deployment.startServer()
      let descriptions = try await deployment.curl(
        Session.signIn
          + #"curl -sSf -H "$auth" "$KITTY/v1/groups/$(first_group)/expenses?limit=100" | jq -r '.items | length'"#,
        ["NAME": "anna"])
      #expect(descriptions == "20")
    }
  }

  @Test func uploadToStoppingServerGetsAnswer() async throws {
    // No worker converts it.
    try await Deployment.run(settings: ["WORKER": "separate"]) { deployment in
      _ = try await deployment.curl(
        #"""
        curl -sSf "$KITTY/v1/users" --json '{"name": "anna", "password": "a long password"}' >/dev/null

        """#
          + Session.signIn + #"""
            curl -s -H "$auth" -T "$CAT" -w '%{http_code}' "$KITTY/v1/me/photo" >"$DIR/answer" 2>&1 </dev/null &
            """#, ["NAME": "anna", "DIR": deployment.folder])
      try await wait(for: "the upload") {
        let found = try? FileManager.default.contentsOfDirectory(atPath: deployment.folder + "/data/uploads")
        return found?.isEmpty == false ? () : nil
      }
      try await deployment.stopServer()
      let answer = try await wait(for: "the answer") {
        let text = try String(contentsOfFile: deployment.folder + "/answer", encoding: .utf8)
        return text.isEmpty ? nil : text
      }
      #expect(answer.contains(#""code":"unavailable""#) && answer.hasSuffix("503"), "\(answer)")
    }
  }

  @Test func nginxAnswersForStoppedServer() async throws {
    try await Deployment.run { deployment in
      try await deployment.stopServer()
      let browser = try await deployment.curl(
        #"curl -s -w '\n%{http_code} %{content_type}' -H 'Accept: text/html' "$KITTY/""#)
      #expect(browser.contains("<html") && browser.hasSuffix("503 text/html"), "\(browser)")
      let program = try await deployment.curl(
        #"curl -s -w '\n%{http_code} %{content_type}' "$KITTY/v1/groups""#)
      #expect(program.hasSuffix("503 application/problem+json"), "\(program)")
      let problem = try await deployment.curl(
        #"curl -s -H 'X-Request-Id: mine-1' "$KITTY/v1/groups" | jq -r '.code + " " + .requestId'"#)
      #expect(problem == "unavailable mine-1")
      let json = try await deployment.curl(
        #"curl -s -o /dev/null -w '%{content_type}' -H 'Accept: application/json' "$KITTY/""#)
      #expect(json == "application/problem+json")
      // The internal pages cannot be requested by name.
      for path in ["/unavailable/502", "/unavailable/page", "/fallback.html"] {
        let status = try await deployment.curl(
          #"curl -s -o /dev/null -w '%{http_code}' "$KITTY$PAGE""#, ["PAGE": path])
        #expect(status == "404", "\(path): \(status)")
      }
    }
  }

  @Test func bodyBeyondTheLimitIsRefusedByNginx() async throws {
    try await Deployment.run { deployment in
      let answer = try await deployment.curl(
        #"head -c 23000000 /dev/zero | curl -s -H 'Expect:' -T - -w '\n%{http_code} %{content_type}' "$KITTY/v1/me/photo" || true"#
      )
      #expect(
        answer.hasSuffix("413 application/problem+json") || answer.hasSuffix("401 application/problem+json"),
        "\(answer)")
      let sized = try await deployment.curl(
        #"head -c 23000000 /dev/zero >"$DIR/big"; curl -s -H 'Expect:' -T "$DIR/big" -w '\n%{http_code} %{content_type}' "$KITTY/v1/me/photo""#,
        ["DIR": deployment.folder])
      #expect(sized.hasSuffix("413 application/problem+json"), "\(sized)")
    }
  }
}
