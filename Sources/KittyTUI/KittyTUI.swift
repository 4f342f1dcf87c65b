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
      EntriesCommand.self, SettleCommand.self, PhotoCommand.self, ExportCommand.self, InfoCommand.self,
      ConfirmEmailCommand.self, KeysCommand.self, APICommand.self,
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

  /// Returns the arguments with the option for a place that stands where a command would.
  static func arguments(_ given: [String]) -> [String] {
    guard let first = given.first, !first.hasPrefix("-"), first != "help",
      !configuration.subcommands.contains(where: { $0.configuration.commandName == first })
    else { return given }
    return ["--open"] + given
  }

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let address: ServerAddress
    do {
      address = try ServerChoice(option: serverOption.server, environment: environment).address
    } catch {
      throw ValidationError("\(error)")
    }
    let settings = settings(environment)
    let keyMap = KeyMap.standard(settings, environment)
    let tokens = TokenFile(server: address, environment: environment)
    var stored: TokenFile.Content?
    var notices: [SafeText] = []
    do { stored = try tokens.read() } catch { notices.append(SafeText(String(describing: error))) }
    var log: DebugLog?
    if settings.isDebugging {
      do { log = try DebugLog(path: DebugLog.path(environment)) } catch {
        notices.append(SafeText(error.description))
      }
    }
    log?.note("kittycash \(KittyCash.version) starts with \(address.url), TERM=\(environment["TERM"] ?? "")")
    let terminal: Terminal
    let queue: EventQueue
    do {
      queue = try EventQueue()
      terminal = try Terminal(environment: environment, settings: settings.screen)
    } catch {
      Self.printError("\(error)")
      throw ExitCode(CommandStatus.usage.rawValue)
    }
    defer { terminal.stop() }
    // As in the commands, this token replaces the stored session.
    let given = environment["KITTYCASH_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
    let runner = EffectRunner(
      server: address, authorities: settings.authorities, tokens: tokens, token: stored?.token,
      givenToken: given,
      home: environment["HOME"] ?? "/", hasFiles: environment["KITTYCASH_FILES"] != "off",
      user: given == nil ? stored?.name : nil,
      filesOf: { UserFiles(server: address, user: $0, environment: environment) }, log: log,
      post: { queue.post($0) })
    var context = Self.context(environment, settings)
    context.palette = terminal.palette
    let roots = RootScreens.standard
    var state = AppState(
      context: context, server: SafeText(address.url), roots: roots,
      first: stored == nil && given == nil ? roots.signIn(false, "") : roots.home(),
      name: SafeText(given == nil ? stored?.name ?? "" : ""))
    state.keyMap = keyMap
    state.destination = place
    if let cached = runner.files.withLock({ $0 })?.cache.groups {
      // For the first frame: the answer of the server comes later.
      runner.begin(with: cached)
      state.receive(cached)
    }
    if address.isExposed {
      notices.append(
        "Warning: \(address.url) is not encrypted: others on the network can read what you send.")
    }
    notices += Self.notice(of: settings.problems + keyMap.problems)
    if !notices.isEmpty { state.toast = .init(text: notices.joined(" "), until: .now + .seconds(10)) }
    let code = KeyMap.$shown.withValue(keyMap) {
      Amount.$decimalMark.withValue(settings.screen.decimalMark) {
        EventLoop(terminal: terminal, queue: queue, runner: runner, environment: environment).run(state)
      }
    }
    runner.cancelAll()
    terminal.stop()
    log?.note("kittycash ends with \(code)")
    try end(code, settings)
  }

  /// Ends the program with the exit code of the loop.
  private func end(_ code: Int32, _ settings: ClientSettings) throws {
    if code == EventLoop.idleCode, let minutes = settings.screen.idleMinutes {
      Self.printError("KittyCash ended after \(minutes) min without a key. Unsaved text is kept as a draft.")
    }
    if code != 0 { throw ExitCode(code) }
  }

  private func settings(_ environment: [String: String]) -> ClientSettings {
    ClientSettings(flags: settingsOptions.flags(ca: serverOption.ca), environment: environment)
  }

  private static func context(_ environment: [String: String], _ settings: ClientSettings) -> Context {
    var context = Context(newID: { ID(at: .now) })
    context.date = { Day.of(.now, in: $0) }
    context.local = { $0.local(in: $1) }
    context.clock = { .now }
    context.timeZones = { TimeZoneNames.known() }
    context.patience = { .random(in: 0.75...1) }
    context.home = environment["HOME"] ?? "/"
    context.settings = settings.screen
    return context
  }

  /// Returns the first problem of the settings, and the number of the others.
  private static func notice(of problems: [SafeText]) -> [SafeText] {
    guard let first = problems.first else { return [] }
    return problems.count == 1
      ? [first] : ["\(first) \"kittycash info\" lists \(problems.count - 1) more."]
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
  private static func printError(_ text: String) {
    _ = try? FileDescriptor.standardError.writeAll("\(text)\n".utf8)
  }
}
