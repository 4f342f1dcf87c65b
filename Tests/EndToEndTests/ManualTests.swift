import Foundation
import Testing

/// The man pages and the completions of shells, which `make install` makes from the programs.
@Suite struct ManualTests {
  private static let programs = [["kittycash", "1"], ["kittycash-server", "8"]]

  @Test(arguments: programs) func manualDescribesEveryCommandAndOption(program: [String]) async throws {
    let manual = try await Self.manual(program)
    let commands = try await check([], of: program[0], in: manual)
    #expect(commands > 8)
  }

  @Test(
    .enabled(if: DeploymentTools.has("mandoc"), "SKIPPED: mandoc is not installed"), arguments: programs)
  func manualHasNoErrors(program: [String]) async throws {
    let outcome = try await shell(
      #"printf '%s' "$PAGE" | mandoc -Tlint -W warning"#, ["PAGE": try await Self.manual(program)])
    #expect(outcome.succeeded && outcome.output.isEmpty, "\(outcome.output)\(outcome.errors)")
  }

  /// A real bash with the completions, in a terminal: what a tab completes is run.
  @Test(arguments: [
    ["kittycash", "kittycash bal\\t", "balances"],
    ["kittycash", "kittycash export --fo\\tcs\\t", "export --format csv"],
    ["kittycash-server", "kittycash-server user res\\t", "user reset-password"],
  ])
  func bashCompletesCommands(words: [String]) async throws {
    let outcome = try await shell(
      #"""
      set -e
      dir=$(mktemp -d); trap 'rm -r "$dir"' EXIT
      "$PROGRAMS/$NAME" --generate-completion-script bash >"$dir/completions"
      bash -n "$dir/completions"
      echo 'bind "set bell-style none"; shopt -u checkwinsize; '"$NAME"'() { echo "<$*>"; }' >>"$dir/completions"
      { printf "$TYPED"; sleep 1; printf '\nexit\n'; } \
        | INPUTRC=/dev/null timeout 20 script -qec "bash --noprofile --rcfile $dir/completions -i" /dev/null
      """#, ["PROGRAMS": Deployment.programs, "NAME": words[0], "TYPED": words[1]])
    #expect(
      outcome.output.replacing(#/ +>/#, with: ">").contains("<\(words[2])>"),
      "\(outcome.output)\(outcome.errors)")
  }

  private static func manual(_ program: [String]) async throws -> String {
    let outcome = try await shell(
      #""$ROOT/scripts/manual" "$PROGRAM" "$SECTION""#,
      ["ROOT": Deployment.root, "PROGRAM": "\(Deployment.programs)/\(program[0])", "SECTION": program[1]])
    try #require(outcome.succeeded, "\(outcome.errors)")
    return outcome.output
  }

  /// Compares a command, and the commands below it, with their help.
  /// - Returns: The number of commands that were compared.
  private func check(_ command: [String], of program: String, in manual: String) async throws -> Int {
    let outcome = try await shell(
      #"COLUMNS=200 "$PROGRAM" $COMMAND --help"#,
      ["PROGRAM": "\(Deployment.programs)/\(program)", "COMMAND": command.joined(separator: " ")])
    try #require(outcome.succeeded, "\(outcome.errors)")
    let help = outcome.output + "\n\n"

    let inner = help.firstMatch(of: #/SUBCOMMANDS:\n((?:.+\n)+)/#)?.1 ?? ""
    var count = 0
    for name in inner.matches(of: #/(?m)^  ([a-z][a-z-]*)/#) {
      count += try await check(command + [String(name.1)], of: program, in: manual)
    }
    // A command that only holds others has nothing of its own.
    guard command.isEmpty || inner.isEmpty else { return count }

    let own = Self.section(".Ss " + ([program] + command).joined(separator: " "), of: manual)
    #expect(command.isEmpty || !own.isEmpty, "the page has no \(command)")
    let common = Self.section(".Sh OPTIONS", of: manual)
    let options = help.matches(of: #/(?m)^  (?:-\w, )?(?:--([a-z][a-z-]*)|-(\w) )/#)
    for option in options {
      let flag = option.1.map { "Fl -\($0)" } ?? "Fl \(option.2 ?? "")"
      let isCommon =
        command.isEmpty || own.contains(".Sx OPTIONS") || flag == "Fl -help" || flag == "Fl -version"
      let text = isCommon ? own + common : own
      #expect(text.contains("\(flag) ") || text.contains("\(flag)\n"), "\(command): \(flag)")
    }
    for argument in help.matches(of: #/(?m)^  <([a-z -]+)>/#) {
      #expect(own.contains("Ar \(argument.1)"), "\(command): \(argument.1)")
    }
    return count + 1
  }

  /// Returns the text from a heading to the next one of its kind; empty without the heading.
  private static func section(_ heading: String, of manual: String) -> String {
    guard let start = manual.range(of: "\n\(heading)\n") else { return "" }
    let rest = manual[start.upperBound...]
    return String(rest[..<(rest.firstRange(of: #/\n\.S[hs] /#)?.lowerBound ?? rest.endIndex)]) + "\n"
  }
}
