import Foundation
import Testing

/// `kittycash` as a command, through nginx on PostgreSQL and Redis.
@Suite(.enabled(if: DeploymentTools.missing == nil, DeploymentTools.comment), .serialized)
struct CommandLineTests {
  /// Signs Anna up and creates a group with Bob and Carl.
  private static let setUp = #"""
    set -e
    curl -sSf -o /dev/null "$KITTY/v1/users" --json '{"name": "anna", "password": "a long password"}'
    token=$(curl -sSf "$KITTY/v1/sessions" --json '{"name": "anna", "password": "a long password"}' | jq -r .token)
    auth="Authorization: Bearer $token"
    group=$(curl -sSf -H "$auth" "$KITTY/v1/groups" --json '{"name": "Flat 12", "currency": "EUR"}' | jq -r .id)
    for name in Bob Carl; do
      curl -sSf -o /dev/null -H "$auth" "$KITTY/v1/groups/$group/members" --json "{\"name\": \"$name\"}"
    done

    """#
  /// Defines `ends`: checks the exit code of a command, and stores its output and errors.
  private static let words = #"""
    cd "$DIR"
    ends() { want=$1; shift; code=0; "$@" >out 2>err </dev/null || code=$?
      [ "$code" = "$want" ] || { echo "$* ended with $code, not $want: $(cat out err)"; exit 1; }; }

    """#

  private func run(_ script: String, on deployment: Deployment) async throws -> String {
    try await deployment.curl(
      script,
      [
        "DIR": deployment.folder, "XDG_STATE_HOME": deployment.folder + "/state",
        "XDG_CACHE_HOME": deployment.folder + "/cache", "XDG_CONFIG_HOME": deployment.folder + "/config",
        "KITTYCASH_SERVER": deployment.url,
        "PATH": Deployment.programs + ":/usr/local/bin:/usr/bin:/bin",
      ])
  }

  @Test func commandsEnterListAndSettle() async throws {
    try await Deployment.run { deployment in
      let output = try await run(
        Self.setUp + Self.words + #"""
          ends 3 kittycash groups
          grep -q 'kittycash login' err && [ ! -s out ]
          echo 'a long password' | kittycash login --name anna 2>err
          [ "$(stat -c %a "$XDG_STATE_HOME"/kittycash/*.session)" = 600 ]
          ends 0 kittycash groups --json; [ "$(jq -r '.items[].name' out)" = 'Flat 12' ]

          # A dry run saves nothing; the saved entry equals the preview, and is saved once per key.
          ends 0 kittycash add flat '100 dinner @anna' --dry-run --json; cp out preview
          ends 0 kittycash entries flat --plain; [ ! -s out ]
          key=$(jq -r .id preview)
          ends 0 kittycash add flat '100 dinner @anna' --key "$key" --json; cp out saved
          ends 0 kittycash add flat '100 dinner @anna' --key "$key" --json; cmp out saved
          [ "$(jq -c .entry.shares preview)" = "$(jq -c .shares saved)" ]
          ends 0 kittycash entries flat --plain; [ "$(wc -l <out)" = 1 ]

          ends 0 kittycash add flat '42.50 taxi @bob:30 @carl yesterday -anna' --plain
          awk -F'\t' '$1 == "paid" || $1 == "share" {print $2, $3, $4}' out
          ends 0 kittycash add -- flat '-5 deposit back'

          # Commands, curl and JSON show the same.
          ends 0 kittycash balances "$group" --json
          curl -sSf -H "$auth" "$KITTY/v1/groups/$group/balances" | jq -S . >wanted; jq -S . out | cmp - wanted
          ends 0 kittycash balances flat --plain
          [ "$(awk -F'\t' '{sum += int($3 * 100 + ($3 < 0 ? -0.5 : 0.5))} END {print sum + 0}' out)" = 0 ]
          ends 0 kittycash settle flat --plain; cut -f1,2 out | sort
          ends 0 kittycash settle flat --pay bob me 20 --dry-run
          ends 0 kittycash settle flat --pay bob me 20
          ends 0 kittycash entries flat --limit 1; grep -q 'Bob to anna  *20.00 EUR' out
          ends 0 kittycash photo flat "$CAT" --json; jq -c '[.width, .height]' out
          kittycash photo flat - <"$CAT" --plain 2>/dev/null | cut -f2,3
          ends 0 kittycash export flat --format hledger; grep -c '^[0-9]\{4\}-' out
          ends 0 kittycash export flat; jq -r .name out

          # A folder of all groups comes back with its receipts, and an export of the same group has nothing new.
          cp out flat.json
          ends 0 kittycash receipt flat '#1' "$CAT"
          ends 0 kittycash export --all "$DIR/all"
          ends 0 kittycash import "$DIR/all" --plain; copy=$(cut -f1 out); [ "$(cut -f3 out)" = 1 ]
          ends 0 kittycash receipt "$copy" '#1' --read 1; cmp out "$CAT"
          ends 0 kittycash import flat.json --group "$copy" --plain; [ "$(cut -f1,3,4 out | tr '\t' ' ')" = '- 0 0' ]
          ends 0 kittycash import "$DIR/all/Flat 12/books.journal" --group "$group" --plain
          [ "$(cut -f1,3,4 out | tr '\t' ' ')" = '- 0 0' ]
          ends 0 kittycash api "groups/$copy?force=true" -X DELETE

