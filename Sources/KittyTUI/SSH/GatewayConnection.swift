import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// The connection to the ssh gateway of this machine. The session of the client ends with it, and the client ends when the
/// gateway closes it.
final class GatewayConnection: Sendable {
  private let socket: FileDescriptor

  /// Maximum time to wait for an answer. The gateway waits shorter for the server.
  private static let timeout: Duration = .seconds(25)

  /// - Throws: `CommandFailure` when the gateway does not answer.
  init(path: String) throws(CommandFailure) {
    do { socket = try UnixSocket.connect(to: path) } catch {
      throw CommandFailure(
        .unreachable,
        "KittyCash cannot be reached here. Tell the operator: the ssh gateway is down (\(error)).")
    }
  }

  deinit { try? socket.close() }

  /// Sends a message, and waits for the answer.
  /// - Throws: `CommandFailure` for a refusal, with the code of the server, and when no answer comes.
  func ask(_ message: GatewayMessage) throws(CommandFailure) -> GatewayReply {
    let reply: GatewayReply?
    do {
      try socket.writeAll(try JSON.bytes(of: message) + [UInt8(ascii: "\n")])
      reply = try read(until: .now + Self.timeout)
    } catch {
      throw CommandFailure(.unreachable, "The ssh gateway does not answer (\(error)). Connect again.")
    }
    guard let reply else { throw CommandFailure(.unreachable, "The ssh gateway has closed the connection.") }
    if case .problem(let problem) = reply {
      throw CommandFailure(.problem(problem), requestID: problem.requestId ?? "")
    }
    return reply
  }

  /// Waits until the gateway closes the connection.
  func waitForEnd() {
    // Only its end is news.
    while let reply = try? read(until: nil) { if case .ended = reply { return } }
  }

  /// Reads the next line; `nil` at the end.
  private func read(until end: ContinuousClock.Instant?) throws -> GatewayReply? {
    var line: [UInt8] = []
    while line.last != UInt8(ascii: "\n") {
      let timeout = end.map { $0 - .now }
      let isReadable = Readiness.wait(for: [socket], timeout: timeout)[0].isReadable
      guard isReadable else {
        // A signal ends the wait too.
        if timeout.map({ $0 <= .zero }) == true { throw Errno.timedOut }
        continue
      }
      let bytes = try socket.readAvailable(upTo: GatewaySocket.maxLine)
      guard !bytes.isEmpty, line.count < GatewaySocket.maxLine else { return nil }
      line += bytes
    }
    return try JSON.decode(GatewayReply.self, from: Data(line))
  }
}
