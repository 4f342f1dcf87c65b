import FoundationEssentials
import KittyShared

/// The device tokens of the users who signed in to a server from here, in a file for each server. It outlives the
/// session: a token opens nothing, and the next sign-in needs it.
struct DeviceTokenFile: Sendable {
  private let file: PrivateFile
  var path: String { file.path }

  /// Maximum number of users; a file of them has less than 4 KiB.
  private static let limit = 16

  /// A user and their token. The latest is the last.
  private struct Device: Codable {
    var name: String
    var token: String
  }

  init(path: String) { file = PrivateFile(path: path) }

  /// Returns the token of a user; `nil` without one.
  /// - Throws: `PrivateFile.Unsafe` when the file is a link or belongs to another user.
  func token(of name: String) throws(PrivateFile.Unsafe) -> String? {
    let name = name.lowercased()
    return try devices().last { $0.name == name }?.token
  }

  /// Stores the token of a user.
  /// - Throws: `PrivateFile.Unsafe` when the file cannot be written.
  func keep(_ token: String, of name: String) throws {
    let name = name.lowercased()
    var kept = Array(try devices().filter { $0.name != name }.suffix(Self.limit - 1))
    kept.append(Device(name: name, token: token))
    try file.write(try JSON.bytes(of: kept))
  }

  private func devices() throws(PrivateFile.Unsafe) -> [Device] {
    // A truncated file counts as empty: the next sign-in gets another token.
    try file.read().flatMap { try? JSON.decode([Device].self, from: Data($0)) } ?? []
  }
}
