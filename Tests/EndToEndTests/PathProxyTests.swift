import Foundation
import TestSupport
import Testing

/// The proxy of docs/operations/troubleshooting.md that has KittyCash under a path, in front of nginx.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment)) struct PathProxyTests {
  private func startFront(_ deployment: Deployment) async throws {
    let blocks = try Document("docs/operations/troubleshooting.md").blocks(["nginx"])
    let block = try #require(blocks.first { $0.title == "Under a path" }).text
    try #require(block.contains("http://127.0.0.1:8080/;"))
    let location = block.replacingOccurrences(of: ":8080/;", with: ":\(deployment.port)/;")
    let folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path front_\($0);" }
    let text = """
      pid front.pid;
      error_log stderr;
      events {}
      http {
      access_log off;
      \(folders.joined(separator: "\n"))
      server { listen 127.0.0.1:\(deployment.spare);
      \(location)
      } }
      """
    try text.write(toFile: deployment.folder + "/front.conf", atomically: true, encoding: .utf8)
    _ = try await deployment.curl(
      #"""
      cd "$DIR"
      PATH=$PATH:/usr/sbin nginx -p "$DIR" -c "$DIR/front.conf" -e stderr >front.log 2>&1 </dev/null || { cat front.log >&2; exit 1; }
      """#, ["DIR": deployment.folder])
  }

  @Test func everyAddressInAnAnswerHasThePath() async throws {
    let settings = ["PUBLIC_URL": "https://example.org/kitty", "REAL_IP_FROM": "127.0.0.1"]
    try await Deployment.run(settings: settings) { deployment in
      try await startFront(deployment)
      let host = "http://127.0.0.1:\(deployment.spare)"
      let printed = try await deployment.curl(
        #"""
        set -e
        user='{"name": "anna", "password": "a long password"}'
        echo "$user" | curl -sSf "$HOST/kitty/v1/users" --json @- >/dev/null
        auth="Authorization: Bearer $(echo "$user" | curl -sSf "$HOST/kitty/v1/sessions" --json @- | jq -r .token)"
        for name in Flat Trip; do
          location=$(curl -sSf -o /dev/null -w '%header{location}' "$HOST/kitty/v1/groups" -H "$auth" \
            --json "{\"name\": \"$name\", \"currency\": \"EUR\"}")
          curl -sSf "$HOST$location" -H "$auth" | jq -r .name
        done
        next=$(curl -sSf -o /dev/null -w '%header{link}' "$HOST/kitty/v1/groups?limit=1" -H "$auth" | sed 's/^<\(.*\)>.*/\1/')
        echo "$next" | cut -d '?' -f 1
        curl -sSf "$HOST$next" -H "$auth" | jq '.items | length'
        export XDG_STATE_HOME="$DIR/state" XDG_CONFIG_HOME="$DIR/config" XDG_CACHE_HOME="$DIR/cache" KITTYCASH_SERVER="$HOST/kitty"
        echo 'a long password' | "$CLIENT" login --name anna 2>/dev/null
        "$CLIENT" groups --json | jq -r '.items[].name' | sort | xargs
        """#, ["HOST": host, "CLIENT": Deployment.client, "DIR": deployment.folder])
      #expect(printed == "Flat\nTrip\n/kitty/v1/groups\n1\nFlat Trip", "\(printed)")
    }
  }
}
