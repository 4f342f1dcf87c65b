import Foundation
import KittyShared
import TestSupport
import Testing

@testable import KittyServer

/// A server with a low limit of open files.
struct OpenFileLimitTests {
  private static let program = Bundle.main.bundleURL.appending(path: "kittycash-server").path

  @Test func connectionBeyondTheFileLimitWaits() async throws {
    let folder = NSTemporaryDirectory() + "kitty-test-" + ID(at: .now).description
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let port = try freePort()
    let server = try BackgroundProgram(
      "/bin/bash",
      [
        "-c", #"ulimit -n 320; exec "$0" serve --port "$1" --data "$2""#, Self.program, "\(port)", folder,
      ])
    defer { server.kill() }
    try await until { (try? RawConnection(port: port)) != nil }

    func ask() throws -> RawConnection {
      let connection = try RawConnection(port: port)
      connection.send("GET /health/ready HTTP/1.1\r\nHost: x\r\n\r\n")
      return connection
    }
    func isAnswered(_ connection: RawConnection, within seconds: Double) async throws -> Bool {
      try await connection.wait(seconds: seconds) { $0.received.hasPrefix("HTTP/1.1 200 ") }
    }
    // Clients get a quarter of the limit when the reserve would leave fewer.
    var clients: [RawConnection] = []
    for _ in 0..<80 {
      let client = try ask()
      try #require(try await isAnswered(client, within: 20), "client \(clients.count)")
      clients.append(client)
    }
    let next = try ask()
    #expect(try await !isAnswered(next, within: 0.5))
    clients.removeFirst()
    #expect(try await isAnswered(next, within: 20))
  }
}
