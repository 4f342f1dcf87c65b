import Foundation
import Testing

/// The files of etc/: units of systemd and the configuration of sshd.
@Suite struct InstallationTests {
  private static let etc = Deployment.root + "/etc"

  @Test(.enabled(if: DeploymentTools.has("systemd-analyze"), "SKIPPED: systemd-analyze is not installed"))
  func systemdAcceptsTheUnits() async throws {
    // It checks that the programs exist, so the paths are changed to the built ones.
    let outcome = try await shell(
      #"""
      set -e
      dir=$(mktemp -d); trap 'rm -r "$dir"' EXIT
      cp "$ETC/systemd/kittycash-backup.timer" "$dir"
      for unit in server worker backup ssh; do
        grep -q '^ExecStart=.*/usr/local/bin/kittycash-server ' "$ETC/systemd/kittycash-$unit.service"
        sed "s|/usr/local/bin|$PROGRAMS|" "$ETC/systemd/kittycash-$unit.service" >"$dir/kittycash-$unit.service"
      done
      systemd-analyze verify "$dir"/*.service "$dir"/*.timer
      """#, ["ETC": Self.etc, "PROGRAMS": Deployment.programs])
    // An unknown option is only a warning.
    #expect(
      outcome.succeeded && outcome.output.isEmpty && outcome.errors.isEmpty,
      "\(outcome.output)\(outcome.errors)")
    // The exposure level is between 0 (closed) and 10. Older versions cannot check a file.
    let judged = try await shell(
      #"systemd-analyze security --offline=yes --threshold=25 "$ETC/systemd/kittycash-server.service""#,
      ["ETC": Self.etc])
    if !judged.errors.contains("unrecognized option") {
      #expect(judged.succeeded, "\(judged.output.suffix(300))\(judged.errors)")
    }
  }

  /// A command with `--config` and the environment file finds the data of the units.
  @Test func environmentFileNamesTheDataFolderOfTheUnits() throws {
    let settings = try String(contentsOfFile: Self.etc + "/systemd/kittycash.env", encoding: .utf8)
    for unit in ["server", "worker", "backup"] {
      let text = try String(contentsOfFile: Self.etc + "/systemd/kittycash-\(unit).service", encoding: .utf8)
      let folder = try #require(text.firstMatch(of: #/(?m)^Environment=(DATA_DIR=.*)$/#)).1
      #expect(settings.contains("\n\(folder)\n"), "\(unit)")
    }
  }

  /// The commands of the unit for backups, in another folder: an archive is added, and only an old one is removed.
  @Test func unitForBackupsKeepsTwoWeeks() async throws {
    let outcome = try await shell(
      #"""
      set -e
      dir=$(mktemp -d); trap 'rm -r "$dir"' EXIT
      unit="$ETC/systemd/kittycash-backup.service"
      mkdir "$dir/kept"; DATA_DIR="$dir/data"; export DATA_DIR
      "$PROGRAMS/kittycash-server" migrate >&2
      touch -d '20 days ago' "$dir/kept/kittycash-old.tar"
      touch -d '10 days ago' "$dir/kept/kittycash-young.tar"
      for name in ExecStart ExecStartPost; do
        # Two percent signs of a unit are one.
        line=$(sed -n "s/^$name=//p" "$unit" | sed "s|%%|%|g; s|/var/lib/kittycash-backup|$dir/kept|g; s|/usr/local/bin|$PROGRAMS|g")
        /bin/sh -c "$line" >&2
      done
      ls "$dir/kept" | sed 's/[0-9]/0/g'
      stat -c %a "$dir"/kept/kittycash-2*.tar
      tar -tf "$dir"/kept/kittycash-2*.tar | grep -c SHA256SUMS
      """#, ["ETC": Self.etc, "PROGRAMS": Deployment.programs])
    #expect(
      outcome.output == "kittycash-0000-00-00T000000Z.tar\nkittycash-young.tar\n600\n1\n", "\(outcome)")
  }

  /// The environment file of the units names only existing settings.
  @Test func unitSettingsAreKnownToTheServer() async throws {
    let outcome = try await shell(
      #"""
      sed 's/^#\([A-Z_]*=\)/\1/' "$ETC/systemd/kittycash.env" | sed -n 's/^\([A-Z_]*\)=.*/\1/p' | while read -r name; do
        "$PROGRAMS/kittycash-server" serve --help | tr -d '\n ' | grep -q "\[$name\]" || echo "$name"
      done
      """#, ["ETC": Self.etc, "PROGRAMS": Deployment.programs])
    #expect(
      outcome.succeeded && outcome.output.isEmpty, "no such settings: \(outcome.output)\(outcome.errors)")
  }

  @Test(
    .enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment),
    .enabled(
      if: DeploymentTools.has("sshd") && DeploymentTools.has("ssh"), "SKIPPED: sshd and ssh are not installed"
    ))
  func sshRunsOnlyTheClient() async throws {
    try await Deployment.run { deployment in
      let sshd = try await SSHServer(deployment)
      do {
        try await check(sshd, deployment)
      } catch {
        try await sshd.close()
        throw error
      }
      try await sshd.close()
    }
  }

  private func check(_ sshd: SSHServer, _ deployment: Deployment) async throws {
    try await TerminalSession.run(80, 24, on: deployment, program: SSHServer.command) { terminal in
      try await terminal.signUp("anna")
      // The client ends when the connection is cut.
      #expect(try await sshd.clients() == 1)
      try await terminal.signal("KILL")
      try await wait(for: "the client to end") { try await sshd.clients() == 0 ? () : nil }
    }
    // The session is stored for the account, as on any other machine.
    try await TerminalSession.run(80, 24, on: deployment, program: SSHServer.command) { terminal in
      try await terminal.see("Groups", "anna @")
      try await terminal.press("q")
      try await terminal.see("ended 0")
    }
    // No other command, no files, no forwarding.
    let command = try await sshd.ssh(#"ssh $OPTIONS "$USER@127.0.0.1" cat /etc/passwd"#)
    #expect(!command.succeeded && !command.output.contains("root:"), "\(command)")
    #expect(command.errors.contains("terminal"), "\(command)")
    let files = try await sshd.ssh(#"echo 'get /etc/passwd' | sftp -b - $OPTIONS "$USER@127.0.0.1""#)
    #expect(
      !files.succeeded && !FileManager.default.fileExists(atPath: deployment.folder + "/passwd"), "\(files)")
    let forward = try await sshd.ssh(#"ssh $OPTIONS -W "127.0.0.1:$PORT" "$USER@127.0.0.1" </dev/null"#)
    #expect(forward.errors.contains("prohibited"), "\(forward)")
    let back = try await sshd.ssh(
      #"ssh $OPTIONS -o ExitOnForwardFailure=yes -N -R "0:127.0.0.1:$PORT" "$USER@127.0.0.1""#)
    #expect(back.errors.contains("remote port forwarding failed"), "\(back)")
  }
}

/// An sshd with the configuration of etc/sshd, for the user who runs the tests.
private struct SSHServer {
  let deployment: Deployment
  /// Opens a session with a terminal.
  static let command = #"ssh -tt -F "$DIR/ssh_config" "$(id -un)@127.0.0.1""#

  init(_ deployment: Deployment) async throws {
    self.deployment = deployment
    // Adapts paths, URL and group of the configuration to this machine.
    let started = try await sshd(
      #"""
      set -e
      mkdir "$DIR/ssh"; cd "$DIR/ssh"
      ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f key; mv key.pub "$USER"
      changed() { grep -q "$1" conf || { echo "no $1" >&2; exit 1; }; sed -i "s|$1|$2|" conf; }
      cp "$ETC/sshd/kittycash.conf" conf
      changed '^Match Group kitty$' 'Match all'
      changed '/usr/local/bin/kittycash' "$CLIENT"
      changed 'http://127.0.0.1:8080' "$KITTY XDG_STATE_HOME=$DIR/ssh/state XDG_CACHE_HOME=$DIR/ssh/cache XDG_CONFIG_HOME=$DIR/ssh/config"
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
      try await sshd(#"ssh-keyscan -p "$SSH_PORT" 127.0.0.1 2>/dev/null | grep -q ed25519"#).succeeded
        ? () : nil
    }
  }

  /// The number of clients that this sshd runs.
  func clients() async throws -> Int {
    let found = try await sshd(
      #"for p in /proc/[0-9]*; do [ "$(readlink "$p/exe")" = "$CLIENT" ] && grep -qz "^XDG_STATE_HOME=$DIR/ssh/" "$p/environ" && echo "$p"; done; true"#
    )
    return found.output.split(separator: "\n").count
  }

  /// Runs a command line as a user of ssh.
  func ssh(_ line: String) async throws -> Outcome { try await sshd(#"cd "$DIR"; "# + line) }

  func close() async throws { _ = try await sshd(#"kill "$(cat "$DIR/ssh/pid")""#) }

  private func sshd(_ script: String) async throws -> Outcome {
    try await shell(
      "PATH=$PATH:/usr/sbin; USER=$(id -un); OPTIONS=\"-F $DIR/ssh_config -o BatchMode=yes\"\n" + script,
      [
        "DIR": deployment.folder, "ETC": Deployment.root + "/etc", "CLIENT": Deployment.client,
        "KITTY": deployment.url,
        "PORT": String(deployment.port), "SSH_PORT": String(deployment.spare),
      ])
  }
}
