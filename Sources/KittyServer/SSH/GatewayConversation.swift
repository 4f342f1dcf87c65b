import FoundationEssentials
import KittyShared
import Logging
import NIOCore
import POSIX

/// The messages of one connection to the ssh gateway.
struct GatewayConversation: Sendable {
  let gateway: SSHGateway
  /// The process at the other end.
  let peer: PeerCredentials
  let channel: any Channel
  private var key: SSHTickets.Key?
  private var address: String?
  private var place: Int?
  private var session: ID?

  init(gateway: SSHGateway, peer: PeerCredentials, channel: any Channel) {
    self.gateway = gateway
    self.peer = peer
    self.channel = channel
  }

  /// Answers a message.
  mutating func answer(_ line: [UInt8]) async -> GatewayReply {
    let message: GatewayMessage
    do { message = try JSON.decode(GatewayMessage.self, from: Data(line)) } catch {
      return .problem(problem: Self.misplaced)
    }
    do throws(Problem) {
      switch message {
      case .offer(let key, let program): return try await offer(key, program)
      case .open(let ticket, let address): return try await open(ticket, address)
      case .code(let digits): return .opened(session: try await begin(code: digits))
      case .signUp(let name, let displayName, let invite):
        return .opened(
          session: try await welcome(.signUp) { key, address in
            KeySignUp(key: key, address: address, name: name, displayName: displayName, invite: invite)
          })
      case .link(let name, let password, let code):
        return .opened(
          session: try await welcome(.link) { key, address in
            KeyLink(key: key, address: address, name: name, password: password, code: code)
          })
      }
    } catch {
      return .problem(problem: error)
    }
  }

  /// Gives the place of the session back, and ends the session.
  func close() async {
    if let place { gateway.leave(place) }
    guard let session else { return }
    // Also when the gateway stops, which cancels this task. Then the clients have a second to keep their drafts.
    let task = Task { [gateway] in
      if gateway.isStopping { try await Task.sleep(for: .seconds(1)) }
      return try await gateway.server.send(.endSessions, SessionList(sessions: [session]), SessionList.self)
    }
    do { _ = try await task.value } catch {
      gateway.noteUnended(session)
      gateway.logger.warning("a session was not ended yet", metadata: ["why": "\(error)"])
    }
  }

  // MARK: - Messages

  private func offer(_ key: String, _ program: String) async throws(Problem) -> GatewayReply {
    // The account of sshd's command, or root.
    guard peer.user == CurrentProcess.effectiveUser || peer.user.rawValue == 0 else {
      throw Problem(
        403, "not_allowed", "Not allowed", "Keys are offered by the account that runs the gateway only.")
    }
    let ancestors = gateway.ancestors(peer.process)
    // The process of sshd for the connection runs the command. What runs in an open session runs no such command.
    guard let connection = ancestors.first, connection.name.hasPrefix("sshd"),
      !gateway.hasStarted(ancestors.map(\.identity))
    else {
      throw Problem(403, "not_allowed", "Not allowed", "Keys are offered by sshd only.")
    }
    let state: KeyState = try await gateway.server.send(.lookup, KeyLookup(key: key))
    guard state.state != .refused else { return .refused }
    let verified = SSHTickets.Key(line: key, isKnown: state.state == .known, signUp: state.signUp)
    guard let ticket = try? gateway.tickets.issue(verified, to: connection.identity) else {
      throw Problem(.unavailable("Too many clients are connecting. Try again in a few seconds."))
    }
    return .accepted(line: "restrict,pty,command=\"\(program) ssh-session \(ticket)\" \(key)")
  }

  private mutating func open(_ ticket: String, _ address: String?) async throws(Problem) -> GatewayReply {
    let ancestors = gateway.ancestors(peer.process).map(\.identity)
    guard key == nil, let (key, connection) = gateway.tickets.redeem(ticket, ancestors: ancestors) else {
      gateway.logger.notice("a ticket was refused", metadata: ["process": "\(peer.process)"])
      throw Problem(
        403, "useless_token", "This connection cannot be used",
        "A connection of ssh opens KittyCash once, within ten seconds after it was made. Connect again.")
    }
    gateway.start(connection)
    self.key = key
    self.address = address
    guard let place = gateway.takePlace(channel, key: key, address: address) else {
      self.key = nil
      throw Problem(.unavailable("Too many sessions are open. Close some, or try again later."))
    }
    self.place = place
    guard key.isKnown else {
      let fingerprint = (try? SSHPublicKey.read(line: key.line).key.fingerprint) ?? ""
      let type = key.line.split(separator: " ").first.map(String.init) ?? ""
      return .welcome(type: type, fingerprint: fingerprint, signUp: key.signUp)
    }
    return .opened(session: try await begin(code: nil))
  }

  private mutating func begin(code: String?) async throws(Problem) -> Session {
    guard let key, key.isKnown, session == nil else { throw Self.misplaced }
    return try await opened(.open, KeyOpening(key: key.line, address: address, code: code))
  }

  private mutating func welcome(
    _ path: GatewayPath, _ request: (String, String?) -> some Encodable & Sendable
  ) async throws(Problem) -> Session {
    guard let key, !key.isKnown, session == nil else { throw Self.misplaced }
    return try await opened(path, request(key.line, address))
  }

  private mutating func opened(
    _ path: GatewayPath, _ request: some Encodable & Sendable
  ) async throws(Problem) -> Session {
    let session: Session = try await gateway.server.send(path, request)
    self.session = session.id
    if let place { gateway.note(session.id, at: place) }
    return session
  }

  private static let misplaced = Problem(
    400, "malformed", "The message cannot be read", "The gateway and the client are of different versions.")
}
