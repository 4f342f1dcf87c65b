import Foundation
import Testing

/// A Redis for one test, which may kill it.
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
