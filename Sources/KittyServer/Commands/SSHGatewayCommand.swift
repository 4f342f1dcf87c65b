import ArgumentParser
import FoundationEssentials
import KittyShared
import Logging
import POSIX
import ServiceLifecycle

/// `kittycash-server ssh-gateway`.
struct SSHGatewayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ssh-gateway", abstract: "Run the gateway beside sshd that lets clients in by their keys.",
    discussion: """
      It needs SSH_SECRET, or SSH_SECRET_FILE, with the secret of the server, and reaches the server at SSH_GATEWAY_URL. \
      It opens neither the database nor Redis.
      """)

  @Option(help: ArgumentHelp("The socket for sshd and the clients that it starts.", valueName: "path"))
  var socket = GatewaySocket.path
  @Option(
    help: ArgumentHelp(
      "The server's port for ssh gateways. Default: http://127.0.0.1:8081. [SSH_GATEWAY_URL]",
      valueName: "url"))
  var url: String?
  @Option(help: "The sessions that may be open at the same time.") var sessions = 200
  @Option(help: "Those of one key.") var sessionsOfKey = 20
  @Flag(help: "Check a gateway that runs: the exit code is 0 when it and the server answer.") var check =
    false

  func validate() throws {
    guard (1...10_000).contains(sessions), sessionsOfKey > 0 else {
      throw ValidationError("--sessions is from 1 to 10000, and --sessions-of-key from 1.")
    }
  }

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    let values = try await SettingValues(flags: try Settings.Flags.parse([]), environment: environment)
    let secret: String?
    do { secret = try Settings.sharedSecret(values, "SSH_SECRET") } catch {
      throw ValidationError("\(error)")
    }
    guard let secret else {
      throw ValidationError("SSH_SECRET is not set: give it the value that the server has.")
    }
    let url = url ?? values.text("SSH_GATEWAY_URL") ?? "http://127.0.0.1:8081"
    let server = SSHGatewayClient(url: url, secret: secret)
    defer { server.close() }
    if check { return try await check(server) }
    let logger = JSONLogHandler.logger("kittycash-ssh-gateway", level: .info)
    try await Startup.run(logger) {
      var limits = SSHGateway.Limits()
      limits.sessions = sessions
      limits.ofKey = sessionsOfKey
      let gateway = SSHGateway(path: socket, server: server, limits: limits, logger: logger)
      try await Startup.serve([.init(service: gateway)], logger: logger)
    }
  }

  private func check(_ server: SSHGatewayClient) async throws {
    do throws(Problem) {
      let _: SessionList = try await server.send(.openSessions, SessionList(sessions: []))
    } catch {
      throw ExitMessage(message: "kittycash-server: \(error.detail)")
    }
    do { try UnixSocket.connect(to: socket).close() } catch {
      throw ExitMessage(message: "kittycash-server: no ssh gateway answers at \(socket) (\(error)).")
    }
    StandardOutput.write(line: "Ready.")
  }
}
