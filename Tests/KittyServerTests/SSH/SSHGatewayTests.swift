import Dispatch
import FoundationEssentials
import KittyShared
import POSIX
import ServiceLifecycle
import Synchronization
import SystemPackage
import Testing

@testable import KittyServer

/// The ssh gateway over its socket: offers of sshd, tickets, sessions and their end.
@Suite struct SSHGatewayTests {
  /// A connection to the gateway.
  private final class Client: Sendable {
    private let socket: FileDescriptor

    init(_ path: String) throws { socket = try UnixSocket.connect(to: path) }

    deinit { try? socket.close() }

    /// Sends a message and reads the answer; `nil` at the end of the connection.
    func ask(_ message: GatewayMessage) async throws -> GatewayReply? {
      try socket.writeAll(try JSON.bytes(of: message) + [10])
      return try await read()
    }

    /// Reads the next answer within ten seconds, on a thread that the gateway does not need.
    func read() async throws -> GatewayReply? {
      try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try self.readNext() }) }
      }
    }

    private func readNext() throws -> GatewayReply? {
      var line: [UInt8] = []
      while line.last != 10 {
        let isReadable = POSIX.Readiness.wait(for: [socket], timeout: .seconds(10))[0].isReadable
        try #require(isReadable, "no answer")
        let bytes = try socket.readAvailable(upTo: 1)
        guard !bytes.isEmpty else { return nil }
        line += bytes
      }
      return try JSON.decode(GatewayReply.self, from: Data(line))
    }

    func send(_ bytes: [UInt8]) throws { _ = try socket.writeAll(bytes) }
  }

  /// The processes above this one, as the gateway sees them: sshd for a connection, or something else.
  private final class Processes: Sendable {
    private let now = Mutex<[ProcessStatus]>([])

    func be(_ connection: Int32, name: String = "sshd") {
      let status = ProcessStatus(ProcessIdentity(id: connection, start: 1), name: name, parent: 1)
      now.withLock {
        $0 = [status, ProcessStatus(ProcessIdentity(id: 1, start: 0), name: "init", parent: 0)]
      }
    }

    var all: [ProcessStatus] { now.withLock { $0 } }
  }

  private struct Fixture: Sendable {
    let server: TestServer
    let path: String
    let processes: Processes
    let pair: SSHKeyPair
    let anna: String

    var key: String { SSHAccessTests.line(pair) }

    /// Offers a key in a connection.
    func ticket(_ key: String? = nil, connection: Int32) async throws -> String? {
      processes.be(connection)
      guard
        case .accepted(let line)? = try await Client(path).ask(
          .offer(key: key ?? self.key, program: "/usr/bin/kittycash"))
      else { return nil }
      #expect(line.hasPrefix("restrict,pty,command=\"/usr/bin/kittycash ssh-session "))
      #expect(line.hasSuffix("\" \(key ?? self.key)"))
      return String(try #require(line.split(separator: " ").dropFirst(2).first?.dropLast()))
    }

    /// Opens a session with a new ticket.
    func open(_ client: Client, connection: Int32) async throws -> Session {
      let ticket = try #require(try await ticket(connection: connection))
      let reply = try await client.ask(.open(ticket: ticket, address: "192.0.2.1"))
      guard case .opened(let session)? = reply else {
        throw Problem(500, "none", "No session", "\(String(describing: reply))")
      }
      return session
    }
  }

  private func run(
    limits: SSHGateway.Limits = .init(), _ body: @escaping @Sendable (Fixture) async throws -> Void
  ) async throws {
    try await SSHAccessTests.run(on: .sqlite) { (server, client) async throws in
      let anna = try await server.signUp()
      let pair = try await SSHKeyPair()
      let added = try await server.send(
        "POST", "/v1/me/keys", token: anna,
        json: String(decoding: JSON.encode(NewSSHKey(key: pair.line)), as: UTF8.self))
      try #require(added.status == 201)
      let path = "/tmp/kitty-\(ID(at: .now)).sock"
      let processes = Processes()
      let (ready, report) = AsyncStream.makeStream(of: Void.self)
      let gateway = SSHGateway(
        path: path, server: client, limits: limits, logger: .silent, ancestors: { _ in processes.all },
        onReady: { report.yield() })
      let group = ServiceGroup(configuration: .init(services: [.init(service: gateway)], logger: .silent))
      let running = Task { try await group.run() }
      var iterator = ready.makeAsyncIterator()
      _ = await iterator.next()
      let fixture = Fixture(server: server, path: path, processes: processes, pair: pair, anna: anna)
      let outcome: Result<Void, any Error>
      do { outcome = .success(try await body(fixture)) } catch { outcome = .failure(error) }
      await group.triggerGracefulShutdown()
      try await running.value
      try outcome.get()
    }
  }

  private func code(_ reply: GatewayReply?) -> String? {
    if case .problem(let problem)? = reply { problem.code } else { nil }
  }

  @Test func sessionLastsAsLongAsItsConnection() async throws {
    try await run { (fixture) async throws in
      var client: Client? = try Client(fixture.path)
      let session = try await fixture.open(try #require(client), connection: 10)
      #expect(session.user.name == "anna")
      #expect(try await fixture.server.send("GET", "/v1/me", token: session.token).status == 200)
      client = nil
      try await until {
        try await fixture.server.send("GET", "/v1/me", token: session.token).status == 401
      }
      _ = client
    }
  }

  @Test func ticketIsForItsConnectionOnce() async throws {
    try await run { (fixture) async throws in
      let ticket = try #require(try await fixture.ticket(connection: 10))
      fixture.processes.be(11)
      #expect(
        code(try await Client(fixture.path).ask(.open(ticket: ticket, address: nil))) == "useless_token")
      fixture.processes.be(10)
      let client = try Client(fixture.path)
      guard case .opened? = try await client.ask(.open(ticket: ticket, address: nil)) else {
        Issue.record("the own connection is refused")
        return
      }
      #expect(code(try await client.ask(.open(ticket: ticket, address: nil))) == "useless_token")
      #expect(
        code(try await Client(fixture.path).ask(.open(ticket: ticket, address: nil))) == "useless_token")
      // In a connection whose client was started, sshd offers no key any more: a program in the session would.
      #expect(
        code(try await Client(fixture.path).ask(.offer(key: fixture.key, program: "x"))) == "not_allowed")
    }
  }

  @Test func onlySshdOffersKeys() async throws {
    try await run { (fixture) async throws in
      fixture.processes.be(10, name: "bash")
      #expect(
        code(try await Client(fixture.path).ask(.offer(key: fixture.key, program: "x"))) == "not_allowed")
      let unknown = SSHAccessTests.line(try await SSHKeyPair())
      #expect(try await fixture.ticket(unknown, connection: 12) != nil)
      #expect(try await fixture.ticket("ssh-ed25519 AAAA", connection: 13) == nil)
    }
  }

  @Test func removedKeyEndsItsSessionsWithinASecond() async throws {
    try await run { (fixture) async throws in
      let client = try Client(fixture.path)
      _ = try await fixture.open(client, connection: 10)
      let keys = try await fixture.server.send("GET", "/v1/me/keys", token: fixture.anna).decode(
        Page<SSHKey>.self)
      #expect(
        try await fixture.server.send("DELETE", "/v1/me/keys/\(keys.items[0].id)", token: fixture.anna).status
          == 204)
      guard case .ended? = try await client.read() else {
        Issue.record("the client was not told")
        return
      }
      #expect(try await client.read() == nil)
    }
  }

  @Test func unknownKeyIsWelcomedAndSignsUp() async throws {
    try await run { (fixture) async throws in
      let pair = try await SSHKeyPair()
      let ticket = try #require(try await fixture.ticket(SSHAccessTests.line(pair), connection: 10))
      let client = try Client(fixture.path)
      guard
        case .welcome(let type, let fingerprint, let signUp)? = try await client.ask(
          .open(ticket: ticket, address: "192.0.2.1"))
      else {
        Issue.record("no welcome")
        return
      }
      let expected = try await pair.fingerprint()
      #expect(type == "ssh-ed25519" && fingerprint == expected && signUp == "open")
      // A code belongs to a known key.
      #expect(code(try await client.ask(.code(digits: "123456"))) == "malformed")
      #expect(
        code(try await client.ask(.signUp(name: "anna", displayName: nil, invite: nil))) == "name_taken")
      guard
        case .opened(let session)? = try await client.ask(
          .signUp(name: "cleo", displayName: nil, invite: nil))
      else {
        Issue.record("no session")
        return
      }
      #expect(session.user.name == "cleo")
      #expect(code(try await client.ask(.link(name: "anna", password: "x", code: nil))) == "malformed")
    }
  }

  @Test func numberOfSessionsIsLimited() async throws {
    var limits = SSHGateway.Limits()
    limits.ofKey = 2
    try await run(limits: limits) { (fixture) async throws in
      let clients = try (0..<2).map { _ in try Client(fixture.path) }
      for (number, client) in clients.enumerated() {
        _ = try await fixture.open(client, connection: Int32(20 + number))
      }
      let ticket = try #require(try await fixture.ticket(connection: 30))
      #expect(code(try await Client(fixture.path).ask(.open(ticket: ticket, address: nil))) == "unavailable")
      withExtendedLifetime(clients) {}
    }
  }

  @Test func strangersLeavePlacesToOthers() async throws {
    try await run { (fixture) async throws in
      func stranger(_ connection: Int32) async throws -> (Client, GatewayReply?) {
        let key = SSHAccessTests.line(try await SSHKeyPair())
        let ticket = try #require(try await fixture.ticket(key, connection: connection))
        let client = try Client(fixture.path)
        return (client, try await client.ask(.open(ticket: ticket, address: "192.0.2.1")))
      }
      var clients: [Client] = []
      for connection in 40..<43 {
        let (client, reply) = try await stranger(Int32(connection))
        guard case .welcome? = reply else {
          Issue.record("\(String(describing: reply))")
          return
        }
        clients.append(client)
      }
      #expect(code(try await stranger(43).1) == "unavailable")
      _ = try await fixture.open(try Client(fixture.path), connection: 44)
      withExtendedLifetime(clients) {}
    }
  }

  @Test func strangerHasNotForever() async throws {
    var limits = SSHGateway.Limits()
    limits.answering = .milliseconds(300)
    try await run(limits: limits) { (fixture) async throws in
      let key = SSHAccessTests.line(try await SSHKeyPair())
      let ticket = try #require(try await fixture.ticket(key, connection: 50))
      let client = try Client(fixture.path)
      guard case .welcome? = try await client.ask(.open(ticket: ticket, address: nil)),
        case .ended? = try await client.read()
      else {
        Issue.record("the client was not ended")
        return
      }
      #expect(try await client.read() == nil)
    }
  }

  @Test func linesThatAreNoMessagesAreRefused() async throws {
    try await run { (fixture) async throws in
      let client = try Client(fixture.path)
      try client.send(Array("{}\n".utf8))
      #expect(code(try await client.read()) == "malformed")
      try client.send(Array("no JSON\n".utf8))
      #expect(code(try await client.read()) == "malformed")
      // A line without an end is bounded.
      let endless = try Client(fixture.path)
      await #expect(throws: (any Error).self) {
        for _ in 0..<64 { try endless.send([UInt8](repeating: 0x20, count: 4096)) }
        if try await endless.read() == nil { throw Errno.brokenPipe }
      }
    }
  }
}
