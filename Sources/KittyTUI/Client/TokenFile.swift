import FoundationEssentials
import KittyShared

/// The stored session, in a file for each server. It has a token that can be revoked, never a password.
struct TokenFile: Sendable {
  private let file: PrivateFile
  private let lastServer: PrivateFile
  /// The device tokens for the same server.
  let devices: DeviceTokenFile
  /// The path of the folder of the drafts for the same server.
  let drafts: String
  var path: String { file.path }

  /// The content of the file.
  struct Content: Codable, Equatable {
    var server: String
    var name: String
    var token: String
  }

  /// The file of a server.
  init(server: ServerAddress, environment: [String: String]) {
    let folder = PrivateFile.folder(environment)
    let name = PrivateFile.name(of: server)
    let path = "\(folder)/\(name)"
    drafts = "\(folder)/drafts/\(name)"
    lastServer = ServerChoice.file(environment)
    file = PrivateFile(path: path + ".session")
    devices = DeviceTokenFile(path: path + ".devices")
  }

  /// Returns the stored session; `nil` without one.
  /// - Throws: `PrivateFile.Unsafe` when the file is a link or belongs to another user.
  func read() throws(PrivateFile.Unsafe) -> Content? {
    // A truncated file counts as no session: the user signs in again.
    try file.read().flatMap { try? JSON.decode(Content.self, from: Data($0)) }
  }

  /// Stores the session and the device token of a sign-in, and the server as that of the next start.
  /// - Throws: `PrivateFile.Unsafe` when a file cannot be written.
  func write(_ session: Session, at server: String) throws {
    try write(Content(server: server, name: session.user.name, token: session.token))
    if let token = session.deviceToken { try devices.keep(token, of: session.user.name) }
    try lastServer.write(Array("\(server)\n".utf8))
  }

  /// Stores a session.
  /// - Throws: `PrivateFile.Unsafe` when the file cannot be written.
  func write(_ content: Content) throws { try file.write(try JSON.bytes(of: content)) }

  /// Removes the stored session.
  func remove() { file.remove() }
}
