import FoundationEssentials
import KittyShared

/// The session that is kept between runs, in a file for each server. It holds a token that can be ended,
/// never a password.
struct TokenFile: Sendable {
  private let file: PrivateFile
  var path: String { file.path }

  /// What the file holds.
  struct Content: Codable, Equatable {
    var server: String
    var name: String
    var token: String
  }

  /// The file of a server.
  init(server: ServerAddress, environment: [String: String]) {
    let name = String(server.url.map { $0.isLetter || $0.isNumber || $0 == "." || $0 == "-" ? $0 : "_" })
    file = PrivateFile(path: "\(PrivateFile.folder(environment))/\(name).session")
  }

  /// The stored session; `nil` when there is none.
  /// - Throws: `PrivateFile.Unsafe` when the file is a link or somebody else's.
  func read() throws(PrivateFile.Unsafe) -> Content? {
    // A file that was cut off is as good as none: one signs in again.
    try file.read().flatMap { try? JSON.decode(Content.self, from: Data($0)) }
  }

  /// Stores a session.
  /// - Throws: `PrivateFile.Unsafe` when it cannot be written.
  func write(_ content: Content) throws { try file.write(try JSON.bytes(of: content)) }

  /// Forgets the session.
  func remove() { file.remove() }
}
