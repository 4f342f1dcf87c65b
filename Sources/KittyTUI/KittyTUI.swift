import ArgumentParser
import FoundationEssentials
import Glibc
import KittyShared

/// The entry point.
@main
struct KittyTUI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kittycash",
    abstract: "KittyCash in a terminal: who paid, who owes, what is in the kitty.",
    discussion: """
      Press ? on any screen for its keys. The session is kept in ~/.local/state/kittycash (or \
      $XDG_STATE_HOME/kittycash), readable by you alone; the password is not kept.

      Exit codes: 0 ended by you; 2 not a terminal, or one that is not known; 64 a bad argument; \
      129 the terminal went away; 143 terminated.
      """,
    version: clientVersion)

  @Option(
    help: ArgumentHelp(
      "The server. Default: $KITTYCASH_SERVER, else \(ServerAddress.standard.url).", valueName: "url"))
  var server: String?

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let address: ServerAddress
    do {
      address = try (server ?? environment["KITTYCASH_SERVER"]).map { try ServerAddress($0) } ?? .standard
    } catch {
      throw ValidationError("\(error)")
    }
    Self.disableBacktracer(environment)

    let tokens = TokenFile(server: address, environment: environment)
    var stored: TokenFile.Content?
    var notice: SafeText?
    do { stored = try tokens.read() } catch { notice = SafeText(String(describing: error)) }
    let terminal: Terminal
    do {
      terminal = try Terminal(environment: environment)
    } catch {
      let line = Array("\(error)\n".utf8)
      _ = unsafe line.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
      throw ExitCode(2)
    }
    defer { terminal.stop() }

    let queue = EventQueue()
    let runner = EffectRunner(
      server: address, tokens: tokens, token: stored?.token, home: environment["HOME"] ?? "/",
      post: { queue.post($0) })
    var context = Context(newID: { ID(at: .now) })
    context.today = Self.today
    context.home = environment["HOME"] ?? "/"
    context.palette = terminal.palette
    context.decimalMark = terminal.decimalMark
    let first: any Screen = stored == nil ? SignInScreen() : GroupsScreen()
    var state = AppState(
      context: context, server: SafeText(address.url), first: first, name: SafeText(stored?.name ?? ""))
    if address.isExposed {
      notice = "Careful: \(address.url) is not encrypted, and others on the way can read what you send."
    }
    if let notice { state.toast = .init(text: notice, until: .now + .seconds(10)) }
    let code = EventLoop(terminal: terminal, queue: queue, runner: runner).run(state)
    runner.cancelAll()
    terminal.stop()
    if code != 0 { throw ExitCode(code) }
  }

  /// Starts the program anew with Swift's crash reporter switched off. On a terminal that reporter is a
  /// console with commands that show memory, which is nobody's business in a shared session.
  private static func disableBacktracer(_ environment: [String: String]) {
    guard environment["SWIFT_BACKTRACE"] == nil else { return }
    unsafe setenv("SWIFT_BACKTRACE", "enable=no", 1)
    // Where this fails the program goes on as it is.
    unsafe execv("/proc/self/exe", CommandLine.unsafeArgv)
  }

  /// The day where the person is.
  private static var today: Day {
    var now = time(nil)
    var parts = unsafe tm()
    unsafe localtime_r(&now, &parts)
    func pad(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let (year, month, day) = unsafe (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday)
    return Day("\(year)-\(pad(month))-\(pad(day))") ?? Instant.now.day
  }
}

extension Instant {
  /// The present moment.
  static var now: Instant { Instant(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000)) }
}
