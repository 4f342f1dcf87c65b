import Foundation
import Synchronization

/// A mail server that stores its messages, one connection after the other.
package final class SMTPSink: Sendable {
  /// The received messages and commands.
  private struct State: Sendable {
    var messages: [Message] = []
    var commands: [String] = []
    var refusals = 0
    var connections = 0
  }

  /// A message with its envelope.
  package struct Message: Sendable {
    /// The sender of the envelope.
    public internal(set) var from = ""
    /// The recipient of the envelope.
    public internal(set) var to: [String] = []
    /// The lines, with the head.
    public internal(set) var lines: [String] = []
    /// The lines as one text.
    package var text: String { lines.joined(separator: "\n") }
  }

  /// No port is free.
  package struct NoPort: Error {}

  private let state = Mutex(State())
  private let listener: Int32
  private let isSilent: Bool
  /// A free port on the loopback.
  package let port: Int

  /// The value for `SMTP_URL`.
  package var url: String { "smtp://127.0.0.1:\(port)" }
  /// The received messages.
  package var messages: [Message] { state.withLock(\.messages) }
  /// The number of connections.
  package var connections: Int { state.withLock(\.connections) }
  /// The received commands.
  package var commands: [String] { state.withLock(\.commands) }

  /// - Parameters:
  ///   - refusing: The number of messages to reject before one is accepted.
  ///   - isSilent: True to accept connections without a response.
  package init(refusing: Int = 0, isSilent: Bool = false) throws {
    self.isSilent = isSilent
    state.withLock { $0.refusals = refusing }
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (descriptor, length) = (listener, size)
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    guard isBound else { throw NoPort() }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread.detachNewThread { [self] in
      while case let connection = acceptedConnection(on: listener), connection >= 0 {
        serve(connection)
      }
      close(listener)
    }
  }

  /// Accepts no more connections.
  package func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  private func serve(_ connection: Int32) {
    guard let stream = fdopen(connection, "r") else { return }
    defer { fclose(stream) }
    state.withLock { $0.connections += 1 }
    func say(_ line: String) {
      _ = Array("\(line)\r\n".utf8).withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
    }
    func hear() -> String? {
      var (text, size) = (nil as UnsafeMutablePointer<CChar>?, 0)
      defer { free(text) }
      guard getline(&text, &size, stream) > 0, let text else { return nil }
      return String(cString: text).trimmingCharacters(in: .newlines)
    }
    var message = Message()
    if !isSilent { say("220 sink ESMTP") }
    while let line = hear() {
      state.withLock { $0.commands.append(line) }
      switch line.prefix(4).uppercased() {
      case "EHLO", "HELO": say("250 sink")
      case "NOOP": say("250 ok")
      case "MAIL":
        let isRefused = state.withLock { state in
          state.refusals -= 1
          return state.refusals >= 0
        }
        message = Message(from: String(line.dropFirst("MAIL FROM:".count)))
        say(isRefused ? "451 later" : "250 ok")
      case "RCPT":
        message.to.append(String(line.dropFirst("RCPT TO:".count)))
        say("250 ok")
      case "DATA":
        say("354 go on")
        while let line = hear(), line != "." {
          message.lines.append(line.hasPrefix(".") ? String(line.dropFirst()) : line)
        }
        state.withLock { [message] in $0.messages.append(message) }
        say("250 ok")
      case "QUIT":
        say("221 bye")
        return
      default: say("502 what?")
      }
    }
  }
}