          # No escape sequences without a terminal.
          for command in groups 'balances flat' 'entries flat' 'settle flat' info --help; do
            ends 0 kittycash $command; ! grep -q "$(printf '\033')" out err
          done

          ends 2 kittycash add flat 'dinner @anna'; grep -q 'Nothing was saved' err && [ ! -s out ]
          ends 2 kittycash nonsense
          ends 2 kittycash
          ends 4 kittycash balances boat
          ends 4 kittycash balances 01932c07-a0b1-7cc2-b7a5-6fd0a2f6a6cf
          grep -q '(request [0-9a-f-]*)$' err; id=$(sed 's/.*(request \(.*\))$/\1/' err)
          grep -q "$id" server.log
          ends 5 kittycash settle flat --pay kitty me 20
          KITTYCASH_TOKEN=x ends 6 kittycash groups --server http://127.0.0.1:1

          ends 0 kittycash logout
          ends 3 kittycash groups
          # A session that was ended elsewhere ends here too.
          KITTYCASH_TOKEN=$token kittycash groups --plain | cut -f2
          curl -sSf -X DELETE -H "$auth" "$KITTY/v1/sessions/current"
          export KITTYCASH_TOKEN=$token; ends 3 kittycash groups
          """#, on: deployment)
      #expect(
        output.split(separator: "\n").map(String.init) == [
          "Bob 30.00 EUR", "Carl 12.50 EUR", "Bob 21.25 EUR", "Carl 21.25 EUR", "Bob\tanna", "Carl\tanna",
          "[480,360]", "480\t360", "4", "Flat 12", "Flat 12",
        ])
    }
  }

  @Test func stoppedServerIsReportedByCommands() async throws {
    try await Deployment.run { deployment in
      _ = try await run(
        Self.setUp + #"echo 'a long password' | kittycash login --name anna 2>"$DIR/err""#, on: deployment)
      try await deployment.stopServer()
      // nginx runs without the server.
      _ = try await run(Self.words + "ends 6 kittycash groups; [ ! -s out ]", on: deployment)
      try await deployment.startServer()
      _ = try await run(Self.words + "ends 0 kittycash groups", on: deployment)
    }
  }

  @Test func passwordIsNotShownOnTheTerminal() async throws {
    try await Deployment.run { deployment in
      _ = try await run(Self.setUp, on: deployment)
      try await TerminalSession.run(80, 24, on: deployment) { terminal in
        try await terminal.see("Sign in", "Password")
        try await terminal.signal("TERM")
        try await terminal.see("ended 143")
        try await terminal.type(
          "stty -a >\"$DIR/stty.before\"; \"$CLIENT\" --server \"$KITTY\" login; echo left $?")
        try await terminal.press("Enter")
        try await terminal.see("Name:")
        try await terminal.type("anna")
        try await terminal.press("Enter")
        try await terminal.see("Password for anna")
        // Ctrl-C restores the terminal.
        try await terminal.type("a long")
        try await terminal.press("C-c")
        try await terminal.see("left 1", "Stopped.")
        try await terminal.type(
          "stty -a >\"$DIR/stty.after\"; clear; echo again$((40+2)); \"$CLIENT\" --server \"$KITTY\" login --name anna"
        )
        try await terminal.press("Enter")
        try await terminal.see("again42", "Password for anna")
        let after = try String(contentsOfFile: deployment.folder + "/stty.after", encoding: .utf8)
        #expect(try String(contentsOfFile: deployment.folder + "/stty.before", encoding: .utf8) == after)
        try await terminal.type("a long password")
        try await terminal.press("Enter")
        let screen = try await terminal.see("Signed in to \(deployment.url) as anna.")
        #expect(!screen.contains("a long"))
        // The full-screen client is signed in too.
        try await terminal.type("\"$CLIENT\" --server \"$KITTY\"")
        try await terminal.press("Enter")
        try await terminal.see("Groups", "Flat 12")
      }
    }
  }

  @Test func documentedCommandsWork() async throws {
    let text = try String(contentsOfFile: Deployment.root + "/docs/cli.md", encoding: .utf8)
    let blocks = text.components(separatedBy: "```sh\n").dropFirst().map {
      $0.components(separatedBy: "\n```")[0]
    }
    try #require(blocks.count == 2)
    let lines = blocks.joined(separator: "\n").split(separator: "\n").filter { $0 != "kittycash logout" }
    try #require(lines.count > 12)
    try await Deployment.run { deployment in
      let script = lines.joined(separator: "\n")
        .replacingOccurrences(of: "https://kitty.example.org", with: deployment.url)
        .replacingOccurrences(of: "cat.jpg", with: "\"$CAT\"")
        .replacingOccurrences(of: "~/books-2026", with: "\"$DIR/books-2026\"")
        .replacingOccurrences(of: "kittycash login", with: "echo 'a long password' | kittycash login")
      let printed = try await run(
        Self.setUp + "cd \"$DIR\"\nset -e\n" + script + "\nkittycash logout", on: deployment)
      #expect(printed.contains("Flat 12") && printed.contains("42.50 EUR"), "\(printed)")
    }
  }
}
