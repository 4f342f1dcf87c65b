import Testing

@testable import KittyTUI

/// Commands that come with ssh are read without a shell.
@Suite struct SSHCommandLineTests {
  @Test(arguments: [
    ("groups", ["groups"]),
    ("  balances   flat ", ["balances", "flat"]),
    ("add flat '42.50 dinner @bob'", ["add", "flat", "42.50 dinner @bob"]),
    (#"add flat "7 it's \"x\"""#, ["add", "flat", #"7 it's "x""#]),
    (#"add flat 7\ tea"#, ["add", "flat", "7 tea"]),
    ("add flat ''", ["add", "flat", ""]),
    ("add flat a'b c'd", ["add", "flat", "ab cd"]),
    // Nothing else has a meaning.
    (
      "add flat '7 $(id) `id` ; sh | cat > x && y * ~'",
      ["add", "flat", "7 $(id) `id` ; sh | cat > x && y * ~"]
    ),
    ("balances flat; sh", ["balances", "flat;", "sh"]),
    ("import flat", ["import", "-", "--group", "flat"]),
    ("import", ["import", "-"]),
    ("receipt flat '#12'", ["receipt", "flat", "#12"]), ("receipt flat #12", ["receipt", "flat", "#12"]),
    ("import --json flat", ["import", "-", "--json", "--group", "flat"]),
    (
      "import --map 'A=b' --dry-run flat --column=date=Datum",
      ["import", "-", "--map", "A=b", "--dry-run", "--group", "flat", "--column=date=Datum"]
    ),
    ("import --new 'My trip'", ["import", "-", "--new", "My trip"]),
    ("import --currency EUR", ["import", "-", "--currency", "EUR"]),
    ("add -- flat --server", ["add", "--", "flat", "--server"]),
    // A mark after a quotation mark belongs to the text.
    ("add flat '7 caf'\u{301}e", ["add", "flat", "7 caf\u{301}e"]),
  ])
  func wordsAreSeparated(command: String, words: [String]) throws {
    #expect(try SSHCommandLine.arguments(of: command) == words)
  }

  @Test(arguments: [
    "sh", "; sh", "$(id)", "kittycash api me", "api me", "login", "--open flat", "ssh-session x",
    "add flat 'open",
    #"add flat \"#, "groups --server http://x", "groups --server=http://x", "entries flat --ca /etc/passwd",
    "add \0",
    String(repeating: "x", count: 8193),
  ])
  func otherCommandsAreRefused(command: String) {
    #expect(throws: SSHCommandLine.Refusal.self) { try SSHCommandLine.arguments(of: command) }
  }

  @Test func flagsOfImportAreThoseOfTheProgram() {
    // "  -h, --help              Show help information."
    let lines = ImportCommand.helpMessage(columns: 300).split(separator: "\n").filter { $0.hasPrefix("  -") }
    let options = lines.compactMap { $0.dropFirst(2).split(separator: "  ").first }.filter {
      !$0.contains("<")
    }
    let names = options.flatMap { $0.split(separator: ", ") }.map(String.init).filter { $0 != "--version" }
    #expect(!names.isEmpty && Set(names).isSubset(of: SSHCommandLine.flagsOfImport), "\(names)")
  }

  @Test func everyCommandIsInTheListAndInTheProgram() {
    let known = KittyTUI.configuration.subcommands.map { $0.configuration.commandName }
    for command in SSHCommandLine.commands {
      #expect(known.contains(command.name) && SSHCommandLine.list.contains(command.usage), "\(command.name)")
    }
  }
}
