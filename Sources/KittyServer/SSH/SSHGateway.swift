import Dispatch
import FoundationEssentials
import KittyShared
import Logging
import NIOCore
import NIOPosix
import POSIX
import ServiceLifecycle
import Synchronization
import SystemPackage

/// The ssh gateway: a process beside sshd, which only sshd and the clients that it starts can reach.
///
/// `AuthorizedKeysCommand` offers each key to it. For a key that may come in it makes a ticket, which is an argument of the
/// client that sshd starts. The client uses the ticket, gets a session of the account of the key, and keeps the connection
/// to the gateway open: the session ends with it, and the client ends when the gateway closes it.
final class SSHGateway: Service {
  /// The limits of the sessions that are open at the same time.
  struct Limits: Sendable {
    var sessions = 200
    /// Those of one key.
    var ofKey = 20
    /// Time to answer the questions before a session.
    var answering: Duration = .seconds(120)
  }

  /// A client that has a session or is about to get one.
  private struct Client: Sendable {
    let channel: any Channel
    let key: String
    /// The address of the client of sshd.
    let address: String?
    /// `true` for an unknown key.
    let isWelcomed: Bool
    let since = ContinuousClock.now
    var session: ID?
  }

  private struct State: Sendable {
    var clients: [Int: Client] = [:]
    var nextClient = 0
    /// The connections whose client was started: sshd offers no further key for them.
    var started: Set<ProcessIdentity> = []
    /// Sessions whose end the server has not heard of.
    var unended: Set<ID> = []
    var isStopping = false
  }

  let tickets = SSHTickets()
  let server: SSHGatewayClient
  let logger: Logger
  private let limits: Limits
  private let path: String
  private let onReady: @Sendable () -> Void
  /// Returns the processes from the parent of a process to the first one.
  let ancestors: @Sendable (Int32) -> [ProcessStatus]
  private let state = Mutex(State())
  private let sockets = ConcurrencyLimiter(limit: 1000)

  /// Time between two questions for sessions that were ended.
  private static let interval: Duration = .milliseconds(400)

  /// - Parameters:
  ///   - path: The path of the socket.
  ///   - ancestors: Returns the processes from the parent of a process to the first one.
  ///   - onReady: Called once it listens.
  init(
    path: String, server: SSHGatewayClient, limits: Limits = Limits(), logger: Logger,
    ancestors: @escaping @Sendable (Int32) -> [ProcessStatus] = { ProcessStatus.ancestors(of: $0) },
    onReady: @escaping @Sendable () -> Void = {}
  ) {
    self.path = path
    self.server = server
    self.limits = limits
    self.logger = logger
    self.ancestors = ancestors
    self.onReady = onReady
  }

