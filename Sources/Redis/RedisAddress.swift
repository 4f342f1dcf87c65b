import Foundation

/// The address of Redis, with the password and the database: `redis://:password@host:6379/0`, or `rediss://…` for TLS.
struct RedisAddress: Sendable, Equatable {
  let host: String
  let port: Int32
  let user: String?
  let password: String?
  let database: Int
  /// `true` for TLS.
  let isSecure: Bool
  /// The file with the certificates of the authorities that sign for the server; `nil` for those of the system.
  let authorities: String?

  /// - Throws: `RedisError.invalidURL`.
  init(url text: String) throws(RedisError) {
    guard let url = URLComponents(string: text), url.scheme == "redis" || url.scheme == "rediss" else {
      throw .invalidURL("write redis://:password@host:6379/0, or rediss://… for TLS.")
    }
    // The encoded host: decoding it would load ICU's tables into memory.
    guard let host = url.encodedHost, !host.isEmpty else { throw .invalidURL("the host is missing.") }
    guard let port = Int32(exactly: url.port ?? 6379), (1...65_535).contains(port) else {
      throw .invalidURL("the port must be a number from 1 to 65535.")
    }
    let path = url.path.drop { $0 == "/" }
    guard path.isEmpty || Int(path) != nil, let database = path.isEmpty ? 0 : Int(path), database >= 0 else {
      throw .invalidURL("the database after the last / must be a number.")
    }
    self.host = host
    self.port = port
    user = url.user.flatMap { $0.isEmpty ? nil : $0 }
    password = url.password.flatMap { $0.isEmpty ? nil : $0 }
    isSecure = url.scheme == "rediss"
    authorities = url.queryItems?.first { $0.name == "ca" }?.value
    self.database = database
  }
}
