import ArgumentParser
import Dispatch
import FoundationEssentials
import Glibc
import KittyShared
import POSIX
import Synchronization
import SystemPackage

/// `kittycash ssh-session`: the program that sshd starts for a key, with the ticket of the ssh gateway.
struct SSHSessionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ssh-session", abstract: "For sshd: the session of a key.", shouldDisplay: false)

  @Argument(help: "The ticket of the ssh gateway.") var ticket: String

  /// The time in which a command must be done.
  private static let timeout: Duration = .seconds(900)
  /// The time to answer the questions before a session, as the gateway has it.
  private static let answering: Duration = .seconds(120)
  /// `true` once there is a session.
  private static let hasSession = Atomic(false)

  /// Runs the full screen, or the command that came with the connection.
  /// - Returns: The exit code.
  @MainActor func start(_ environment: [String: String]) async -> Int32 {
    let variables = Self.variables(environment)
    let sent = environment["SSH_ORIGINAL_COMMAND"].flatMap { $0.trimmed.isEmpty ? nil : $0 }
    let hasTerminal = FileDescriptor.standardInput.isTerminal && FileDescriptor.standardOutput.isTerminal
    do throws(CommandFailure) {
      if sent?.trimmed == "help" {
        _ = try? FileDescriptor.standardOutput.writeAll("\(SSHCommandLine.list)\n".utf8)
        return 0
      }
      var arguments: [String]?
      if let sent {
        do throws(SSHCommandLine.Refusal) { arguments = try SSHCommandLine.arguments(of: sent) } catch {
          throw CommandFailure(.usage, error.message)
        }
      } else if !hasTerminal {
        throw CommandFailure(.usage, "The full screen needs a terminal. \(SSHCommandLine.list)")
      }
      let gateway = try GatewayConnection(path: variables["KITTYCASH_SSH_GATEWAY"] ?? GatewaySocket.path)
      let welcome = SSHWelcome(
        send: { (message) throws(CommandFailure) in try gateway.ask(message) },
        write: { KittyTUI.printError($0.string) },
        ask: { (prompt, isSecret) throws(CommandFailure) in try Prompt.ask(prompt, isSecret: isSecret) },
        isInteractive: FileDescriptor.standardInput.isTerminal && FileDescriptor.standardError.isTerminal)
      Self.end(after: Self.answering) { Self.hasSession.load(ordering: .relaxed) }
      let address = environment["SSH_CONNECTION"]?.split(separator: " ").first.map(String.init)
      let session = try welcome.session(ticket: ticket, address: address)
      Self.hasSession.store(true, ordering: .relaxed)
      if let arguments { return await run(arguments, session, gateway, variables) }
      return try await fullScreen(session, gateway, variables)
    } catch {
      KittyTUI.printError("kittycash: \(error.message)")
      return error.status.rawValue
    }
  }

  /// Ends the program when the session is ended from elsewhere.
  /// - Parameter isRead: `true` for a command that can be repeated.
  private static func watch(_ gateway: GatewayConnection, isRead: Bool) {
    DispatchQueue(label: "ssh gateway").async {
      gateway.waitForEnd()
      KittyTUI.printError(
        isRead
          ? "kittycash: the session was ended."
          : "kittycash: the session was ended while the command ran. Check whether it was done before you repeat it."
      )
      Glibc.exit((isRead ? CommandStatus.notSignedIn : .uncertain).rawValue)
    }
  }

  /// Ends the program after a time, unless a condition holds then. On a thread of its own: the tasks may all wait for input.
  private static func end(after time: Duration, unless isDone: @escaping @Sendable () -> Bool) {
    let seconds = Int(time.components.seconds)
    DispatchQueue(label: "time limit").asyncAfter(deadline: .now() + .seconds(seconds)) {
      guard !isDone() else { return }
      KittyTUI.printError("kittycash: stopped after \(seconds / 60) minutes.")
      Glibc.exit(EventLoop.idleCode)
    }
  }

  /// The environment of the session: nothing in it leads to files of this machine.
  private static func variables(_ environment: [String: String]) -> [String: String] {
    let kept = [
      "KITTYCASH_SERVER", "KITTYCASH_CA", "KITTYCASH_IDLE_MINUTES", "KITTYCASH_PICTURES",
      "KITTYCASH_SSH_ADDRESS",
      "KITTYCASH_SSH_GATEWAY", "SSL_CERT_FILE", "SSL_CERT_DIR", "SSH_CONNECTION", "TERM", "COLORTERM",
      "NO_COLOR",
      "LANG", "LC_ALL", "LC_CTYPE", "PATH", "TZ",
    ]
    var variables = environment.filter { kept.contains($0.key) }
    variables["KITTYCASH_FILES"] = "off"
    variables["HOME"] = "/nonexistent"
    return variables
  }

  private func server(_ variables: [String: String]) throws(CommandFailure) -> ServerAddress {
    do throws(ServerAddress.Invalid) {
      return try ServerChoice(option: nil, environment: variables).address
    } catch {
      throw CommandFailure(.usage, error.description)
    }
  }

  @MainActor private func fullScreen(
    _ session: Session, _ gateway: GatewayConnection, _ variables: [String: String]
  ) async throws(CommandFailure) -> Int32 {
    let server = try server(variables)
    // Only the operator names authorities and files.
    let authorities = ClientSettings(flags: .init(), environment: variables, file: .empty, at: "").authorities
    var api = APIClient(server: server, authorities: authorities)
    api.token = session.token
    let kiosk = Kiosk(
      session: session, gateway: gateway,
      address: variables["KITTYCASH_SSH_ADDRESS"] ?? "ssh", api: api)
    var settings = await AccountSettings(api: api).settings(variables)
    settings.authorities = authorities
    do {
      try FullScreen(server: server, settings: settings, environment: variables, kiosk: kiosk).run()
      return 0
    } catch {
      return (error as? ExitCode)?.rawValue ?? CommandStatus.failed.rawValue
    }
  }

  private func run(
    _ arguments: [String], _ session: Session, _ gateway: GatewayConnection, _ variables: [String: String]
  ) async -> Int32 {
    var environment = CommandEnvironment.ofProcess
    let (read, isClosed) = (environment.readAll, environment.isClosed)
    environment.readAll = { (limit) throws(CommandFailure) in
      let bytes = try read(limit)
      // A connection that breaks ends the input too.
      guard !isClosed() else {
        throw CommandFailure(.failed, "The connection broke before the file was complete.")
      }
      return bytes
    }
    environment.variables = variables.merging(["KITTYCASH_TOKEN": session.token]) { $1 }
    let script: any ScriptCommand
    do {
      var command = try KittyTUI.parseAsRoot(arguments)
      if let found = command as? any ScriptCommand {
        script = found
      } else {
        // Help, which is thrown.
        try command.run()
        return 0
      }
    } catch {
      let isHelp = KittyTUI.exitCode(for: error) == .success
      let text = isHelp ? nil : AddCommand.advice(for: arguments[...])
      let stream = isHelp ? FileDescriptor.standardOutput : .standardError
      _ = try? stream.writeAll("\(text ?? KittyTUI.fullMessage(for: error))\n".utf8)
      return isHelp ? 0 : CommandStatus.usage.rawValue
    }
    Self.watch(gateway, isRead: script is any ReportingCommand || script is WatchCommand)
    if !(script is WatchCommand) { Self.end(after: Self.timeout) { false } }
    let status = await ScriptRun.run(script, environment)
    // The gateway ends the session.
    withExtendedLifetime(gateway) {}
    return status.rawValue
  }
}
