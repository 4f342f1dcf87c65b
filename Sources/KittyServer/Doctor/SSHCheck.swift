import KittyShared

/// The port for ssh gateways: it answers, with the secret of these settings.
struct SSHCheck: Check {
  let part = "ssh"
  let host: String
  let ssh: Settings.SSH

  func findings() async throws -> [Finding] {
    guard ssh.port != 0 else {
      return [.ok("SSH_GATEWAY_PORT is 0, so the port for ssh gateways is not known.")]
    }
    let url = ServerCheck.base(host: host, port: ssh.port)
    let client = SSHGatewayClient(url: url, secret: ssh.secret)
    defer { client.close() }
    do throws(Problem) {
      let _: SessionList = try await client.send(.openSessions, SessionList(sessions: []))
    } catch {
      return [
        error.status == 401
          ? .fault("The server has another SSH_SECRET than these settings. Restart it.")
          : .fault("The port for ssh gateways at \(url) does not answer. Restart the server.")
      ]
    }
    return [
      .ok(
        "The port for ssh gateways at \(url) answers, and unknown keys are \(ssh.unknownKeys == .welcome ? "welcome" : "refused")."
      )
    ]
  }
}
