import Foundation
import Testing

/// A Redis of a test's own, which it may kill.
final class RedisProcess {
  static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/redis-server")
  private let port: Int
  private var child: BackgroundProgram?
  var url: String { "redis://127.0.0.1:\(port)" }

  init() throws {
    port = try freePort()
    try start()
  }

  func start() throws {
    child = try BackgroundProgram(
      "/usr/bin/redis-server",
      [
        "--bind", "127.0.0.1", "--port", "\(port)", "--save", "", "--appendonly", "no", "--dir",
        NSTemporaryDirectory(),
      ])
  }

  func signal(_ signal: Int32) { child?.signal(signal) }

  func kill() {
    child?.kill()
    child = nil
  }
}

/// A port that nobody listens on just now, below the range from which the system gives ports to whoever asks
/// for any.
func freePort() throws -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  for _ in 0..<100 {
    let port = UInt16.random(in: 10_000..<32_000)
    address.sin_port = port.bigEndian
    let isFree = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    if isFree { return Int(port) }
  }
  throw NoPort()
}

/// No port is free.
struct NoPort: Error {}

/// Waits until a condition holds, for twenty seconds at most.
func until(
  sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
  let end = ContinuousClock.now + .seconds(20)
  while try await !condition() {
    try #require(ContinuousClock.now < end, "it never came true", sourceLocation: sourceLocation)
    try await Task.sleep(for: .milliseconds(5))
  }
}
