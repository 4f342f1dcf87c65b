/// A user who asks the server past nginx, so that the log of nginx has the requests of the client alone.
struct DirectUser: Sendable {
  private let deployment: Deployment
  private let token: String

  /// - Parameter token: Of a session, or an API token.
  init(token: String, on deployment: Deployment) {
    self.deployment = deployment
    self.token = token
  }

  /// Signs in.
  init(
    signingIn name: String, password: String = "a long password", device: String = "curl",
    on deployment: Deployment
  ) async throws {
    let token = try await deployment.curl(
      #"""
      set -e
      jq -n --arg name "$NAME" --arg password "$PASSWORD" --arg device "$DEVICE" '{$name, $password, $device}' >"$DIR/who"
      curl -sSf "$KITTY/v1/sessions" --json @"$DIR/who" >"$DIR/session"
      jq -r .token "$DIR/session"
      """#,
      [
        "KITTY": deployment.serverURL, "DIR": deployment.folder, "NAME": name, "PASSWORD": password,
        "DEVICE": device,
      ])
    self.init(token: token, on: deployment)
  }

  /// Reads a resource, and returns what a filter of `jq` makes of it.
  func read(_ path: String, _ filter: String) async throws -> String {
    try await deployment.curl(
      #"""
      set -e
      answer=$(curl -sSf -H "Authorization: Bearer $TOKEN" "$KITTY$RESOURCE")
      printf '%s' "$answer" | jq -rc "$FILTER"
      """#,
      ["KITTY": deployment.serverURL, "TOKEN": token, "RESOURCE": path, "FILTER": filter])
  }

  /// Reads a resource of the first group.
  func readGroup(_ path: String, _ filter: String) async throws -> String {
    try await read("/v1/groups/\(try await read("/v1/groups", ".items[0].id"))\(path)", filter)
  }

  /// `true` while the server accepts the token.
  func isAccepted() async throws -> Bool {
    let status = try await deployment.curl(
      #"curl -sS -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $TOKEN" "$KITTY/v1/me""#,
      ["KITTY": deployment.serverURL, "TOKEN": token])
    return status == "200"
  }
}
