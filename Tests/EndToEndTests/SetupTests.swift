import Foundation
import Testing

/// scripts/setup with a program in place of Docker: the settings and passwords that it writes, and its refusals. The test of
/// the stack runs it with Docker.
@Suite struct SetupTests {
  /// A folder with a program `docker` that answers as an engine would. The files `up`, `data`, `user` and `noImages` are its
  /// state; with `broken` it does not answer. `noted` has the arguments of each call.
  private static let engine = #"""
    set -eu
    dir=$(mktemp -d); trap 'rm -r "$dir"' EXIT
    cat >"$dir/docker" <<'END'
    #!/bin/sh
    echo "$@" >>"$FAKE/noted"
    case "$*" in
      info) [ ! -e "$FAKE/broken" ] ;;
      "image inspect "*) [ ! -e "$FAKE/noImages" ] ;;
      "volume ls "*) [ ! -e "$FAKE/data" ] || echo kittycash_postgres_data_new ;;
      "inspect "*) echo kittycash healthy ;;
      "ps "*) [ ! -e "$FAKE/up" ] || echo container ;;
      *" up -d "*) touch "$FAKE/up" "$FAKE/data" ;;
      *" user list "*) if [ -e "$FAKE/user" ]; then echo '[{"name":"anna"}]'; else echo '[]'; fi ;;
      *" user add "*) touch "$FAKE/user"; echo 'Added anna, with the password hidden' ;;
      *" user invite") echo 'the-code' ;;
    esac
    END
    chmod +x "$dir/docker"; export FAKE="$dir" PATH="$dir:$PATH"
    setup() { "$ROOT/scripts/setup" --settings "$dir/env" --set "SECRETS_FOLDER=$dir/secrets" "$@" 2>&1; }
    refused() { if setup "$@" >"$dir/words"; then echo "accepted: $*"; else tail -1 "$dir/words"; fi; }
    value() { sed -n "s/^$1=//p" "$dir/env"; }

    """#

  private func run(_ script: String) async throws -> [String] {
    let outcome = try await shell(Self.engine + script, ["ROOT": Deployment.root])
    try #require(outcome.succeeded, "\(outcome.output)\(outcome.errors)")
    return outcome.output.split(separator: "\n").map(String.init)
  }

  @Test func secondRunChangesNothing() async throws {
    let lines = try await run(
      #"""
      setup --name anna --set HTTP_PUBLISH=127.0.0.1:8080
      stat -c 'MODE=%a' "$dir/env"
      for name in POSTGRES_PASSWORD REDIS_PASSWORD SECRETS_KEY; do value $name | grep -xE '[0-9a-f]{64}'; done | sort -u | wc -l
      echo "SIGN_UP=$(value SIGN_UP)"
      # No password is an argument of a program.
      if grep -F "$(value POSTGRES_PASSWORD)" "$dir/noted"; then exit 1; fi
      cp "$dir/env" "$dir/before"
      setup
      cmp "$dir/before" "$dir/env" && grep -c ' user add \| user invite' "$dir/noted"
      """#)
    let words = lines.joined(separator: "\n")
    for line in [
      "Added anna, with the password hidden", "The first invite, for one sign-up: the-code", "MODE=600",
      "3", "SIGN_UP=invite", "  kittycash --server http://127.0.0.1:8080", "setup: nothing was changed", "2",
    ] {
      #expect(lines.contains(line), "\(line) in\n\(words)")
    }
    #expect(lines.count { $0.hasPrefix("Added ") } == 1, "\(words)")
  }

  @Test func settingsOfAPersonAreKept() async throws {
    let lines = try await run(
      #"""
      install -m 644 "$ROOT/.env.example" "$dir/env"
      sed -i "s/^POSTGRES_PASSWORD=.*/POSTGRES_PASSWORD='p@ss \$x'/" "$dir/env"
      touch "$dir/data" "$dir/user"
      setup
      stat -c 'MODE=%a' "$dir/env"
      diff "$ROOT/.env.example" "$dir/env" || true
      """#)
    let words = lines.joined(separator: "\n")
    #expect(lines.contains("MODE=600") && lines.contains("> POSTGRES_PASSWORD='p@ss $x'"), "\(words)")
    // Its data has no other passwords yet: they are the person's to change.
    #expect(lines.count { $0.hasPrefix("> ") } == 2 && words.contains("> SECRETS_FOLDER="), "\(words)")
  }

  @Test func passwordsAreMovedIntoFiles() async throws {
    let lines = try await run(
      #"""
      setup --name anna --set SMTP_URL=smtp://u:p@h:587 >"$dir/words"
      for name in POSTGRES_PASSWORD REDIS_PASSWORD SECRETS_KEY SMTP_URL; do value $name; done >"$dir/old"
      setup --secrets
      (cd "$dir/secrets" && for file in postgres_password redis_password secrets_key smtp_url; do cat $file; echo; done) \
        | cmp "$dir/old" - && echo same
      stat -c 'MODE=%a' "$dir/secrets" "$dir/secrets/secrets_key"
      if grep -Ff "$dir/old" "$dir/env"; then exit 1; fi
      grep -E '^(POSTGRES_PASSWORD|SMTP_URL_FILE|COMPOSE_FILE)=' "$dir/env"
      cp "$dir/env" "$dir/before"
      setup --secrets | tail -3
      cmp "$dir/before" "$dir/env"
      """#)
    let words = lines.joined(separator: "\n")
    for line in [
      "same", "MODE=700", "MODE=644", "POSTGRES_PASSWORD=in-secrets", "SMTP_URL_FILE=/run/secrets/smtp_url",
      "COMPOSE_FILE=docker-compose.yml:docker-compose.secrets.yml", "setup: nothing was changed",
    ] {
      #expect(lines.contains(line), "\(line) in\n\(words)")
    }
  }

  @Test func optionForTLSNamesItsFile() async throws {
    let lines = try await run(
      #"""
      mkdir "$dir/tls"; touch "$dir/tls/fullchain.pem" "$dir/tls/privkey.pem"
      setup --name anna --tls "$dir/tls"
      echo "TLS_FOLDER=$(value TLS_FOLDER | sed "s|$dir/||") $(value COMPOSE_FILE)"
      setup --domain kitty.example.org
      echo "$(value DOMAIN) $(value PUBLIC_URL) $(value HTTP_PUBLISH) $(value COMPOSE_FILE)"
      """#)
    let words = lines.joined(separator: "\n")
    for line in [
      "TLS_FOLDER=tls docker-compose.yml:docker-compose.tls.yml",
      "  kittycash --server https://kitty.example.org",
      "kitty.example.org https://kitty.example.org 127.0.0.1:8080 docker-compose.yml:docker-compose.caddy.yml",
    ] {
      #expect(lines.contains(line), "\(line) in\n\(words)")
    }
    #expect(lines.count { $0.hasPrefix("  kittycash --server https://") } == 2, "\(words)")
  }

  @Test func refusalsSayWhatToDo() async throws {
    let lines = try await run(
      #"""
      refused
      [ ! -e "$dir/env" ] && echo 'nothing was written'
      touch "$dir/broken"; refused --name anna; rm "$dir/broken"
      refused --name anna --set port=1
      refused --name anna --set "X=it's"
      refused --name anna --tls "$dir"
      touch "$dir/noImages"; refused --name anna --no-build; rm "$dir/noImages" "$dir/env"
      touch "$dir/data"; refused --name anna
      """#)
    let expected = [
      "setup: Name the first account: scripts/setup --name NAME", "nothing was written",
      "setup: The Docker engine does not answer this user.", "setup: --set port=1: write NAME=VALUE",
      "setup: X cannot have a quotation mark", "has no fullchain.pem and privkey.pem.",
      "setup: These images are missing: kittycash db redis nginx.",
      "setup: The volume kittycash_postgres_data_new has the data of an earlier installation",
    ]
    try #require(lines.count == expected.count, "\(lines.joined(separator: "\n"))")
    for (line, words) in zip(lines, expected) { #expect(line.contains(words), "\(line)") }
  }
}
