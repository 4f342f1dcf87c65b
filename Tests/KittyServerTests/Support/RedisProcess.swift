import Foundation
import Testing

/// A Redis for one test, which may kill it.
final class RedisProcess {
  static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/redis-server")
  static let isOpenSSLInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
  private let port: Int
  private let options: [String]
  private var child: BackgroundProgram?
  var url: String { "redis://127.0.0.1:\(port)" }

  init() throws {
    port = try freePort()
    options = ["--port", "\(port)"]
    try start()
  }

  /// Starts a Redis that speaks TLS only, with the certificate and key `redis.pem` of a folder, and has a password.
  init(certificateIn folder: String, password: String) throws {
    port = try freePort()
    options = [
      "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", folder + "/redis.pem", "--tls-key-file",
      folder + "/redis.pem", "--tls-ca-cert-file", folder + "/redis.pem", "--tls-auth-clients", "no",
      "--requirepass", password,
    ]
    try start()
  }

  /// The address for TLS.
  func secureURL(_ login: String, host: String = "127.0.0.1", query: String = "") -> String {
    "rediss://\(login)\(host):\(port)/0\(query)"
  }

  func start() throws {
    child = try BackgroundProgram(
      "/usr/bin/redis-server",
      [
        "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", NSTemporaryDirectory(),
      ] + options)
  }

  func signal(_ signal: Int32) { child?.signal(signal) }

  func kill() {
    child?.kill()
    child = nil
  }
}
