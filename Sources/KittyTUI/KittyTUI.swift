import ArgumentParser
import FoundationEssentials
import Glibc
import KittyShared
import POSIX
import SystemPackage

/// The entry point: the full screen, or a command without one.
@main
struct KittyTUI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kittycash",
    abstract: "KittyCash in a terminal: who paid, who owes, what is in the kitty.",
    discussion: """
      Without a command the full screen opens, at a place if one is named: kittycash flat/318. Press ? on any \
      screen for its keys. A command prints its \
      result alone to standard output: tables for people, --plain or --json for scripts.

      The session is kept in ~/.local/state/kittycash (or $XDG_STATE_HOME/kittycash), readable by you alone; \
      the password is not kept. $KITTYCASH_TOKEN is used instead of the session if it is set. \
      kittycash --generate-completion-script bash (or zsh, fish) prints completions for a shell.

      Exit codes:
      \(CommandStatus.table)
      124: the full screen ended after the time of --idle-minutes
      129 and 143: the full screen ended because its terminal was closed (129), or by SIGTERM (143)
      """,
    version: KittyCash.version,
    subcommands: [
      LoginCommand.self, LogoutCommand.self, GroupsCommand.self, BalancesCommand.self, AddCommand.self,
      EntriesCommand.self, SearchCommand.self, CategoriesCommand.self, StatsCommand.self,
      SettleCommand.self, PhotoCommand.self, ReceiptCommand.self, ReceiptsCommand.self,
      ExportCommand.self,
      InfoCommand.self,
      RecurringCommand.self,
      ConfirmEmailCommand.self, KeysCommand.self, ImportCommand.self, ImportsCommand.self,
      WatchCommand.self, SettingsCommand.self,
      APICommand.self,
      SSHSessionCommand.self,
    ])

  @OptionGroup var serverOption: ServerOption
  @OptionGroup var settingsOptions: SettingsOptions

  @Option(
    name: .customLong("open"),
    help: ArgumentHelp(
      "Open the full screen at a place: flat, flat/318, flat/anna, flat/settle. The option itself may be left out.",
      valueName: "place"))
  var place: String?

  /// Runs the command of the arguments, or the full screen on the main thread.
  @MainActor static func main() async {
    let environment = ProcessInfo.processInfo.environment
    // libdispatch gives threads a priority that only root can set, and reports the failure to the system's log.
    if environment["LIBDISPATCH_LOG"] == nil { CurrentProcess.setEnvironment("LIBDISPATCH_LOG", to: "NO") }
    disableBacktracer(environment)
    forbidCoreFiles()
    do {
      var command = try parseAsRoot(Self.arguments(Array(CommandLine.arguments.dropFirst())))
      if let command = command as? SSHSessionCommand { Glibc.exit(await command.start(environment)) }
      if let command = command as? any ScriptCommand {
        Glibc.exit(await ScriptRun.run(command, .ofProcess).rawValue)
      }
      try command.run()
    } catch {
      guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
      printError(AddCommand.advice(for: CommandLine.arguments.dropFirst()) ?? fullMessage(for: error))
      Glibc.exit(CommandStatus.usage.rawValue)
    }
  }

  /// Returns the arguments with the option for a place that stands where a command would: first, or behind options.
  static func arguments(_ given: [String]) -> [String] {
    func isPlace(_ text: String) -> Bool {
      !text.hasPrefix("-") && text != "help"
        && !configuration.subcommands.contains { $0.configuration.commandName == text }
    }
    guard let first = given.first else { return given }
    if isPlace(first) { return ["--open"] + given }
    guard first.hasPrefix("-"), (try? parseAsRoot(given)) == nil else { return given }
    // The value of an option looks like a place, but an option without its value is refused.
    for index in given.indices where isPlace(given[index]) {
      let opened = given[..<index] + ["--open"] + given[index...]
      if (try? parseAsRoot(Array(opened))) is KittyTUI { return Array(opened) }
    }
    return given
  }

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let address: ServerAddress
    do {
      address = try ServerChoice(option: serverOption.server, environment: environment).address
    } catch {
      throw ValidationError("\(error)")
    }
    try FullScreen(server: address, settings: settings(environment), place: place, environment: environment)
      .run()
  }

  private func settings(_ environment: [String: String]) -> ClientSettings {
    ClientSettings(flags: settingsOptions.flags(ca: serverOption.ca), environment: environment)
  }

  /// Restarts the program with Swift's crash reporter switched off. On a terminal that reporter is a console
  /// with commands that show memory: in a shared session they would show secrets.
  private static func disableBacktracer(_ environment: [String: String]) {
    guard environment["SWIFT_BACKTRACE"] == nil else { return }
    CurrentProcess.setEnvironment("SWIFT_BACKTRACE", to: "enable=no")
    // If this fails, the program continues with the crash reporter.
    CurrentProcess.restart()
  }

  /// Forbids core files of this program: they would have what was typed in them, passwords too.
  private static func forbidCoreFiles() {
    do { try ResourceLimit.coreFileBytes.set(current: 0, highest: 0) } catch {
      printError("Core files cannot be forbidden: \(error).")
    }
  }

  /// Writes a line to standard error.
  static func printError(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll("\(text)\n".utf8)
  }
}