  /// Serves until a graceful shutdown, and ends all sessions then.
  func run() async throws {
    // The group of the socket may connect: the account of the sessions is in it.
    let listener = try UnixSocket.listen(
      at: path,
      permissions: [.ownerRead, .ownerWrite, .groupRead, .groupWrite])
    let (accepted, continuation) = AsyncStream.makeStream(of: SystemPackage.FileDescriptor.self)
    DispatchQueue(label: "ssh gateway").async {
      while !self.isStopping {
        // Without free descriptors or memory it goes on later.
        if let socket = try? UnixSocket.accept(on: listener) {
          continuation.yield(socket)
        } else {
          _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(100))
        }
      }
      continuation.finish()
    }
    logger.notice("listening", metadata: ["socket": "\(path)"])
    onReady()
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        group.addTask { await self.watch() }
        for await socket in accepted {
          guard sockets.tryAcquire() else {
            try? socket.close()
            continue
          }
          group.addTask {
            await self.serve(socket)
            self.sockets.release()
          }
        }
        group.cancelAll()
      }
    } onGracefulShutdown: {
      self.stop()
      UnixSocket.shutDown(listener)
    }
    try? listener.close()
  }

  private func serve(_ socket: SystemPackage.FileDescriptor) async {
    let peer: PeerCredentials
    do { peer = try PeerCredentials(of: socket) } catch {
      logger.warning("a connection could not be served", metadata: ["error": "\(error)"])
      try? socket.close()
      return
    }
    do {
      let channel = try await ClientBootstrap(group: NIOSingletons.posixEventLoopGroup)
        .withConnectedSocket(socket.rawValue) { channel in
          channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
          }
        }
      var conversation = GatewayConversation(gateway: self, peer: peer, channel: channel.channel)
      do {
        try await channel.executeThenClose { inbound, outbound in
          var unread = ByteBuffer()
          for try await buffer in inbound {
            unread.writeImmutableBuffer(buffer)
            while let line = unread.readLine() {
              try await outbound.write(Self.line(await conversation.answer(line)))
            }
            guard unread.readableBytes <= GatewaySocket.maxLine else { return }
          }
        }
      } catch {
        logger.debug("a connection ended", metadata: ["error": "\(error)"])
      }
      await conversation.close()
    } catch {
      logger.warning("a connection could not be served", metadata: ["error": "\(error)"])
    }
  }

  private static func line(_ reply: GatewayReply) throws -> ByteBuffer {
    ByteBuffer(bytes: try JSON.bytes(of: reply) + [UInt8(ascii: "\n")])
  }

  // MARK: - Clients

  /// Notes that the client of a connection was started.
  func start(_ connection: ProcessIdentity) {
    state.withLock { state in
      // Connections that have ended need no entry any more.
      if state.started.count > 500 {
        state.started = state.started.filter { ProcessStatus(of: $0.id)?.identity == $0 }
      }
      state.started.insert(connection)
    }
  }

  /// Returns `true` when one of the processes is a connection whose client was started.
  func hasStarted(_ processes: [ProcessIdentity]) -> Bool {
    state.withLock { state in processes.contains { state.started.contains($0) } }
  }

  /// Takes a place for a session.
  /// - Returns: `nil` when all are taken, or those of the key.
  func takePlace(_ channel: any Channel, key: SSHTickets.Key, address: String?) -> Int? {
    state.withLock { state in
      let ofKey = state.clients.values.count { $0.key == key.line }
      guard state.clients.count < limits.sessions, ofKey < limits.ofKey else { return nil }
      if !key.isKnown {
        // Strangers must leave places to those who have an account.
        let strangers = state.clients.values.filter { $0.isWelcomed && $0.session == nil }
        guard strangers.count < max(1, limits.sessions / 4),
          strangers.count(where: { $0.address == address }) < 3
        else { return nil }
      }
      state.nextClient += 1
      state.clients[state.nextClient] = Client(
        channel: channel, key: key.line, address: address, isWelcomed: !key.isKnown)
      return state.nextClient
    }
  }

  /// Notes a session whose end the server has not heard of: it is told again.
  func noteUnended(_ session: ID) { state.withLock { _ = $0.unended.insert(session) } }

  /// `true` once the gateway stops.
  var isStopping: Bool { state.withLock { $0.isStopping } }

  private func stop() {
    let clients = state.withLock { state in
      state.isStopping = true
      return state.clients.values.map(\.channel)
    }
    if let line = try? Self.line(.ended) {
      for channel in clients { channel.writeAndFlush(line, promise: nil) }
    }
  }

  /// Notes the session of a place: from now on its end ends the client.
  func note(_ session: ID, at place: Int) { state.withLock { $0.clients[place]?.session = session } }

  /// Gives a place back.
  func leave(_ place: Int) { state.withLock { $0.clients[place] = nil } }

  /// Ends the clients whose session was ended, until the task is cancelled.
  private func watch() async {
    var isReached = true
    while (try? await Task.sleep(for: Self.interval)) != nil {
      let (clients, unended) = state.withLock { (Array($0.clients.values), $0.unended) }
      let late = ContinuousClock.now - limits.answering
      for client in clients where client.session == nil && client.since < late { Self.end(client) }
      let sessions = clients.compactMap(\.session)
      guard !sessions.isEmpty || !unended.isEmpty else { continue }
      do throws(Problem) {
        if !unended.isEmpty {
          let _: SessionList = try await server.send(
            .endSessions, SessionList(sessions: Array(unended.prefix(1000))))
          state.withLock { $0.unended.subtract(unended.prefix(1000)) }
        }
        let open: SessionList = try await server.send(.openSessions, SessionList(sessions: sessions))
        let ids = Set(open.sessions)
        for client in clients where client.session.map({ !ids.contains($0) }) == true { Self.end(client) }
        isReached = true
      } catch {
        // Without the server the clients can do nothing either.
        if isReached {
          logger.warning("the server was not asked for ended sessions", metadata: ["why": "\(error.detail)"])
        }
        isReached = false
      }
    }
  }

  private static func end(_ client: Client) {
    if let line = try? line(.ended) { client.channel.writeAndFlush(line, promise: nil) }
    client.channel.close(promise: nil)
  }
}

extension ByteBuffer {
  /// Reads the bytes up to the next line feed; `nil` when there is none yet.
  fileprivate mutating func readLine() -> [UInt8]? {
    guard let end = readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let line = readBytes(length: end - readerIndex)
    moveReaderIndex(forwardBy: 1)
    discardReadBytes()
    return line
  }
}
