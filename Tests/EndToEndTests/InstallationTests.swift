import Foundation
import Testing

/// What lies in etc/ for an installation: units for systemd, and what sshd gives to people.
@Suite struct InstallationTests {
  private static let etc = Deployment.root + "/etc"

  @Test(.enabled(if: DeploymentTools.has("systemd-analyze"), "SKIPPED: systemd-analyze is not installed"))
  func systemdAcceptsTheUnits() async throws {
    // It looks whether the programs are there; here they are where they were built.
    let told = try await shell(
      #"""
      set -e
      dir=$(mktemp -d); trap 'rm -r "$dir"' EXIT
      for unit in server worker; do
        grep -q '^ExecStart=/usr/local/bin/kittycash-server ' "$ETC/systemd/kittycash-$unit.service"
        sed "s|/usr/local/bin|$PROGRAMS|" "$ETC/systemd/kittycash-$unit.service" >"$dir/kittycash-$unit.service"
      done
      systemd-analyze verify "$dir"/*.service
      """#, ["ETC": Self.etc, "PROGRAMS": Deployment.programs])
    // A word that it does not know is only a complaint.
    #expect(told.succeeded && told.output.isEmpty && told.errors.isEmpty, "\(told.output)\(told.errors)")
    // From 0, closed, to 10. Not every version can look at a file alone.
    let judged = try await shell(
      #"systemd-analyze security --offline=yes --threshold=25 "$ETC/systemd/kittycash-server.service""#,
      ["ETC": Self.etc])
    if !judged.errors.contains("unrecognized option") {
      #expect(judged.succeeded, "\(judged.output.suffix(300))\(judged.errors)")
    }
  }

  /// The settings of the units name only what the server knows.
  @Test func unitSettingsAreKnownToTheServer() async throws {
    let told = try await shell(
      #"""
      sed 's/^#\([A-Z_]*=\)/\1/' "$ETC/systemd/kittycash.env" | sed -n 's/^\([A-Z_]*\)=.*/\1/p' | while read -r name; do
        "$PROGRAMS/kittycash-server" serve --help | tr -d '\n ' | grep -q "\[$name\]" || echo "$name"
      done
      """#, ["ETC": Self.etc, "PROGRAMS": Deployment.programs])
    #expect(told.succeeded && told.output.isEmpty, "no such settings: \(told.output)\(told.errors)")
  }

  @Test(
    .enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment),
    .enabled(
      if: DeploymentTools.has("sshd") && DeploymentTools.has("ssh"), "SKIPPED: sshd and ssh are not installed"
    ))
  func sshRunsOnlyTheClient() async throws {
    try await Deployment.run { stack in
      let door = try await SSHServer(stack)
      do {
        try await check(door, stack)
      } catch {
        try await door.close()
        throw error
      }
      try await door.close()
    }
  }

  private func check(_ door: SSHServer, _ stack: Deployment) async throws {
    try await TerminalSession.run(80, 24, on: stack, program: SSHServer.command) { terminal in
      try await terminal.signUp("anna")
      // The connection is cut: the client ends, too.
      #expect(try await door.clients() == 1)
      try await terminal.signal("KILL")
      try await wait(for: "the client to end") { try await door.clients() == 0 ? () : nil }
    }
    // The session was kept for the account, as on any other machine.
    try await TerminalSession.run(80, 24, on: stack, program: SSHServer.command) { terminal in
      try await terminal.see("Groups", "anna @")
      try await terminal.press("q")
      try await terminal.see("ended 0")
    }
    // Neither a command nor files nor a way to somewhere else.
    let command = try await door.ssh(#"ssh $OPTIONS "$USER@127.0.0.1" cat /etc/passwd"#)
    #expect(!command.succeeded && !command.output.contains("root:"), "\(command)")
    #expect(command.errors.contains("terminal"), "\(command)")
    let files = try await door.ssh(#"echo 'get /etc/passwd' | sftp -b - $OPTIONS "$USER@127.0.0.1""#)
    #expect(!files.succeeded && !FileManager.default.fileExists(atPath: stack.folder + "/passwd"), "\(files)")
    let forward = try await door.ssh(#"ssh $OPTIONS -W "127.0.0.1:$PORT" "$USER@127.0.0.1" </dev/null"#)
    #expect(forward.errors.contains("prohibited"), "\(forward)")
    let back = try await door.ssh(
      #"ssh $OPTIONS -o ExitOnForwardFailure=yes -N -R "0:127.0.0.1:$PORT" "$USER@127.0.0.1""#)
    #expect(back.errors.contains("remote port forwarding failed"), "\(back)")
  }
}

/// An sshd of our own with the snippet, for whoever runs the tests.
private struct SSHServer {
  let stack: Deployment
  /// Comes in, with a terminal.
  static let command = #"ssh -tt -F "$DIR/ssh_config" "$(id -un)@127.0.0.1""#

  init(_ stack: Deployment) async throws {
    self.stack = stack
    // The lines change where an installation has other places, and for whom they are: here there is no such group.
    let started = try await door(
      #"""
      set -e
      mkdir "$DIR/ssh"; cd "$DIR/ssh"
      ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f key; mv key.pub "$USER"
      changed() { grep -q "$1" conf || { echo "no $1" >&2; exit 1; }; sed -i "s|$1|$2|" conf; }
      cp "$ETC/sshd/kittycash.conf" conf
      changed '^Match Group kitty$' 'Match all'
      changed '/usr/local/bin/kittycash' "$CLIENT"
      changed 'http://127.0.0.1:8080' "$KITTY XDG_STATE_HOME=$DIR/ssh/state"
      changed '/etc/kittycash/keys' "$DIR/ssh"
      cat >sshd_config <<.
      ListenAddress 127.0.0.1:$SSH_PORT
      HostKey $DIR/ssh/host
      PidFile $DIR/ssh/pid
      StrictModes no
      Subsystem sftp internal-sftp
      AcceptEnv LC_*
      Include $DIR/ssh/conf
      .
      cat >"$DIR/ssh_config" <<.
      Host *
        Port $SSH_PORT
        IdentityFile $DIR/ssh/key
        IdentitiesOnly yes
        UserKnownHostsFile $DIR/ssh/known
        StrictHostKeyChecking accept-new
      .
      # As root, sshd wants this folder, which only its package's own start makes.
      [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
      sshd -t -f "$ETC/sshd/kittycash.conf" -h "$DIR/ssh/host"
      sshd -T -f sshd_config -C "user=$USER,host=x,addr=127.0.0.1" >settings
      for line in "disableforwarding yes" "permittunnel no" "permituserrc no" "permittty yes" "x11forwarding no" \
        "allowagentforwarding no" "passwordauthentication no" "permitopen none" "permitlisten none"; do
        grep -qx "$line" settings || { echo "not $line" >&2; exit 1; }
      done
      if grep '^acceptenv LC_' settings >&2; then exit 1; fi
      "$(command -v sshd)" -f sshd_config -E log
      """#)
    try #require(started.succeeded, "\(started.errors)")
    try await wait(for: "sshd") {
      try await door(#"ssh-keyscan -p "$SSH_PORT" 127.0.0.1 2>/dev/null | grep -q ed25519"#).succeeded
        ? () : nil
    }
  }

  /// How many clients run for this door.
  func clients() async throws -> Int {
    let found = try await door(
      #"for p in /proc/[0-9]*; do [ "$(readlink "$p/exe")" = "$CLIENT" ] && grep -qz "^XDG_STATE_HOME=$DIR/ssh/" "$p/environ" && echo "$p"; done; true"#
    )
    return found.output.split(separator: "\n").count
  }

  /// Runs a line as somebody who comes in.
  func ssh(_ line: String) async throws -> Outcome { try await door(#"cd "$DIR"; "# + line) }

  func close() async throws { _ = try await door(#"kill "$(cat "$DIR/ssh/pid")""#) }

  private func door(_ script: String) async throws -> Outcome {
    try await shell(
      "PATH=$PATH:/usr/sbin; USER=$(id -un); OPTIONS=\"-F $DIR/ssh_config -o BatchMode=yes\"\n" + script,
      [
        "DIR": stack.folder, "ETC": Deployment.root + "/etc", "CLIENT": Deployment.client, "KITTY": stack.url,
        "PORT": String(stack.port), "SSH_PORT": String(stack.spare),
      ])
  }
}
