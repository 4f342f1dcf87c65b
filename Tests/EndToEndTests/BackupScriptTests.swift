import Foundation
import Testing

/// scripts/backup with a program `docker` that prints an archive, or fails.
@Suite struct BackupScriptTests {
  /// Runs the script in a folder with three older archives.
  private func backup(_ variables: [String: String]) async throws -> (codes: [String], files: [String]) {
    let outcome = try await shell(
      #"""
      dir=$(mktemp -d); trap 'rm -r "$dir"' EXIT
      mkdir "$dir/bin" "$dir/kept"
      printf '#!/bin/sh\n[ "$2" = exec ] || exit 0\necho archive\nexit "$CODE"\n' >"$dir/bin/docker"
      chmod +x "$dir/bin/docker"
      for day in 01 02 03; do touch "$dir/kept/kittycash-2026-01-${day}T000000Z.tar"; done
      touch "$dir/kept/notes.txt"
      PATH="$dir/bin:$PATH" COPIES="$dir/copied" "$ROOT/scripts/backup" "$dir/kept"
      echo "code $?"
      ls "$dir/kept" | sed '/^kittycash-2026-01-0/!s/^kittycash-.*/new/'
      [ ! -e "$dir/copied" ] || echo "copied $(cat "$dir/copied")"
      find "$dir/kept" -name 'kittycash-*' -size +0 -printf 'mode %m\n'
      """#, variables.merging(["ROOT": Deployment.root]) { mine, _ in mine })
    let lines = outcome.output.split(separator: "\n").map(String.init)
    return (lines.filter { $0.hasPrefix("code") }, lines.filter { !$0.hasPrefix("code") })
  }

  @Test func newestArchivesStay() async throws {
    let kept = try await backup(["CODE": "0", "KEEP": "2", "COPY": #"cp "$1" "$COPIES""#])
    #expect(kept.codes == ["code 0"])
    #expect(
      kept.files == ["kittycash-2026-01-03T000000Z.tar", "new", "notes.txt", "copied archive", "mode 600"],
      "\(kept)")
    // Lost photos are no reason to keep everything.
    let incomplete = try await backup(["CODE": "2", "KEEP": "1"])
    #expect(
      incomplete.codes == ["code 2"] && incomplete.files == ["new", "notes.txt", "mode 600"], "\(incomplete)")
  }

  @Test func failedBackupRemovesNothing() async throws {
    let old = (1...3).map { "kittycash-2026-01-0\($0)T000000Z.tar" } + ["notes.txt"]
    let failed = try await backup(["CODE": "1", "KEEP": "1"])
    #expect(failed.codes == ["code 1"] && failed.files == old, "\(failed)")
    let unsent = try await backup(["CODE": "0", "KEEP": "1", "COPY": "false"])
    #expect(unsent.codes == ["code 1"] && unsent.files.count == 6, "\(unsent)")
    let wrong = try await backup(["CODE": "0", "KEEP": "0"])
    #expect(wrong.codes == ["code 64"] && wrong.files == old, "\(wrong)")
  }
}
