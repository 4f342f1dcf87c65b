import Testing

/// Keys of ssh: added on a screen, used and listed by commands, and removed on the screen.
extension TypedStory {
  static let keys = TypedStory(
    "keys of ssh",
    [
      "GET /v1/me/keys", "POST /v1/me/keys", "DELETE /v1/me/keys/{key}", "POST /v1/sessions/challenges",
      "POST /v1/sessions/by-key",
    ]
  ) { deployment, _ in
    let folder = deployment.folder + "/keys"
    func run(_ script: String) async throws -> String {
      try await deployment.curl(script, ["DIR": folder, "CLIENT": Deployment.programs + "/kittycash"])
    }
    let line = try await run(
      #"mkdir -p "$DIR/.ssh"; ssh-keygen -q -t ed25519 -N '' -C anna@laptop -f "$DIR/.ssh/id_ed25519"; cat "$DIR/.ssh/id_ed25519.pub""#
    )
    // A home of its own, with a key in its usual place and no agent.
    let login =
      #"HOME="$DIR" XDG_STATE_HOME="$DIR" SSH_AUTH_SOCK= "$CLIENT" login --ssh --name anna --server "$KITTY" 2>&1"#
    try await TerminalSession.run(120, 40, on: deployment) { terminal in
      try await terminal.signUp("anna")
      let refused = try await run(login + " || true")
      #expect(refused.contains("No key was accepted, of 1 tried."), "\(refused)")
      try await terminal.openAccount()
      try await terminal.open("Keys of ssh", seeing: "There are no keys")
      try await terminal.press("n")
      try await terminal.see("Public key")
      try await terminal.submit(line)
      try await terminal.see("anna@laptop", "never used")

      let signedIn = try await run(login)
      #expect(signedIn.contains("as anna."), "\(signedIn)")
      let listed = try await run(
        #"HOME="$DIR" XDG_STATE_HOME="$DIR" "$CLIENT" keys --server "$KITTY" --plain"#)
      #expect(listed.contains("anna@laptop\tssh-ed25519\tSHA256:"), "\(listed)")

      try await terminal.press("r")
      try await terminal.see("anna@laptop", "used")
      try await terminal.press("d")
      try await terminal.agree(to: "Remove the key \"anna@laptop\"?")
      try await terminal.see("There are no keys")
      let ended = try await run(
        #"HOME="$DIR" XDG_STATE_HOME="$DIR" "$CLIENT" groups --server "$KITTY" 2>&1 || true"#)
      #expect(ended.contains("no longer signed in"), "\(ended)")
    }
  }
}
