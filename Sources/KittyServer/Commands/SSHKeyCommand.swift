import ArgumentParser
import FoundationEssentials
import KittyShared
import POSIX
import SystemPackage

/// `kittycash-server ssh-key`.
struct SSHKeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ssh-key", abstract: "For sshd: print the line of a key that may come in.",
    discussion: """
      The program of AuthorizedKeysCommand, with the arguments %t %k. It asks the ssh gateway, and prints nothing for a \
      key that may not come in.
      """)

  @Option(help: ArgumentHelp("The socket of the ssh gateway.", valueName: "path"))
  var socket = GatewaySocket.path
  @Option(help: ArgumentHelp("The client that sshd shall start.", valueName: "path"))
  var client = "/usr/bin/kittycash"
  @Argument(help: "The type of the key.") var type: String
  @Argument(help: "The base64 of the key.") var key: String

  /// Maximum time to wait for the gateway.
  private static let timeout: Duration = .seconds(8)

  func run() throws {
    do {
      let reply = try GatewayLine.ask(
        .offer(key: "\(type) \(key)", program: client), at: socket, timeout: Self.timeout)
      switch reply {
      case .accepted(let line): StandardOutput.write(line: line)
      case .problem(let problem): throw ExitMessage(message: "kittycash-server: \(problem.detail)")
      default: break
      }
    } catch let error as Errno {
      throw ExitMessage(
        message:
          "kittycash-server: the ssh gateway at \(socket) does not answer (\(error)). Check that it runs.")
    }
  }
}

/// One question to the ssh gateway.
private enum GatewayLine {
  static func ask(
    _ message: GatewayMessage, at path: String, timeout: Duration
  ) throws -> GatewayReply {
    let socket = try UnixSocket.connect(to: path)
    defer { try? socket.close() }
    try socket.writeAll(try JSON.bytes(of: message) + [UInt8(ascii: "\n")])
    let end = ContinuousClock.now + timeout
    var line: [UInt8] = []
    while line.last != UInt8(ascii: "\n") {
      guard POSIX.Readiness.wait(for: [socket], timeout: end - .now)[0].isReadable else {
        throw Errno.timedOut
      }
      let bytes = try socket.readAvailable(upTo: GatewaySocket.maxLine)
      guard !bytes.isEmpty, line.count < GatewaySocket.maxLine else { throw Errno.connectionReset }
      line += bytes
    }
    return try JSON.decode(GatewayReply.self, from: Data(line))
  }
}
