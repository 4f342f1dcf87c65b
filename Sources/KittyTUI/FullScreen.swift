import ArgumentParser
import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// The full screen with its parts: terminal, queue of events, runner of effects, and the state.
struct FullScreen {
  let server: ServerAddress
  let settings: ClientSettings
  /// The place to open, as the user named it.
  var place: String?
  let environment: [String: String]
  /// The session of a client that sshd has started; `nil` for a client on the user's own machine.
  var kiosk: Kiosk?

  /// Runs until the user quits.
  /// - Throws: `ExitCode` unless it is 0.
  func run() throws {
    let keyMap = KeyMap.standard(settings, environment)
    var notices: [SafeText] = []
    let tokens = TokenFile(server: server, environment: environment)
    var stored: TokenFile.Content?
    if kiosk == nil {
      do { stored = try tokens.read() } catch { notices.append(SafeText(String(describing: error))) }
    }
    let log = log(&notices)
    log?.note("kittycash \(KittyCash.version) starts with \(server.url), TERM=\(environment["TERM"] ?? "")")
    let terminal: Terminal
    let queue: EventQueue
    do {
      queue = try EventQueue()
      terminal = try Terminal(environment: environment, settings: settings.screen)
    } catch {
      KittyTUI.printError("\(error)")
      throw ExitCode(CommandStatus.usage.rawValue)
    }
    defer { terminal.stop() }
    // As in the commands, this token replaces the stored session.
    let given = kiosk?.session.token ?? environment["KITTYCASH_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
    let runner = runner(tokens, given, stored, log, queue)
    kiosk?.watch { queue.post([.sessionEnded]) }
    var state = state(terminal, isSignedIn: stored != nil || given != nil)
    state.name = SafeText(kiosk?.session.user.name ?? (given == nil ? stored?.name ?? "" : ""))
    state.keyMap = keyMap
    state.destination = place
    if let cached = runner.files.withLock({ $0 })?.cache?.groups {
      // For the first frame: the answer of the server comes later.
      runner.begin(with: cached)
      state.receive(cached)
    }
    if server.isExposed, kiosk == nil {
      notices.append(
        "Warning: \(server.url) is not encrypted: others on the network can read what you send.")
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
    try end(code)
  }

  private func log(_ notices: inout [SafeText]) -> DebugLog? {
    guard settings.isDebugging, kiosk == nil else { return nil }
    do { return try DebugLog(path: DebugLog.path(environment)) } catch {
      notices.append(SafeText(error.description))
      return nil
    }
  }

  private var allowsFiles: Bool { environment["KITTYCASH_FILES"] != "off" }

  private func runner(
    _ tokens: TokenFile, _ given: String?, _ stored: TokenFile.Content?, _ log: DebugLog?,
    _ queue: EventQueue
  ) -> EffectRunner {
    let (server, environment) = (server, environment)
    return EffectRunner(
      server: server, authorities: settings.authorities, tokens: tokens, token: stored?.token,
      givenToken: given, home: environment["HOME"] ?? "/",
      hasFiles: kiosk == nil && allowsFiles,
      drafts: kiosk?.drafts, user: kiosk?.session.user.name ?? (given == nil ? stored?.name : nil),
      filesOf: { [kiosk] in
        kiosk?.files ?? UserFiles(server: server, user: $0, environment: environment).data
      }, log: log,
      post: { queue.post($0) })
  }

  private func state(_ terminal: Terminal, isSignedIn: Bool) -> AppState {
    var context = Context(newID: { ID(at: .now) })
    context.date = { Day.of(.now, in: $0) }
    context.local = { $0.local(in: $1) }
    context.clock = { .now }
    context.timeZones = { TimeZoneNames.known() }
    context.patience = { .random(in: 0.75...1) }
    context.home = environment["HOME"] ?? "/"
    context.settings = settings.screen
    context.settings.isASCII = terminal.isASCII
    context.palette = terminal.palette
    context.kiosk = kiosk?.address
    context.allowsFiles = allowsFiles
    let roots = RootScreens.standard
    return AppState(
      context: context, server: SafeText(kiosk?.address ?? server.url), roots: roots,
      first: isSignedIn ? roots.home() : roots.signIn(false, ""))
  }

  /// Ends the program with the exit code of the loop.
  private func end(_ code: Int32) throws {
    if code == EventLoop.idleCode, let minutes = settings.screen.idleMinutes {
      KittyTUI.printError(
        "KittyCash ended after \(minutes) min without a key. Unsaved text is kept as a draft.")
    }
    if code == EventLoop.endedCode {
      KittyTUI.printError(
        "The session was ended: its key was removed, it is too old, or the server stops. Connect again.")
    }
    if code != 0 { throw ExitCode(code) }
  }

  /// Returns the first problem of the settings, and the number of the others.
  private static func notice(of problems: [SafeText]) -> [SafeText] {
    guard let first = problems.first else { return [] }
    return problems.count == 1
      ? [first] : ["\(first) \"kittycash info\" lists \(problems.count - 1) more."]
  }
}
